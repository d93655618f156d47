"""The transition table of bids against a second one, written from the statutes.

招标投标法 34, 36: bids are opened at the deadline, and all of them. 实施条例 35: what is withdrawn
before the deadline was no bid.
"""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.events import Payload
from libs.common.events.contracts import trading as events
from services.resource_trading.bid.policy import BidState, sealed, transition
from services.resource_trading.tender.policy import State

DEADLINE = datetime(2026, 3, 23, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STEPS: tuple[type[Payload], ...] = (
    events.BidRecorded,
    events.BidCorrected,
    events.BidWithdrawn,
    events.BidEvaluated,
)
ALLOWED = {
    (None, events.BidRecorded): "recorded",
    ("recorded", events.BidCorrected): None,
    ("recorded", events.BidWithdrawn): "withdrawn",
    ("recorded", events.BidEvaluated): None,
}
CLOSED = {State.PUBLISHED, State.TERMINATED}


@pytest.mark.parametrize(
    ("bid", "tender", "event"), list(itertools.product((None, *BidState), State, STEPS))
)
def test_a_step_is_open_exactly_where_the_statutes_leave_it_open(
    bid: BidState | None, tender: State, event: type[Payload]
) -> None:
    row = transition(bid, tender, event)
    wanted = (bid, event) in ALLOWED and tender not in CLOSED
    assert (row is not None) == wanted
    if row is not None:
        assert row.to == ALLOWED[bid, event]


@pytest.mark.parametrize("event", STEPS[:3])
def test_only_the_centre_changes_the_record(event: type[Payload]) -> None:
    state = None if event is events.BidRecorded else BidState.RECORDED
    row = transition(state, State.OPENED, event)
    assert row is not None
    assert row.who == {"centre"}


@pytest.mark.parametrize(
    ("state", "now", "is_sealed"),
    [
        (State.PUBLISHED, DEADLINE - SECOND, True),
        (State.PUBLISHED, DEADLINE + SECOND, True),
        (State.OPENED, DEADLINE - SECOND, True),
        (State.OPENED, DEADLINE, False),
        (State.CONTRACTED, DEADLINE + SECOND, False),
    ],
)
def test_bids_are_sealed_until_the_deadline_and_the_opening(
    state: State, now: datetime, is_sealed: bool
) -> None:
    assert sealed(state, DEADLINE, now) is is_sealed
