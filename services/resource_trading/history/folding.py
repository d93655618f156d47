"""From what is told of a tender to what it becomes here. No input or output.

An import tells what happened elsewhere: nothing is refused because a law was broken, nor because a
step is missing or came out of turn. Only what can't be true, or may not be known yet, is a fault:
what lies in the future, and a bid before the opening. Must never tell an event twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from libs.common.events import RANKS, Payload
from libs.common.events.contracts import trading as events
from libs.common.law.instants import from_micros
from libs.common.law.lawful import remembered
from services.resource_trading.bid.model import Bid
from services.resource_trading.bid.policy import BidState, sealed
from services.resource_trading.history.effects import Known
from services.resource_trading.history.payload import NotFittingError, payload_of
from services.resource_trading.history.told import Fault, History, Told
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,59}")
_PLAN: Final = events.TenderPublished.event_type
_BIDS: Final = (events.BidRecorded, events.BidEvaluated, events.BidWithdrawn)


def ref_of(origin: str, number: str, lot: str | None) -> str:
    """The address of an imported tender: its own number where that fits, else one made of it."""
    plain = number
    if not _PLAIN.fullmatch(number):
        made_of = hashlib.blake2b("\n".join((origin, number)).encode(), digest_size=8)
        plain = f"I-{made_of.hexdigest()}"
    return plain if lot is None else f"{plain}~{lot}"


def take(known: Known, history: History, now: datetime, declared: bool | None = None) -> None:
    """Add what `history` tells and is not known yet, oldest first; `faults` say what can't be.

    `declared`: whether tendering was compulsory, as whoever imports says where no record does.
    """
    announced = bool(_plans(known.tender))
    in_order = sorted(history.told, key=partial(_place, announced=announced))
    word = _word(in_order, declared)
    for told in in_order:
        fault = _take(known, told, now, word)
        if fault is not None:
            known.faults.append(Fault(told.record, *fault))
    if declared is not None and known.tender.state and known.tender.mandatory is None:
        known.left_out.append("mandatory")
    known.tender.history.sort(key=lambda entry: (entry[1], RANKS.get(entry[0], 0)))
    if not known.tender.state:
        message = "tells nothing that makes it a tender: neither documents, bids nor award"
        known.faults = [Fault(told.record, "stage", "", message) for told in history.told]


def _place(told: Told, *, announced: bool) -> tuple[bool, datetime, int]:
    """The plan comes first, whenever it begins: a deadline is changed only against it. One that is
    announced already comes last: what changed of it is told, and dated, by the others."""
    return (told.type == _PLAN) == announced, told.time, RANKS[told.type]


class _Word(NamedTuple):
    """Whether tendering was compulsory: one answer a history, so that it is told once at most."""

    mandatory: bool | None
    declared: bool


def _word(in_order: Sequence[Told], declared: bool | None) -> _Word:
    """What the first record says that says anything, else what was declared."""
    said = (told.data.get("mandatory") for told in in_order if told.type == _PLAN)
    found = next((one for one in said if isinstance(one, bool)), None)
    return _Word(declared, True) if found is None else _Word(found, False)


_Fault = tuple[str, str, str]
"""Code, field and message of a fault."""


def _take(known: Known, told: Told, now: datetime, word: _Word) -> _Fault | None:
    try:
        payload = payload_of(told.type, told.data, known.left_out)
    except NotFittingError as error:
        return "contract", error.field, str(error)
    if told.time > now:
        return "future", "time", f"{told.time.isoformat()} has not come yet"
    if isinstance(payload, _BIDS):
        return _take_bid(known, payload, told, now)
    if isinstance(payload, events.TenderPublished):
        payload = payload.model_copy(update={"mandatory": word.mandatory})
        _tell_anew(known, told, word)
    if (news := _news(known.tender, payload, told)) is not None:
        # What became of a plan was known when it was written down, not when the plan begins.
        at = told if news is payload else told._replace(time=told.recorded)
        _add(known, news, at)
    return None


def _tell_anew(known: Known, told: Told, word: _Word) -> None:
    """The plan once more, as it was told, where another word on `mandatory` is heard of it.

    A declaration may be put right by another; what records say is told once, whoever is right.
    """
    tender, plans = known.tender, _plans(known.tender)
    if not plans or word.mandatory in (None, tender.mandatory):
        return
    if not word.declared and any(word.mandatory == data.get("mandatory") for _, _, data in plans):
        return
    _, micros, data = plans[-1]
    at = from_micros(micros)
    # Recorded when it was: that the word on it came later is no late entry of the other system's.
    again = events.TenderPublished.model_validate({**data, "mandatory": word.mandatory})
    _add(known, again, told._replace(time=at, recorded=at))


def _plans(tender: Tender) -> list[list[Any]]:
    return [entry for entry in tender.history if entry[0] == _PLAN]


def _news(tender: Tender, payload: Payload, told: Told) -> Payload | None:
    """What of an event is not known yet: the event, a change of the deadline, or nothing."""
    data = _said(payload)
    same = [entry for entry in tender.history if entry[0] == payload.event_type]
    if isinstance(payload, events.TenderPublished) and same:
        payload = events.TenderClarified(bid_deadline=payload.bid_deadline)
    if isinstance(payload, events.TenderClarified) and payload.bid_deadline is not None:
        deadlines = set(_deadlines(tender))
        return payload if deadlines and payload.bid_deadline not in deadlines else None
    equal = [entry for entry in same if entry[2] == data]
    if told.time != told.recorded:
        # A time that is only the record's own changes with every edition of the record.
        at = remembered(payload.event_type, told.time, data)[1]
        equal = [entry for entry in equal if entry[1] == at]
    return None if equal else payload


def _deadlines(tender: Tender) -> Iterator[datetime]:
    """Every deadline that was ever told."""
    texts = (entry[2].get("bid_deadline") for entry in tender.history)
    return (datetime.fromisoformat(text) for text in texts if text)


def _said(payload: Payload) -> dict[str, Any]:
    return payload.model_dump(mode="json", exclude_none=True)


def _add(known: Known, payload: Payload, told: Told) -> None:
    known.tender.version += 1
    known.added.append((payload, told))
    known.advance(payload)
    known.change(payload, told.time)
    if not payload.event_type.startswith("cn.sunlight.trading.bid."):
        entry = remembered(payload.event_type, told.time, _said(payload))
        known.tender.history.append(entry)


def _take_bid(known: Known, payload: Any, told: Told, now: datetime) -> _Fault | None:
    tender = known.tender
    passed = tender.bid_deadline is not None and tender.bid_deadline <= now
    if not passed and sealed(State(tender.state or State.PUBLISHED), tender.bid_deadline, now):
        return "sealed", "bid_no", "bids are not opened yet: none is taken, nor counted"
    bid = known.bids.get(payload.bid_no)
    if isinstance(payload, events.BidRecorded):
        _record(known, payload, told, bid)
    elif bid is None:
        return "bid", "bid_no", "tells of a bid that nobody recorded"
    elif isinstance(payload, events.BidEvaluated):
        result = (payload.result, payload.ground, payload.rank_no, payload.score)
        if (bid.result, bid.ground, bid.rank_no, bid.score) != result:
            bid.result, bid.ground, bid.rank_no, bid.score = result
            _touch(known, bid, payload, told)
    elif bid.state != BidState.WITHDRAWN:
        bid.state = BidState.WITHDRAWN
        _touch(known, bid, payload, told)
    return None


def _record(known: Known, payload: events.BidRecorded, told: Told, bid: Bid | None) -> None:
    said: dict[str, Any] = {
        "bidder": payload.bidder,
        "members": None if payload.members is None else list(payload.members),
        "amount": payload.amount,
        "bond_form": payload.bond_form,
    }
    if bid is None:
        bid = Bid(
            ref=known.tender.ref,
            bid_no=payload.bid_no,
            state=BidState.RECORDED,
            version=0,
            recorded_at=told.time,
            marks={},
            **said,
        )
        known.bids[payload.bid_no] = bid
        _touch(known, bid, payload, told)
    elif any(getattr(bid, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(bid, name, value)
        _touch(known, bid, events.BidCorrected(**payload.model_dump()), told)


def _touch(known: Known, bid: Bid, payload: Payload, told: Told) -> None:
    _add(known, payload, told)
    bid.version = known.tender.version
    known.touched.add(bid.bid_no)
