"""What may be done with an opened bid, from where, by whom. Pure: no database, no clock.

One transition table decides. Must never let a bid be recorded, or even counted, before the opening
(招标投标法 22, 34, 36).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from libs.common.events import Payload
from libs.common.events.contracts import trading as events
from services.resource_trading.tender.policy import State

SEALED_LAW: Final = "招标投标法 34, 36"


class BidState(StrEnum):
    """Where a bid stands."""

    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. `to` None: the state stays as it is."""

    action: str
    sources: frozenset[BidState | None]
    to: BidState | None
    who: frozenset[str]
    event: type[Payload]


OPEN: Final = frozenset(
    {
        State.OPENED,
        State.EVALUATED,
        State.PUBLICISED,
        State.DECIDED,
        State.NOTIFIED,
        State.CONTRACTED,
    }
)
"""States of a tender whose bids are open; what is learned late is recorded late and counts."""
BOTH: Final = frozenset({"tenderer", "centre"})
"""Who reads bids, too: how they were evaluated is not told to others (招标投标法 44)."""
_CENTRE: Final = frozenset({"centre"})
_NONE: Final[frozenset[BidState | None]] = frozenset({None})
_RECORDED: Final[frozenset[BidState | None]] = frozenset({BidState.RECORDED})

TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition("record", _NONE, BidState.RECORDED, _CENTRE, events.BidRecorded),
    Transition("correct", _RECORDED, None, _CENTRE, events.BidCorrected),
    Transition("withdraw", _RECORDED, BidState.WITHDRAWN, _CENTRE, events.BidWithdrawn),
    Transition("evaluate", _RECORDED, None, BOTH, events.BidEvaluated),
)
_BY_EVENT: Final = {row.event: row for row in TRANSITIONS}


def sealed(tender: State, bid_deadline: datetime | None, now: datetime) -> bool:
    """Whether the bids are still sealed: they are opened at the deadline (招标投标法 34).

    A deadline that nobody knows, of an imported tender, seals nothing by itself.
    """
    return tender is State.PUBLISHED or (bid_deadline is not None and now < bid_deadline)


def transition(bid: BidState | None, tender: State, event: type[Payload]) -> Transition | None:
    """The line of the table for a step; None where there is none."""
    row = _BY_EVENT.get(event)
    return row if row and bid in row.sources and tender in OPEN else None
