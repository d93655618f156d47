"""The transition table of cases against a second one, written from the statute.

行政许可法 29 to 45 and 82: what may follow what, and who may do it. `STATUTE` names, for each
state, every step that the law leaves open; all others must be closed.
"""

import itertools

import pytest

from libs.common.events import CONTRACTS
from services.approval.case.policy import TRANSITIONS, Standing, State, transition, who_may
from tests.service.approval.statute import STATUTE

ACTIONS = sorted({row.action for row in TRANSITIONS})


@pytest.mark.parametrize(("state", "action"), list(itertools.product(STATUTE, ACTIONS)))
def test_a_step_is_open_exactly_where_the_statute_opens_it(state: str, action: str) -> None:
    source = State(state) if state else None
    row = transition(source, action)
    expected = STATUTE[state].get(action)
    found = row and (row.who, str(row.to or state), row.event.event_type)
    event = expected and f"cn.sunlight.approval.case.{expected[2]}.v1"
    assert found == (expected and (*expected[:2], event))


def test_the_second_table_names_every_state() -> None:
    assert {state for state in STATUTE if state} == {state.value for state in State}


def test_every_event_of_the_table_has_a_contract() -> None:
    assert {row.event.event_type for row in TRANSITIONS} <= set(CONTRACTS)


@pytest.mark.parametrize("action", ["pause", "resume", "extend", "decide"])
def test_what_moves_the_limit_or_ends_it_is_for_approvers(action: str) -> None:
    assert who_may(action) == {"approver"}


@pytest.mark.parametrize(
    ("outcome", "delivers", "lawful"),
    [
        ("granted", True, False),
        ("partly", True, False),
        ("granted", False, True),
        ("refused", True, True),
        ("refused", False, True),
    ],
)
def test_a_decided_case_closes_unless_a_licence_waits_for_delivery(
    outcome: str, delivers: bool, lawful: bool
) -> None:
    row = transition(State.DECIDED, "close")
    case = Standing(facts={"outcome": outcome, "delivers_document": delivers})
    assert row is not None
    assert row.guard is not None
    assert (row.guard(case) is None) == lawful


def test_a_receipt_is_issued_once() -> None:
    row = transition(State.ACCEPTED, "issue-receipt")
    assert row is not None
    assert row.guard is not None
    assert row.guard(Standing()) is None
    assert row.guard(Standing(receipt_no="R-1")) is not None
