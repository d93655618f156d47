"""A survey replaces what it found before; what no longer holds is kept until it was taken back."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from libs.common.events import Event
from libs.common.law.dossier import Check, Dossier
from libs.common.law.fold import Fold
from libs.common.law.survey import Clear, Finding, Lead, Outcome, Survey, Undetermined
from tests.unit.common.law.making import book_of, guard, happened, law

DECIDED = "cn.sunlight.trading.award.decided.v1"
REPORTED = "cn.sunlight.trading.award.reported.v1"


def gather(rows: dict[str, Any], event: Event) -> None:
    """Keep each winner once told; a report forgets them."""
    if event.type == REPORTED:
        rows.clear()
    else:
        rows[event.data["winner"]] = True


def numbered(rows: Mapping[str, Any], parameters: Mapping[str, Any]) -> Outcome:
    """A lead for each winner whose name is a number above the parameter."""
    leads = [Lead(int(name), 7, {"winner": name}) for name in sorted(rows) if name.isdecimal()]
    found = tuple(lead for lead in leads if lead.occurrence > parameters["above"])
    if found:
        return Finding(found)
    return Undetermined(("winner",)) if rows else Clear()


@pytest.fixture
def fold(tmp_path: Path) -> Fold:
    """A law whose only rule is a survey of awards."""
    rule = guard() | {"form": "pattern", "detector": "numbered", "parameters": {"above": 1}}
    rule |= {"on": [DECIDED, REPORTED], "applies_when": {"mandatory": True}, "severity": "lead"}
    return replace(law(book_of(tmp_path, rule)), detectors={"numbered": Survey(gather, numbered)})


def dossier_of(fold: Fold, *winners: str, mandatory: bool | None = True) -> Dossier:
    dossier = Dossier()
    if mandatory is not None:
        dossier.facts["mandatory"] = mandatory
    for number, winner in enumerate(winners, start=1):
        fold.apply(dossier, decided(winner, number))
    fold.survey(dossier)
    return dossier


def decided(winner: str, number: int) -> Event:
    return happened("trading.award.decided", f"2026-03-{number:02}", number, winner=winner)


def stand(dossier: Dossier) -> list[tuple[int, str]]:
    return [(check.occurrence, check.verdict) for check in dossier.checks]


def test_a_survey_judges_everything_gathered_and_keeps_its_own_occurrences(fold: Fold) -> None:
    assert stand(dossier_of(fold, "3", "2")) == [(2, "violated"), (3, "violated")]


def test_the_same_lead_found_again_keeps_what_was_reported(fold: Fold) -> None:
    dossier = dossier_of(fold, "2")
    dossier.checks[0].standing = ["detected", "hash"]
    fold.apply(dossier, decided("3", 9))
    fold.survey(dossier)
    assert [check.standing for check in dossier.checks] == [["detected", "hash"], None]


def test_a_reported_lead_that_no_longer_holds_is_clear_until_it_was_taken_back(fold: Fold) -> None:
    dossier = dossier_of(fold, "2", "3")
    dossier.checks[0].standing = ["detected", "hash"]
    fold.apply(dossier, happened("trading.award.reported", "2026-03-20", 9))
    fold.survey(dossier)
    assert stand(dossier) == [(2, "clear")]
    assert dossier.checks[0].standing == ["detected", "hash"]


def test_missing_facts_are_told_and_never_a_finding(fold: Fold) -> None:
    (check,) = dossier_of(fold, "1").checks
    assert (check.verdict, check.evidence) == ("undetermined", {"missing": ["winner"]})


def test_a_rule_that_cannot_be_told_to_apply_is_undetermined(fold: Fold) -> None:
    (check,) = dossier_of(fold, "2", mandatory=None).checks
    assert (check.verdict, check.evidence) == ("undetermined", {"missing": ["mandatory"]})


def test_a_rule_that_does_not_apply_finds_nothing(fold: Fold) -> None:
    assert dossier_of(fold, "2", mandatory=False).checks == []


def test_checks_of_other_rules_are_left_alone(fold: Fold) -> None:
    dossier = dossier_of(fold)
    dossier.checks.append(Check("OTHER@2020-01-01/1", 1, "violated", 1, {}))
    fold.apply(dossier, decided("2", 1))
    fold.survey(dossier)
    assert [check.rule.partition("@")[0] for check in dossier.checks] == ["OTHER", "TST-001"]


def test_rows_outlive_packing(fold: Fold) -> None:
    dossier = dossier_of(fold, "2")
    assert Dossier.unpack(dossier.pack()) == dossier


def test_a_survey_that_still_has_to_look_is_not_forgotten(fold: Fold) -> None:
    dossier = dossier_of(fold)
    fold.apply(dossier, decided("2", 1))
    again = Dossier.unpack(dossier.pack())
    fold.survey(again)
    assert (dossier.checks, stand(again)) == ([], [(2, "violated")])


def test_without_its_survey_a_pattern_finds_nothing(fold: Fold) -> None:
    assert dossier_of(replace(fold, detectors={}), "2").checks == []
