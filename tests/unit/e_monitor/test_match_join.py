"""A join rule reads its parameters: what is the ground, what both sides name, what is exempt."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from libs.common.events import Event
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from libs.common.law.rulebook import Rulebook
from libs.common.worktime import monday_to_friday
from services.e_monitor.match.handlers import Joins

LICENCE = "cn.sunlight.registry.licence.issued.v1"
DECIDED = "cn.sunlight.approval.case.decided.v1"
DELIVERED = "cn.sunlight.approval.case.delivered.v1"


def rule(**more: Any) -> Pattern:
    """The shipped rule's shape, with members replaced."""
    return Pattern.model_validate(
        {
            "id": "EMO-020",
            "title": {"zh": "有证无件", "en": "no case"},
            "form": "pattern",
            "detector": "licence_without_case",
            "regime": "政务服务",
            "on": [LICENCE],
            "severity": "lead",
            "law": {"text": "T", "article": "1", "plain": {"zh": "z", "en": "e"}},
            "effective": {"from": "2020-01-01"},
            "status": "unverified",
            **more,
        }
    )


def event(
    kind: str, subject: str, *, region: str = "990100", year: int = 2026, **data: Any
) -> Event:
    """An event of 2 March."""
    at = datetime(year, 3, 2, 1, tzinfo=UTC)
    return Event("1", kind, "/990100/x", subject, at, at, 3, data, region=region)


def joins(*rules: Pattern) -> Joins:
    """What a batch gathers under these rules."""
    return Joins(Fold(Rulebook(rules), monday_to_friday(), ZoneInfo("Asia/Shanghai")))


def licence(**more: Any) -> Event:
    """A licence that names its case."""
    return event(LICENCE, "housing/1", **{"licence_no": "A-1", "case_no": "C-1", **more})


def test_a_licence_looks_for_each_key_that_it_names() -> None:
    found = joins(rule())
    found.apply(licence(), "registry")
    assert [claim.key for claim in found.claims] == ["licence_no/A-1", "case_no/C-1"]
    assert {claim.occurrence for claim in found.claims} == {3}


def test_a_decision_is_known_by_its_case_and_by_the_licence_it_names() -> None:
    found = joins(rule())
    found.apply(event(DECIDED, "case/C-1", licence_no="A-1"), "approval")
    assert {key for _, key in found.grounds} == {"licence_no/A-1", "case_no/C-1"}


@pytest.mark.parametrize(
    ("outcome", "explained"),
    [("granted", True), ("partly", True), (None, True), ("refused", False)],
)
def test_a_decision_explains_a_licence_unless_it_refused_one(
    outcome: str | None, explained: bool
) -> None:
    """A decision that does not say what was decided is held against nobody."""
    found = joins(rule())
    said: dict[str, Any] = {"outcome": outcome} if outcome else {}
    found.apply(event(DECIDED, "case/C-1", licence_no="A-1", **said), "approval")
    assert bool(found.grounds) is explained


def test_only_the_named_keys_are_looked_for() -> None:
    found = joins(rule(parameters={"keys": ["case_no"]}))
    found.apply(licence(), "registry")
    assert [claim.key for claim in found.claims] == ["case_no/C-1"]


def test_another_event_can_be_the_ground() -> None:
    found = joins(rule(parameters={"case_event": DELIVERED}))
    found.apply(event(DECIDED, "case/C-1"), "approval")
    assert found.grounds == {}
    found.apply(event(DELIVERED, "case/C-1"), "approval")
    assert [key for _, key in found.grounds] == ["case_no/C-1"]


def test_an_exempt_item_wants_no_case() -> None:
    found = joins(rule(parameters={"exempt_items": ["ITEM-9"]}))
    found.apply(licence(item_code="ITEM-9"), "registry")
    assert found.claims == []
    found.apply(licence(item_code="ITEM-8"), "registry")
    assert found.claims


def test_a_foreign_systems_decision_is_no_ground() -> None:
    found = joins(rule())
    found.apply(event(DECIDED, "housing/C-1", licence_no="A-1"), "registry")
    assert found.grounds == {}


@pytest.mark.parametrize(
    "wanted",
    [licence(year=2019), licence(region="110000")],
    ids=["before the rule was in force", "another region"],
)
def test_a_rule_claims_only_what_it_binds(wanted: Event) -> None:
    found = joins(rule(region="990100"))
    found.apply(wanted, "registry")
    assert found.claims == []
