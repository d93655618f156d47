"""The transition tables of tender and award against a second one, written from the statutes.

招标投标法 (TB) and its 实施条例 (TR): what may follow what. Each row names, for one state, every
step that they leave open; all others must be closed.
"""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.events import CONTRACTS
from services.resource_trading.award.policy import TRANSITIONS as AWARD
from services.resource_trading.tender.policy import TRANSITIONS as TENDER
from services.resource_trading.tender.policy import Standing, State, Transition, breaches

ROWS = (*TENDER, *AWARD)
NOW = datetime(2026, 3, 23, 2, tzinfo=UTC)
OBJECTION = {"file-objection": None, "answer-objection": None}
# state → {step: state after it}; None: it stays. "" is a tender that does not exist yet.
STATUTE: dict[str, dict[str, str | None]] = {
    "": {"publish": "published"},
    # TB 23 clarify, TB 34 open, TR 22 object, TR 31 end it.
    "published": {"clarify": None, "open": "opened", "terminate": "terminated", **OBJECTION},
    # TR 44 objection to the opening; TB 40 evaluation.
    "opened": {"evaluate": "evaluated", "terminate": "terminated", **OBJECTION},
    # TR 54 publicity; without it only where tendering is voluntary.
    "evaluated": {
        "publicise-candidates": "publicised",
        "decide": "decided",
        "terminate": "terminated",
        "answer-objection": None,
    },
    "publicised": {
        "publicise-candidates": "publicised",
        "decide": "decided",
        "terminate": "terminated",
        **OBJECTION,
    },
    # TB 45 notice, 46 contract, 47 report; TR 57 refund.
    "decided": {"issue-notice": "notified", "report": None},
    "notified": {"sign-contract": "contracted", "report": None},
    "contracted": {"report": None, "refund-bonds": None},
    "terminated": {},
}
ACTIONS = sorted({row.action for row in ROWS})
# TR 22, 44, 54: until the answer the tender stands still. Answering, ending it and what follows
# the contract do not.
HELD = {
    "open",
    "evaluate",
    "publicise-candidates",
    "decide",
    "issue-notice",
    "sign-contract",
}


def rows_for(state: str, action: str) -> list[Transition]:
    source = State(state) if state else None
    return [row for row in ROWS if row.action == action and source in row.sources]


def standing(state: State = State.PUBLISHED, **change: object) -> Standing:
    values = {"state": state, "now": NOW, "mandatory": True, "bid_deadline": NOW, **change}
    return Standing(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "action"), list(itertools.product(STATUTE, ACTIONS)))
def test_a_step_is_open_exactly_where_the_statutes_open_it(state: str, action: str) -> None:
    rows = rows_for(state, action)
    expected = [STATUTE[state][action]] if action in STATUTE[state] else []
    assert [row.to for row in rows] == expected


def test_the_second_table_names_every_state() -> None:
    assert {state for state in STATUTE if state} == {state.value for state in State}


def test_every_event_of_the_tables_has_a_contract() -> None:
    assert {row.event.event_type for row in ROWS} <= set(CONTRACTS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.action)
def test_an_open_objection_holds_every_step_towards_the_contract(row: Transition) -> None:
    found = breaches(row, standing(objections={"O-1": "documents"}))
    assert any(one.rule == "objection-open" for one in found) == (row.action in HELD)


@pytest.mark.parametrize(("early", "lawful"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_bids_are_opened_from_the_deadline_on(early: timedelta, lawful: bool) -> None:
    (row,) = rows_for("published", "open")
    assert (breaches(row, standing(bid_deadline=NOW + early)) == []) == lawful


def test_documents_change_only_before_the_deadline() -> None:
    (row,) = rows_for("published", "clarify")
    assert breaches(row, standing(bid_deadline=NOW)) != []
    assert breaches(row, standing(bid_deadline=NOW + timedelta(seconds=1))) == []


@pytest.mark.parametrize(("mandatory", "lawful"), [(True, False), (False, True)])
def test_only_a_voluntary_tender_is_awarded_without_publicity(
    mandatory: bool, lawful: bool
) -> None:
    (row,) = rows_for("evaluated", "decide")
    assert (breaches(row, standing(State.EVALUATED, mandatory=mandatory)) == []) == lawful


@pytest.mark.parametrize(
    ("against", "state", "lawful"),
    [
        ("documents", State.PUBLISHED, True),
        ("prequalification", State.PUBLISHED, True),
        ("opening", State.OPENED, True),
        ("candidates", State.PUBLICISED, True),
        ("candidates", State.PUBLISHED, False),
        ("documents", State.OPENED, False),
        ("opening", State.PUBLICISED, False),
    ],
)
def test_an_objection_is_against_the_stage_there_is(
    against: str, state: State, lawful: bool
) -> None:
    (row,) = rows_for(state.value, "file-objection")
    assert (breaches(row, standing(state, data={"against": against})) == []) == lawful
