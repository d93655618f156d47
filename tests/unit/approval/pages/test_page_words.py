"""The words of the pages: one for every step and state, and never a verdict."""

import re
from pathlib import Path

import yaml

from services.approval.case.policy import TRANSITIONS

PAGES = Path(__file__).parents[4] / "services/approval/pages"


def test_no_page_speaks_a_verdict() -> None:
    verdicts = re.compile(
        "违法|违规|违纪|渎职|失职|舞弊|腐败|guilty|illegal|violat|corrupt|offence"
    )
    files = [*PAGES.glob("words/*.yaml"), *PAGES.glob("templates/*.html")]
    assert len(files) > 6
    assert [path.name for path in files if verdicts.search(path.read_text(encoding="utf-8"))] == []


def test_every_step_of_the_table_has_its_words() -> None:
    tree = yaml.safe_load((PAGES / "words/pages.yaml").read_text(encoding="utf-8"))
    steps = {line.action for line in TRANSITIONS}
    assert steps - set(tree["act"]) == set()
    assert steps - {"receive"} - set(tree["act_note"]) == set()
    states = {str(line.to) for line in TRANSITIONS if line.to}
    assert states - set(tree["state"]) == set()
    assert states - set(tree["sentence"]) == set()
