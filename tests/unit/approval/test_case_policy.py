"""The transition table of cases against a second one, written from the statute.

行政许可法 29 to 45 and 82: what may follow what. Each row below names, for one state, every step
that the law leaves open; all others must be closed.
"""

import itertools

import pytest

from libs.common.events import CONTRACTS
from services.approval.case.policy import TRANSITIONS, Standing, State, transition, who_may

# state → {step: (state after it, event)}; "" is a case that does not exist yet.
STATUTE: dict[str, dict[str, tuple[str, str]]] = {
    # 29, 32: whoever applies is received.
    "": {"receive": ("received", "received")},
    # 32: tell at once or within five days what is missing, accept, or refuse; the applicant may
    # withdraw until the decision.
    "received": {
        "request-supplement": ("supplementing", "supplement-requested"),
        "accept": ("accepted", "accepted"),
        "refuse": ("refused", "refused"),
        "withdraw": ("withdrawn", "withdrawn"),
    },
    # 32(1)(5): with the supplement the application is looked at anew.
    "supplementing": {
        "receive-supplement": ("received", "supplement-received"),
        "refuse": ("refused", "refused"),
        "withdraw": ("withdrawn", "withdrawn"),
    },
    # 32(2) receipt; 42 decision and extension; 45 pause.
    "accepted": {
        "issue-receipt": ("accepted", "receipt-issued"),
        "pause": ("paused", "paused"),
        "extend": ("accepted", "extended"),
        "decide": ("decided", "decided"),
        "withdraw": ("withdrawn", "withdrawn"),
    },
    # 45: while the examination runs nothing is decided.
    "paused": {
        "issue-receipt": ("paused", "receipt-issued"),
        "resume": ("accepted", "resumed"),
        "withdraw": ("withdrawn", "withdrawn"),
    },
    # 44: delivery; a refusal has nothing to deliver but its letter.
    "decided": {
        "issue-receipt": ("decided", "receipt-issued"),
        "deliver": ("delivered", "delivered"),
        "close": ("closed", "closed"),
    },
    "delivered": {"close": ("closed", "closed")},
    "refused": {
        "issue-receipt": ("refused", "receipt-issued"),
        "close": ("closed", "closed"),
    },
    "withdrawn": {"close": ("closed", "closed")},
    "closed": {},
}
ACTIONS = sorted({row.action for row in TRANSITIONS})


@pytest.mark.parametrize(("state", "action"), list(itertools.product(STATUTE, ACTIONS)))
def test_a_step_is_open_exactly_where_the_statute_opens_it(state: str, action: str) -> None:
    source = State(state) if state else None
    row = transition(source, action)
    expected = STATUTE[state].get(action)
    found = row and (row.to or state, row.event.event_type)
    event = expected and f"cn.sunlight.approval.case.{expected[1]}.v1"
    assert found == (expected and (expected[0], event))


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
