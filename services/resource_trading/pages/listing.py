"""`/trading`: the tenders of the region, where each stands and which date comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from libs.common.law.lawful import dossier_of
from libs.common.web.page import Page, encode_cursor
from libs.common.web.session import Session
from services.resource_trading.award.model import Award
from services.resource_trading.pages import limits
from services.resource_trading.pages.site import Here, Site, course_of
from services.resource_trading.pages.stages import Next, next_date
from services.resource_trading.tender import repository
from services.resource_trading.tender.endpoints import Within
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Row:
    """A tender in the list, and what comes next."""

    tender: Tender
    next: Next | None


@router.get("/trading")
async def listed(
    here: Here,
    session: Session,
    within: Within,
    asked: Page,
    state: Annotated[State | None, Query()] = None,
) -> Response:
    """The tenders that the reader may see, by number; every filter is a link."""
    found = await repository.within(
        session, within, state=state, after=asked.after_text(), limit=asked.limit + 1
    )
    items = found[: asked.limit]
    more = len(found) > asked.limit
    return here.page(
        "tenders.html",
        rows=[_row(here, *item) for item in items],
        state=state,
        states=tuple(State),
        region=here.actor.region,
        cursor=encode_cursor(items[-1].tender.ref) if more else None,
    )


def _row(here: Site, tender: Tender, award: Award | None) -> Row:
    law = here.law
    known = dossier_of(law, tender.history, tender.region, tender.office)
    begun = limits.begun(law, known, here.now)
    return Row(tender, next_date(course_of(tender, award), begun, here.now, law.zone))
