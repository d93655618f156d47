"""`/monitor`: what is new, what is worst, what waits. Fed by one event stream.

Must never count anything as late by itself: it shows findings, and clocks judged at the horizon.
Nothing beyond the scope of who looks is shown or counted, and nothing is kept between two lookers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as midnight
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from libs.common.bus.subjects import acquired
from libs.common.db.engine import Connection
from libs.common.identity.actor import Acting
from libs.common.identity.permissions import scope_of
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from libs.common.web.sse import ServerEvent, event_stream
from libs.common.worktime import civil_day, end_of_day
from services.e_monitor.clock import reading as clocks
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.clock.outlook import Ahead, Outlook, due_day, soon
from services.e_monitor.clock.reading import SubjectView
from services.e_monitor.context import CLOCKS, FindingScope, Law, LookOut, Outlooking, Reader
from services.e_monitor.finding import reading as findings
from services.e_monitor.finding.news import Bulletin, News
from services.e_monitor.finding.sight import Sight
from services.e_monitor.match.handlers import DETECTOR
from services.e_monitor.metrics import LISTENERS
from services.e_monitor.pages import overview
from services.e_monitor.pages.overview import TO_ANSWER, TO_ASSIGN, TO_VERIFY
from services.e_monitor.pages.site import Here, Site
from services.e_monitor.stream import BACK_IN, Lasting, ending

NEWEST: Final = 8
NEARLY_DUE: Final = 10
AHEAD: Final = timedelta(days=5)
MARKED_SECONDS: Final = 3.0
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Due:
    """An open clock that is nearly due, of which office."""

    told: Explanation
    day: date
    region: str | None
    department: str | None


@dataclass(frozen=True, slots=True)
class DueSoon:
    """Clocks due today, tomorrow and soon; `more` when not all could be looked at."""

    today: int = 0
    tomorrow: int = 0
    more: bool = False
    soonest: tuple[Due, ...] = ()


@router.get("/monitor")
async def dashboard(
    here: Here, reader: Reader, within: FindingScope, outlook: Outlooking
) -> Response:
    """The dashboard."""
    counts = await findings.counts(reader, within)
    last = civil_day(here.now, here.law.zone)
    first = datetime.combine(last - (overview.DAYS - 1) * timedelta(days=1), midnight())
    since = first.replace(tzinfo=here.law.zone)
    cells = await findings.by_day(reader, within, here.law.zone.key, since)
    heat = overview.heat_map(cells, last)
    return here.page(
        "dashboard.html",
        **await _numbers(here, reader, counts, outlook),
        **await _newest(reader, within),
        departments=overview.overdue_by(counts, "department"),
        regions=overview.overdue_by(counts, "region"),
        heat=heat,
        heat_option=overview.heat_option(heat, here.office_text),
    )


async def _numbers(
    here: Site, reader: Connection, counts: list[findings.Count], outlook: Outlook
) -> dict[str, Any]:
    rules = here.law.book.rules
    out_of_hall = [r.id for r in rules if isinstance(r, Pattern) and r.detector == DETECTOR]
    return {
        "totals": overview.totals(counts, out_of_hall),
        "work": {"to_assign": TO_ASSIGN, "to_answer": TO_ANSWER, "to_verify": TO_VERIFY},
        "out_of_hall": next(iter(out_of_hall), None),
        "due": await _due_soon(here, reader, outlook),
    }


async def _newest(
    reader: Connection, within: Sight, marked: frozenset[UUID] = frozenset()
) -> dict[str, Any]:
    found = await findings.page(reader, within, findings.Filter(), None, NEWEST)
    return {"newest": found, "marked": marked}


async def _due_soon(here: Site, reader: Connection, outlook: Outlook) -> DueSoon:
    if here.horizon is None:
        return DueSoon()
    scope, today = scope_of(here.actor, CLOCKS), civil_day(here.horizon, here.law.zone)
    last = max(today + AHEAD, overview.furthest_due(here.law, today))
    known = await outlook.within(scope, end_of_day(last, here.law.zone))
    ahead = soon(known, today, today + AHEAD, here.horizon)
    tomorrow = today + timedelta(days=1)
    return DueSoon(
        today=len({one.subject for one in ahead if one.day == today}),
        tomorrow=len({one.subject for one in ahead if one.day == tomorrow}),
        more=outlook.more,
        soonest=await _soonest(reader, scope, here.law, ahead),
    )


async def _soonest(
    reader: Connection, scope: Scope, law: Fold, ahead: Sequence[Ahead]
) -> tuple[Due, ...]:
    """The first of those that still run, as they stand now and in scope as they stand now."""
    first = ahead[: 2 * NEARLY_DUE]
    subjects = list(dict.fromkeys(one.subject for one in first))
    views = {view.subject: view async for view in clocks.views(reader, law, subjects)}
    found = [due for one in first if (due := _as_it_stands(views.get(one.subject), one, scope))]
    return tuple(found[:NEARLY_DUE])


def _as_it_stands(view: SubjectView | None, ahead: Ahead, scope: Scope) -> Due | None:
    """The clock, if it still runs and its subject lies in scope."""
    if view is None:
        return None
    place = view.dossier.facts.get("region"), view.dossier.facts.get("department")
    if not scope.covers(*place):
        return None
    for item in view.judged():
        if (item.rule.id, item.clock.occurrence) == (ahead.rule, ahead.occurrence):
            day = due_day(item, view.fold)
            return None if day is None else Due(view.explained(item), day, *place)
    return None


@router.get("/monitor/stream")
async def stream(
    request: Request,
    *,
    news: LookOut,
    outlook: Outlooking,
    law: Law,
    actor: Acting,
    within: FindingScope,
    lasts: Lasting,
) -> StreamingResponse:
    """Parts of the dashboard as they change: `horizon`, `numbers`, `newest`.

    It is over after two minutes. Each begins with all of them as they stand, so that nothing is
    missed between the page and its stream, or between two streams.
    """
    here = Site(request, law, actor, horizon=None, now=UNKNOWN, account=None)
    parts = _parts(Live(request, news, outlook, here, within))
    return event_stream(ending(parts, lasts), retry=BACK_IN)


UNKNOWN: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(slots=True)
class Live:
    """One open dashboard, of one sight."""

    request: Request
    news: News
    outlook: Outlook
    site: Site
    within: Sight
    marked_until: float | None = None

    async def next(self, number: int) -> Bulletin | None:
        """The next bulletin; None when it is time to take marks off."""
        try:
            async with asyncio.timeout(MARKED_SECONDS if self.marked_until else None):
                return await self.news.after(number)
        except TimeoutError:
            return None

    def stale(self, bulletin: Bulletin | None) -> bool:
        """Whether marks are to go, or more has changed than a bulletin tells."""
        marks = self.marked_until is not None and time.monotonic() > self.marked_until
        return marks or (bulletin is not None and not bulletin.whole)

    def at(self, horizon: datetime | None) -> None:
        """Show from now on what is known to `horizon`."""
        self.site.horizon = horizon
        self.site.now = horizon or self.site.now

    async def changed(self, marked: frozenset[UUID]) -> list[ServerEvent]:
        """Numbers and newest findings, those in `marked` marked."""
        async with acquired(self.news.pool) as connection:
            counts = await findings.counts(connection, self.within)
            numbers = await _numbers(self.site, connection, counts, self.outlook)
            newest = await _newest(connection, self.within, marked)
        return [
            ServerEvent(self.site.part("parts/numbers.html", **numbers), "numbers"),
            ServerEvent(self.site.part("parts/newest.html", **newest), "newest"),
        ]


async def _parts(live: Live) -> AsyncGenerator[ServerEvent, None]:
    bulletin: Bulletin | None = live.news.now(live.news.number)
    number, begun = live.news.number, False
    with LISTENERS.track_inprogress():
        while True:
            if bulletin is not None:
                number = bulletin.number
                live.at(bulletin.complete_to)
                yield ServerEvent(live.site.part("parts/horizon.html"), "horizon")
            changes = bulletin.within(live.within) if bulletin else []
            marked = frozenset(change.finding.id for change in changes)
            if not begun or marked or live.stale(bulletin):
                live.marked_until = time.monotonic() + MARKED_SECONDS if marked else None
                for event in await live.changed(marked):
                    yield event
            bulletin, begun = await live.next(number), True
