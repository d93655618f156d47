"""The HTTP face of opened bids, under their tender's address. Must never decide anything.

Every command wants the tender's ETag as `If-Match` and answers with its new one.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.actor import Acting, Actor
from libs.common.identity.scope import Scope
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import NotFound
from libs.common.web.etag import set_etag
from libs.common.web.openapi import problems
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.resource_trading.bid import policy, repository, schemas, service
from services.resource_trading.bid.command import require_duty
from services.resource_trading.bid.errors import BidsSealed
from services.resource_trading.bid.marks import Marker
from services.resource_trading.bid.model import Bid
from services.resource_trading.tender import repository as tenders
from services.resource_trading.tender.endpoints import Commanded, Ref, Within
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

SEALED: Final = problems(409)
"""Before the opening no bid is told."""
router = APIRouter(prefix="/tenders/{ref}", route_class=SignedCommandRoute, tags=["bids 投标"])
BidNo = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}$")]


async def marker_of(request: Request) -> Marker | None:
    """What the application makes marks with."""
    marker: Marker | None = request.app.state.marker
    return marker


Marking = Annotated[Marker | None, Depends(marker_of)]


def shown(bid: Bid) -> schemas.Bid:
    """A bid with the kinds of its marks."""
    return schemas.Bid.model_validate({**bid.model_dump(), "marks": sorted(bid.marks)})


def _answer(response: Response, bid: Bid) -> schemas.Bid:
    set_etag(response, bid.version)
    return shown(bid)


@router.post("/bids", status_code=201)
async def record(command: Commanded, body: schemas.Record, marker: Marking) -> schemas.Bid:
    """登记开标结果: one bid, after the opening. Sealed submission is not offered yet."""
    bid = await service.record_bid(await command.begin(), body, marker)
    command.response.headers["Location"] = f"/api/trading/v1/tenders/{bid.ref}/bids/{bid.bid_no}"
    return _answer(command.response, bid)


@router.get("/bids", openapi_extra=SEALED)
async def page(
    ref: Ref,
    request: Request,
    response: Response,
    *,
    session: Session,
    within: Within,
    actor: Acting,
    asked: Page,
) -> schemas.BidPage:
    """The opened bids by number; before the opening 409, whether there are any or not."""
    tender = await _opened(session, ref, within, actor)
    rows = await repository.page(session, ref, asked.after_text(), asked.limit + 1)
    if len(rows) > asked.limit:
        link_next(request, response, rows[asked.limit - 1].bid_no)
    set_etag(response, tender.version)
    return schemas.BidPage(items=[shown(row) for row in rows[: asked.limit]])


@router.get("/bids/{bid_no}", openapi_extra=SEALED)
async def get(
    ref: Ref, bid_no: BidNo, response: Response, *, session: Session, within: Within, actor: Acting
) -> schemas.Bid:
    """One opened bid with its evaluation; before the opening 409, whether there is one or not."""
    tender = await _opened(session, ref, within, actor)
    bid = await repository.find(session, ref, bid_no)
    if bid is None:
        raise NotFound
    set_etag(response, tender.version)
    return shown(bid)


async def _opened(session: AsyncSession, ref: str, within: Scope, actor: Actor) -> Tender:
    """The tender, where the caller may read its bids. Raises NotFound, Forbidden, BidsSealed."""
    found = await tenders.find(session, ref, within)
    if found is None:
        raise NotFound
    tender, now = found.tender, await tenders.city_now(session)
    require_duty(actor, tender, policy.BOTH)
    if policy.sealed(State(tender.state), tender.bid_deadline, now):
        raise BidsSealed(law=policy.SEALED_LAW)
    return tender


@router.post("/bids/{bid_no}/correct")
async def correct(
    command: Commanded, bid_no: BidNo, body: schemas.Correct, marker: Marking
) -> schemas.Bid:
    """更正登记."""
    bid = await service.correct_bid(await command.begin(), bid_no, body, marker)
    return _answer(command.response, bid)


@router.post("/bids/{bid_no}/withdraw")
async def withdraw(command: Commanded, bid_no: BidNo, body: schemas.Withdraw) -> schemas.Bid:
    """撤回, or taking back what was recorded in error."""
    bid = await service.withdraw_bid(await command.begin(), bid_no, body)
    return _answer(command.response, bid)


@router.post("/bids/{bid_no}/evaluate")
async def evaluate(command: Commanded, bid_no: BidNo, body: schemas.EvaluateBid) -> schemas.Bid:
    """评标结果."""
    bid = await service.evaluate_bid(await command.begin(), bid_no, body)
    return _answer(command.response, bid)


@router.post("/mark-documents")
async def mark_documents(
    command: Commanded, body: schemas.MarkDocuments, marker: Marking
) -> schemas.DocumentsMarked:
    """Which file creation ids the tenderer's own documents carry, so that they are not held
    against bidders who filled them in."""
    version, count = await service.mark_documents(await command.begin(), body, marker)
    set_etag(command.response, version)
    return schemas.DocumentsMarked(version=version, creation_ids=count)
