"""What each event that is told of changes on a tender and its award. No input or output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from libs.common.events import Payload
from libs.common.events.contracts import trading as events
from services.resource_trading.award.model import Award
from services.resource_trading.bid.model import Bid
from services.resource_trading.history.told import Fault, Told
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

_BEGUN: Final = State.PUBLISHED
STANDS: Final[Mapping[type[Payload], State]] = {
    events.TenderPublished: _BEGUN,
    events.TenderClarified: _BEGUN,
    events.TenderObjectionFiled: _BEGUN,
    events.TenderObjectionAnswered: _BEGUN,
    events.TenderOpened: State.OPENED,
    events.BidRecorded: State.OPENED,
    events.TenderEvaluated: State.EVALUATED,
    events.AwardCandidatesPublicised: State.PUBLICISED,
    events.AwardDecided: State.DECIDED,
    events.AwardNoticeIssued: State.NOTIFIED,
    events.AwardReported: State.DECIDED,
    events.AwardContractSigned: State.CONTRACTED,
    events.AwardBondsRefunded: State.CONTRACTED,
    events.TenderTerminated: State.TERMINATED,
}
"""How far a tender is at least, of which such an event is told."""
_PLACES: Final = {state: place for place, state in enumerate(State)}


@dataclass(slots=True)
class Known:
    """A tender with its award and bids as they stand, and what an import adds to them.

    A tender of which nothing is known yet has the state "". `touched`: numbers of bids that
    changed; `left_out`: names of values that could not be taken.
    """

    tender: Tender
    award: Award | None = None
    bids: dict[str, Bid] = field(default_factory=dict)
    added: list[tuple[Payload, Told]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def advance(self, payload: Payload) -> None:
        """The tender is at least as far as the event says; what comes late moves nothing back."""
        stands, tender = STANDS.get(type(payload)), self.tender
        if stands is None or (tender.state and _PLACES[stands] <= _PLACES[State(tender.state)]):
            return
        tender.state = stands

    def change(self, payload: Payload, at: datetime) -> None:
        """Set what the event says on tender and award."""
        if effect := _EFFECTS.get(type(payload)):
            effect(self, payload, at)


def _award(known: Known) -> Award:
    if known.award is None:
        known.award = Award(ref=known.tender.ref)
    return known.award


def _published(known: Known, payload: Any, _at: datetime) -> None:
    tender = known.tender
    for name in (
        "kind",
        "mandatory",
        "documents_from",
        "documents_until",
        "estimated_price",
        "bid_bond",
    ):
        setattr(tender, name, getattr(payload, name))
    # A plan that is told anew is older than what became of its deadline.
    tender.bid_deadline = tender.bid_deadline or payload.bid_deadline


def _clarified(known: Known, payload: Any, _at: datetime) -> None:
    known.tender.bid_deadline = payload.bid_deadline or known.tender.bid_deadline


def _filed(known: Known, payload: Any, _at: datetime) -> None:
    known.tender.objections[payload.objection_no] = payload.against


def _answered(known: Known, payload: Any, _at: datetime) -> None:
    known.tender.objections.pop(payload.objection_no, None)


def _publicised(known: Known, payload: Any, _at: datetime) -> None:
    award = _award(known)
    award.publicity_from, award.publicity_until = payload.publicity_from, payload.publicity_until
    award.candidates = [one.model_dump() for one in payload.candidates]


def _decided(known: Known, payload: Any, at: datetime) -> None:
    award = _award(known)
    award.winner, award.award_price, award.decided_at = payload.winner, payload.award_price, at


def _noticed(known: Known, _payload: Any, at: datetime) -> None:
    _award(known).notice_at = at


def _reported(known: Known, _payload: Any, at: datetime) -> None:
    _award(known).reported_at = at


def _signed(known: Known, payload: Any, at: datetime) -> None:
    award = _award(known)
    award.contract_price, award.signed_at = payload.contract_price, at
    award.performance_bond = payload.performance_bond


def _refunded(known: Known, _payload: Any, at: datetime) -> None:
    _award(known).refunded_at = at


_EFFECTS: Final[Mapping[type[Payload], Callable[[Known, Any, datetime], None]]] = {
    events.TenderPublished: _published,
    events.TenderClarified: _clarified,
    events.TenderObjectionFiled: _filed,
    events.TenderObjectionAnswered: _answered,
    events.AwardCandidatesPublicised: _publicised,
    events.AwardDecided: _decided,
    events.AwardNoticeIssued: _noticed,
    events.AwardReported: _reported,
    events.AwardContractSigned: _signed,
    events.AwardBondsRefunded: _refunded,
}
