"""The use cases of opened bids: recorded, corrected, withdrawn, evaluated.

Each takes a step whose tender is locked. Must never commit, and must never keep a mark as it came.
"""

from typing import Any

from libs.common.events.contracts import trading as events
from libs.common.events.contracts.trading import Mark
from libs.common.web.errors import NotFound
from services.resource_trading.bid import repository, schemas
from services.resource_trading.bid.command import (
    finish,
    permitted,
    require_duty,
    require_opened,
    write,
)
from services.resource_trading.bid.errors import BidExists, MarkKeyMissing
from services.resource_trading.bid.marks import SCOPES, Marker
from services.resource_trading.bid.model import Bid
from services.resource_trading.bid.policy import BOTH, BidState
from services.resource_trading.tender.command import Step

Known = dict[str, tuple[Mark, ...]]


async def record_bid(step: Step, body: schemas.Record, marker: Marker | None) -> Bid:
    """登记开标: one opened bid, its marks as keyed hashes."""
    require_opened(step)
    # Asked first: whether there is such a bid is told to those only who may record one.
    row = permitted(step, None, events.BidRecorded)
    if await repository.find(step.session, step.tender.ref, body.bid_no) is not None:
        raise BidExists(bid_no=body.bid_no)
    bid = Bid(
        ref=step.tender.ref,
        bid_no=body.bid_no,
        state=BidState.RECORDED,
        version=step.tender.version + 1,
        bidder=body.bidder,
        recorded_at=step.now,
    )
    known = _marked(body, marker)
    _fill(bid, body, known)
    return await finish(step, row, bid, events.BidRecorded(**_told(step, bid, known)))


async def correct_bid(step: Step, bid_no: str, body: schemas.Correct, marker: Marker | None) -> Bid:
    """更正: the whole record anew."""
    bid = await _of(step, bid_no)
    row = permitted(step, bid, events.BidCorrected)
    known = _marked(body, marker)
    _fill(bid, body, known)
    return await finish(step, row, bid, events.BidCorrected(**_told(step, bid, known)))


async def withdraw_bid(step: Step, bid_no: str, body: schemas.Withdraw) -> Bid:
    """撤回 before the deadline, told after it; or a record that was wrong altogether."""
    bid = await _of(step, bid_no)
    row = permitted(step, bid, events.BidWithdrawn)
    payload = events.BidWithdrawn(bid_no=bid_no, lot=step.tender.lot, ground=body.ground)
    return await finish(step, row, bid, payload)


async def evaluate_bid(step: Step, bid_no: str, body: schemas.EvaluateBid) -> Bid:
    """评标结果 of one bid."""
    bid = await _of(step, bid_no)
    row = permitted(step, bid, events.BidEvaluated)
    bid.result, bid.ground = body.result, body.ground
    bid.rank_no, bid.score = body.rank_no, body.score
    payload = events.BidEvaluated(bid_no=bid_no, lot=step.tender.lot, **body.model_dump())
    return await finish(step, row, bid, payload)


async def mark_documents(
    step: Step, body: schemas.MarkDocuments, marker: Marker | None
) -> tuple[int, int]:
    """Tell which file ids the tenderer's own documents carry: (version, how many)."""
    require_duty(step.actor, step.tender, BOTH)
    marks = _marks("creation_ids", body.creation_ids, marker)
    payload = events.TenderDocumentsMarked(lot=step.tender.lot, creation_ids=marks)
    detail = {"creation_ids": [mark.hash for mark in marks]}
    return await write(step, "mark-documents", payload, detail, []), len(marks)


async def _of(step: Step, bid_no: str) -> Bid:
    require_opened(step)
    require_duty(step.actor, step.tender, BOTH)
    bid = await repository.find(step.session, step.tender.ref, bid_no)
    if bid is None:
        raise NotFound
    return bid


def _marked(body: schemas.Marked, marker: Marker | None) -> Known:
    """The marks of each kind that is known; a kind of which nothing marks anybody is not."""
    given = {kind: getattr(body, kind) for kind in SCOPES}
    made = {kind: _marks(kind, values, marker) for kind, values in given.items() if values}
    return {kind: marks for kind, marks in made.items() if marks}


def _marks(kind: str, values: list[schemas.Value], marker: Marker | None) -> tuple[Mark, ...]:
    if marker is None:
        raise MarkKeyMissing
    made = [marker.mark(kind, item.value, shared=item.shared) for item in values]
    return tuple({mark.hash: mark for mark in made if mark is not None}.values())


def _fill(bid: Bid, body: schemas.Correct, known: Known) -> None:
    bid.bidder, bid.members = body.bidder, body.members
    bid.amount, bid.bond_form = body.amount, body.bond_form
    bid.marks = {kind: [mark.model_dump() for mark in marks] for kind, marks in known.items()}


def _told(step: Step, bid: Bid, known: Known) -> dict[str, Any]:
    """What a bid's event says."""
    return {
        "bid_no": bid.bid_no,
        "lot": step.tender.lot,
        "bidder": bid.bidder,
        "members": None if bid.members is None else tuple(bid.members),
        "amount": bid.amount,
        "bond_form": bid.bond_form,
        **known,
    }
