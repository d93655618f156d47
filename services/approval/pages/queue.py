"""`/window`: what an office must do first. Every filter is a link.

Must never order by anything but the dates that the cases store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal, NamedTuple

from fastapi import APIRouter, Query, Response
from starlette.responses import RedirectResponse

from libs.common.law.instants import to_micros
from libs.common.web.page import Page, PageRequest, encode_cursor
from libs.common.worktime import end_of_day
from services.approval.applicant import repository as applicants
from services.approval.case import repository as cases
from services.approval.case.endpoints import Words
from services.approval.case.model import Case
from services.approval.case.policy import State
from services.approval.case.sought import Sought
from services.approval.pages import addresses, clocks, repository
from services.approval.pages.clocks import Told
from services.approval.pages.remaining import SOON
from services.approval.pages.site import Here, Site

FIRST: Final = 20
"""Rows of a list on the first screen; each leads to the whole."""
STATES: Final = {
    "arrivals": (State.RECEIVED,),
    "applicant": (State.SUPPLEMENTING, State.PAUSED),
    "finish": (State.DECIDED, State.DELIVERED, State.REFUSED, State.WITHDRAWN),
}
ListName = Literal["running", "undated", "arrivals", "applicant", "finish"]
Near = Literal["overdue", "today", "soon"]
router = APIRouter()


class Row(NamedTuple):
    """A case in a list: its item's name, the date that comes first, and who applied, masked."""

    case: Case
    item: str
    told: Told | None
    applicant: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of the queue; `cursor` where more follow."""

    name: str
    rows: list[Row]
    cursor: str | None


@router.get("/window")
async def queue(
    here: Here,
    asked: Page,
    *,
    show: Annotated[ListName | None, Query(alias="list")] = None,
    due: Annotated[Near | None, Query()] = None,
    q: Words = "",
) -> Response:
    """The lists, one of them, or what a search found."""
    if q.strip():
        return await _found(here, asked, q.strip())
    only = show or ("running" if due else None)
    lists = [await _whole(here, asked, only, due)] if only else await _first_screen(here)
    numbers = await repository.counts(
        here.session,
        here.own,
        now=here.now,
        evening=end_of_day(here.today, here.law.zone),
    )
    return here.page(
        "queue.html",
        lists=lists,
        only=only,
        due=due,
        q="",
        counts=numbers,
        office_name=await here.office_name(here.actor.office),
        states=STATES,
        may_receive="window" in here.actor.duties,
    )


async def _first_screen(here: Site) -> list[Listed]:
    names: tuple[ListName, ...] = ("running", "undated", "arrivals", "applicant", "finish")
    first = PageRequest(None, FIRST)
    found = [await _whole(here, first, name, None) for name in names]
    return [one for one in found if one.rows or one.name != "undated"]


async def _whole(here: Site, asked: PageRequest, name: ListName, near: Near | None) -> Listed:
    after, limit = asked.after_instant(), asked.limit + 1
    session, own = here.session, here.own
    if name == "running":
        past, upto = _span(here, near)
        rows = await repository.dated(session, own, past=past, upto=upto, after=after, limit=limit)
    elif name == "undated":
        rows = await repository.undated(session, own, after=after, limit=limit)
    else:
        rows = await repository.waiting(session, own, STATES[name], after=after, limit=limit)
    shown = rows[: asked.limit]
    cursor = _cursor(shown[-1], name) if len(rows) > asked.limit else None
    return Listed(name, await _rows(here, shown), cursor)


def _span(here: Site, near: Near | None) -> tuple[datetime | None, datetime | None]:
    """The due instants that a filter leaves: past < due <= upto."""
    evening = end_of_day(here.today, here.law.zone)
    match near:
        case "overdue":
            return None, here.now
        case "today":
            return here.now, evening
        case "soon":
            last = here.law.calendar.working_day_after(here.today, SOON)
            return here.now, end_of_day(last, here.law.zone)
    return None, None


async def _rows(here: Site, found: Sequence[Case]) -> list[Row]:
    names = await here.item_names(found)
    who = await applicants.of_cases(here.session, [case.case_no for case in found])
    masked = {case_no: one.name_masked for case_no, one in who.items()}
    return [
        Row(case, names[case.case_no], _first_date(here, case), masked.get(case.case_no))
        for case in found
    ]


def _first_date(here: Site, case: Case) -> Told | None:
    """What the case's place in the queue follows from: the date it stores, else what runs."""
    if case.state == State.ACCEPTED:
        return next(iter(clocks.stored(here.law, case, here.now)), None)
    return next(iter(clocks.running(here.law, case, here.now)), None)


def _cursor(last: Case, name: str) -> str:
    at = last.due_at if name == "running" and last.due_at else last.last_event_at
    return encode_cursor(to_micros(at), last.case_no)


async def _found(here: Site, asked: PageRequest, words: str) -> Response:
    """What a search found; a whole number leads straight to its case."""
    exact = await cases.find(here.session, words, here.scope)
    if exact is not None:
        return RedirectResponse(addresses.case(exact.case_no), status_code=303)
    rows = await cases.page(
        here.session,
        here.scope,
        state=None,
        sought=Sought.of(here.request.app.state.marker, words=words),
        after=asked.after_text(),
        limit=asked.limit + 1,
    )
    shown = rows[: asked.limit]
    cursor = encode_cursor(shown[-1].case_no) if len(rows) > asked.limit else None
    found = Listed("found", await _rows(here, shown), cursor)
    return here.page("found.html", found=found, q=words)
