"""The HTTP face of findings: reading only, in the caller's own terms of filters and cursors.

Must never show, count or tell of a finding outside the caller's scope: there it is not found.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from libs.common.bus import subjects as store
from libs.common.identity.permissions import permitted
from libs.common.law.fold import Fold
from libs.common.law.instants import from_micros, to_micros
from libs.common.web.errors import Invalid, NotFound
from libs.common.web.etag import set_etag
from libs.common.web.page import Page, link_next
from libs.common.web.sse import ServerEvent, event_stream, last_event_id
from services.e_monitor.clock.known import complete_to
from services.e_monitor.context import CLOCKS, FindingScope, Law, LookOut, Reader
from services.e_monitor.finding import reading, schemas
from services.e_monitor.finding.news import Bulletin, News
from services.e_monitor.finding.reading import Changed, Filter
from services.e_monitor.finding.sight import Sight
from services.e_monitor.metrics import LISTENERS
from services.e_monitor.stream import BACK_IN, Lasting, ending

router = APIRouter(tags=["findings 监察发现"])
Text = Annotated[str | None, Query(max_length=500, pattern=r"^[^\x00]+$")]
Severity = Annotated[Literal["info", "yellow", "red", "lead"] | None, Query()]
Stage = Annotated[Literal["detected", "yellow", "red"] | None, Query()]


def wanted(
    *,
    rule: Text = None,
    severity: Severity = None,
    stage: Stage = None,
    status: Text = None,
    department: Text = None,
    region: Text = None,
    subject: Text = None,
    state: Annotated[Literal["overdue", "breached"] | None, Query()] = None,
) -> Filter:
    """The filters of a request; an empty one is refused."""
    return Filter(rule, severity, stage, status, department, region, subject, state)


Wanted = Annotated[Filter, Depends(wanted)]


def after_key(key: list[object] | None) -> tuple[datetime, UUID] | None:
    """The (detected_at, id) of a cursor. Raises Invalid for another's."""
    match key:
        case None:
            return None
        case [int(micros), str(name)]:
            try:
                return from_micros(micros), UUID(name)
            except (ValueError, OverflowError):
                pass
    message = {"zh": "不是有效的游标", "en": "is not a cursor of ours"}
    raise Invalid(errors=[("query:cursor", message)])


@router.get("/findings")
async def page(
    request: Request,
    response: Response,
    *,
    within: FindingScope,
    reader: Reader,
    law: Law,
    asked: Page,
    wanted: Wanted,
) -> schemas.FindingPage:
    """Findings that stand, newest first; `?status=rescinded` for those that no longer do."""
    found = await reading.page(reader, within, wanted, after_key(asked.after), asked.limit + 1)
    items = found[: asked.limit]
    if len(found) > asked.limit:
        link_next(request, response, to_micros(items[-1].detected_at), str(items[-1].id))
    return schemas.FindingPage(items=[schemas.shown(item, law) for item in items])


@router.get("/findings/{finding_id}")
async def one(
    finding_id: UUID, within: FindingScope, reader: Reader, law: Law, response: Response
) -> schemas.FindingWithHistory:
    """One finding with its history; a rescinded one stays on record with the reason."""
    found = await reading.find(reader, within, finding_id)
    if found is None:
        raise NotFound
    set_etag(response, found.version)
    return schemas.shown_with_history(found, law, await reading.history(reader, finding_id))


@router.get("/horizon", dependencies=[Depends(permitted(CLOCKS))])
async def horizon(reader: Reader, law: Law) -> schemas.Horizon:
    """To when the data is complete: what all other answers of this service speak of."""
    whole, topics = complete_to(law, await store.horizons(reader))
    return schemas.Horizon(complete_to=whole, topics=dict(topics))


@router.get("/stream", response_class=StreamingResponse)
async def stream(
    request: Request, *, news: LookOut, law: Law, within: FindingScope, lasts: Lasting
) -> StreamingResponse:
    """Server-sent events: `finding` (new or changed, at least once) and `horizon`.

    It is over after two minutes. A client that comes back with Last-Event-ID, which every event
    gives it, gets what changed meanwhile.
    """
    told = _events(news, within, law, _seen_until(request))
    return event_stream(ending(told, lasts), retry=BACK_IN)


def _seen_until(request: Request) -> datetime | None:
    told = last_event_id(request)
    if told is None:
        return None
    if not told.isdecimal() or len(told) > 17:
        message = {"zh": "不是有效的事件编号", "en": "is not an event id of ours"}
        raise Invalid(errors=[("header:last-event-id", message)])
    return from_micros(int(told))


async def _events(
    news: News, within: Sight, law: Fold, missed: datetime | None
) -> AsyncGenerator[ServerEvent, None]:
    """What was missed since `missed`, then what each bulletin tells."""
    bulletin = news.now(news.number)
    with LISTENERS.track_inprogress():
        while True:
            if missed is None:
                for change in bulletin.within(within):
                    yield _finding_event(change, law)
            else:
                async for change in news.missed(within, missed):
                    yield _finding_event(change, law)
            yield _horizon_event(bulletin)
            last, bulletin = bulletin, await news.after(bulletin.number)
            missed = None if bulletin.whole else last.upto or bulletin.upto


def _finding_event(change: Changed, law: Fold) -> ServerEvent:
    data = schemas.shown(change.finding, law).model_dump_json()
    return ServerEvent(data, "finding", str(to_micros(change.at)))


def _horizon_event(bulletin: Bulletin) -> ServerEvent:
    """The horizon, with the id that what comes after this bulletin is asked for by."""
    horizon = bulletin.complete_to
    shown = None if horizon is None else horizon.astimezone(UTC)
    data = orjson.dumps({"complete_to": shown}, option=orjson.OPT_UTC_Z).decode()
    told = str(to_micros(bulletin.upto)) if bulletin.upto else None
    return ServerEvent(data, "horizon", told)
