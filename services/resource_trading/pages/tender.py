"""`/trading/tenders/{ref}`: which stage, which dates, what must be done.

Must never show a bid, or how many there are, before the opening, nor ever to a post that may not
read bids (招标投标法 22, 34, 44). What the monitor found this service does not know: the page of a
post that may read leads asks the monitor, and looks the same whether there are any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.actor import Actor
from libs.common.identity.scope import Scope
from libs.common.law.instants import from_micros
from libs.common.law.lawful import dossier_of
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.session import Session
from libs.common.worktime import civil_day
from services.resource_trading.award.model import Award
from services.resource_trading.bid import policy as bid_policy
from services.resource_trading.bid import repository as bids
from services.resource_trading.bid.command import require_duty
from services.resource_trading.bid.model import Bid
from services.resource_trading.pages import limits, repository
from services.resource_trading.pages.limits import OBJECTIONS, Limit
from services.resource_trading.pages.objections import objections_of
from services.resource_trading.pages.site import Here, Site, course_of
from services.resource_trading.pages.stages import next_date, short, stages_of
from services.resource_trading.tender import repository as tenders
from services.resource_trading.tender.endpoints import Ref, Within
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import Standing, State, no_objection_open

MOST: Final = 200
"""Bids and lots shown; the page says so where there are more."""
LEADS: Final = "lead.read"
SEALED: Final = "sealed"
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Bids:
    """The bids as a post sees them: `sealed`, `withheld`, or `shown` with the rows."""

    seen: str
    rows: tuple[Bid, ...] = ()
    more: bool = False


class Held(NamedTuple):
    """Why a tender stands still, in both languages; the statute and its articles."""

    zh: str
    en: str
    statute: str
    articles: str


@router.get("/trading/tenders/{ref}")
async def one(ref: Ref, here: Here, session: Session, within: Within) -> Response:
    """One tender or lot: its stages with their limits, objections, bids, award and contract."""
    found = await tenders.find(session, ref, within)
    if found is None:
        raise NotFound
    tender, award = found
    shown = await _bids(here, session, tender)
    return here.page(
        "tender.html",
        tender=tender,
        award=award,
        **_lawful(here, tender, award),
        held=_held(here, tender),
        history=_history(tender),
        bids=shown,
        lots=await _lots(session, tender, within),
        watched=quote(tender.subject) if _looks_on(here.actor) else None,
        opened=shown.seen != SEALED,
    )


def _lawful(here: Site, tender: Tender, award: Award | None) -> dict[str, Any]:
    law, now, course = here.law, here.now, course_of(tender, award)
    known = dossier_of(law, tender.history, tender.region, tender.office)
    today = civil_day(now, law.zone)
    begun = limits.begun(law, known, now)
    ahead = limits.planned(law, known, now, tender.bid_deadline, begun)
    if course.state is State.TERMINATED:
        ahead = []
    ahead = [one for one in ahead if one.latest is None or one.latest >= today]
    return {
        "stages": stages_of(course, [*begun, *ahead], now),
        "next": next_date(course, begun, now, law.zone),
        "objections": objections_of(tender.history, begun),
        "may_object": _may_object(ahead, course.state),
    }


def _may_object(ahead: list[Limit], state: State) -> list[Limit]:
    """Until when an objection to the documents is in time, while one can be filed."""
    if state is not State.PUBLISHED:
        return []
    return [one for one in ahead if one.stage == OBJECTIONS and one.latest is not None]


def _held(here: Site, tender: Tender) -> Held | None:
    """Why the tender stands still, where an objection waits for its answer."""
    state = State(tender.state)
    if state is State.TERMINATED:
        return None
    standing = Standing(
        state=state,
        now=here.now,
        mandatory=bool(tender.mandatory),
        bid_deadline=tender.bid_deadline,
        objections=tender.objections,
    )
    found = no_objection_open(standing)
    if found is None:
        return None
    return Held(found.zh, found.en, *found.law.split(" ", 1))


def _history(tender: Tender) -> list[tuple[Any, str, Any]]:
    """What happened: when, the event's short name, and its new deadline or ground."""
    return [
        (from_micros(micros), short(kind), data.get("objection_no") or data.get("ground"))
        for kind, micros, data in tender.history
    ]


async def _bids(here: Site, session: AsyncSession, tender: Tender) -> Bids:
    """The bids, by the rule of the API: sealed for all until the opening, then for some to read."""
    if bid_policy.sealed(State(tender.state), tender.bid_deadline, here.now):
        return Bids(SEALED)
    try:
        require_duty(here.actor, tender, bid_policy.BOTH)
    except Forbidden:
        return Bids("withheld")
    rows = await bids.page(session, tender.ref, None, MOST + 1)
    return Bids("shown", tuple(rows[:MOST]), len(rows) > MOST)


async def _lots(session: AsyncSession, tender: Tender, within: Scope) -> list[repository.Lot]:
    if tender.lot is None:
        return []
    return await repository.lots(session, tender.tender_no, tender.region, within, MOST)


def _looks_on(actor: Actor) -> bool:
    """Whether this is a post that reads the monitor's leads and has no hand in the tender."""
    return LEADS in actor.duties and not actor.duties & bid_policy.BOTH
