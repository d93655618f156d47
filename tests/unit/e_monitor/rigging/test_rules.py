"""The rules on bid rigging rest on what the regulation says, and stay leads."""

import re
from pathlib import Path

import pytest

from libs.common.law.rule import Pattern
from services.e_monitor.check.rigging import RIGGING
from tests.unit.e_monitor.rigging.making import LAW

WORDS = {
    "CN40-1a": ("40(1)", "(一)不同投标人的投标文件由同一单位或者个人编制"),
    "CN40-2c": ("40(2)", "(二)不同投标人委托同一单位或者个人办理投标事宜"),
    "CN40-6a": ("40(6)", "(六)不同投标人的投标保证金从同一单位或者个人的账户转出"),
}
RULES = [rule for rule in LAW.book.rules if isinstance(rule, Pattern) and rule.detector in RIGGING]


def test_every_detector_has_one_rule() -> None:
    assert {rule.detector for rule in RULES} == set(RIGGING)
    assert {rule.id for rule in RULES} == set(WORDS)


@pytest.mark.shared
@pytest.mark.parametrize("name", WORDS)
def test_the_clause_says_it(shared: Path, name: str) -> None:
    text = (shared / "law/texts/招标投标法实施条例(2019-03-02).md").read_text(encoding="utf-8")
    article = re.search(r"^第四十条[\s\S]*?(?=^第四十一条)", text, re.MULTILINE)
    clause, words = WORDS[name]
    (rule,) = LAW.book.by_id[name]
    assert article is not None
    assert words in article.group()
    assert (rule.law.text, rule.law.article) == ("招标投标法实施条例", clause)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_lead_is_never_public_and_never_a_card(rule: Pattern) -> None:
    assert (rule.severity, rule.public, rule.can_be_red) == ("lead", False, False)
