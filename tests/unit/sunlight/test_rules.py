"""What the list of rules says of a rule that nothing watches."""

import json
from pathlib import Path

import pytest

from libs.common.law import installed
from sunlight.main import run

DUTY = """
rules:
  - id: GOV-050
    title: {zh: 发布年度报告, en: Publish the annual report}
    form: duty
    regime: 政府信息公开
    every: year
    month: 1
    day: 31
    done_by: cn.sunlight.disclosure.record.published.v1
    law:
      text: 政府信息公开条例
      article: "50"
      edition: 2019-04-03
      plain: {zh: 每年一月底前发布上年度报告。, en: The report of a year is out by January.}
    effective: {from: 2019-05-15}
    status: verified
"""


@pytest.fixture(autouse=True)
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One duty is all that is installed."""
    (tmp_path / "national").mkdir()
    (tmp_path / "national/duty.yaml").write_text(DUTY, "utf-8")
    monkeypatch.setattr(installed, "RULES", tmp_path)


def test_the_list_says_that_a_duty_is_not_watched(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "en", "rules", "list"]) == 0
    assert "listed only" in capsys.readouterr().out


def test_the_json_of_the_list_says_so_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "list", "--json"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)
    assert rule["watched"] is False


def test_the_duty_itself_says_so_in_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "rules", "show", "GOV-050"]) == 0
    assert "# 仅列出,不监察" in capsys.readouterr().out
