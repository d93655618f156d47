"""Where departments' systems hand events in, and the page on which they see what became of them.

The application sets `app.state.intake` (`Callers`) and gives `BODY_LIMITS` to the factory; the
page wants `app.state.identify`. Must never read a body before it knows whose it is, nor show a
source beyond the scope of who looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from libs.common.identity.pages import account_of
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope
from libs.common.web import problem
from libs.common.web.errors import DomainError, Unauthenticated, in_language
from libs.common.web.language import Language, language_of
from libs.common.web.openapi import problems
from libs.common.web.problem import ProblemField, ProblemResponse
from libs.common.web.session import Session
from services.e_monitor.intake import repository, service
from services.e_monitor.intake.contract import Fault
from services.e_monitor.intake.curl import curl_line
from services.e_monitor.intake.reading import BATCH, BINARY, MAX_BODY, SINGLE, read
from services.e_monitor.intake.repository import Summary
from services.e_monitor.intake.schemas import EventAnswer, SourceRow
from services.e_monitor.intake.service import Answer
from services.e_monitor.intake.sources import Callers, Source

PATH: Final = "/api/monitor/v1/events"
BODY_LIMITS: Final = {PATH: MAX_BODY}
TEMPLATES: Final = Path(__file__).parent / "templates"
TEXTS: Final = Path(__file__).parent / "texts.yaml"
SHOWN_REJECTED: Final = 20
_STATUS: Final = {"accepted": 202, "duplicate": 200, "conflict": 409, "rejected": 422}
_OBJECT: Final = {"schema": {"type": "object"}}
_BODY: Final[dict[str, Any]] = {
    **problems(415),
    "requestBody": {
        "required": True,
        "description": "CloudEvents 1.0: structured, batch (at most 1,000) or binary mode",
        "content": {
            SINGLE: _OBJECT,
            BATCH: {"schema": {"type": "array", "items": {"type": "object"}}},
            BINARY: _OBJECT,
        },
    },
}

SourceScope = Annotated[Scope, Depends(permitted("source.read"))]
router = APIRouter(tags=["events 事件接入"])
sources_router = APIRouter()


async def posting(request: Request) -> Source:
    """The source that a request comes from; Unauthenticated where none is admitted."""
    callers = _callers(request)
    caller = request.client.host if request.client else ""
    return callers.identify(request.headers.get("authorization", ""), caller)


def _callers(request: Request) -> Callers:
    callers: Callers | None = getattr(request.app.state, "intake", None)
    if callers is None:
        raise Unauthenticated
    return callers


@router.post(
    "/events",
    openapi_extra=_BODY,
    status_code=202,
    response_model=EventAnswer,
    responses={200: {"model": EventAnswer | list[EventAnswer]}},
)
async def take_events(
    request: Request,
    source: Annotated[Source, Depends(posting)],
    session: Session,
    dry_run: Annotated[bool, Query(description="check only; nothing is kept")] = False,
) -> Response:
    """接入事件. One event: 202 accepted, 200 duplicate, 409 conflict, 422 rejected; a batch: 200
    with one answer an event."""
    body = await request.body()
    try:
        delivery = read(request.headers, body)
    except DomainError as error:
        if not dry_run:
            message = {"zh": error.detail("zh"), "en": error.detail("en")}
            await service.note_unreadable(session, source, Fault(error.code, "", message))
        # Returned, not raised: what was just noted is to be committed.
        return problem.from_domain(request.scope, error)
    answers = await service.take_in(session, source, delivery.bodies, dry_run=dry_run)
    language = language_of(request.scope)
    if delivery.batch:
        return _listed(answers, language)
    return _single(request, answers[0], language, dry_run=dry_run)


def _listed(answers: Sequence[Answer], language: Language) -> Response:
    shown = [EventAnswer.of(answer, language, f"/{answer.index}") for answer in answers]
    return JSONResponse([answer.model_dump(exclude_none=True) for answer in shown])


def _single(request: Request, answer: Answer, language: Language, *, dry_run: bool) -> Response:
    status = _STATUS[answer.status]
    if answer.faults:
        first = answer.faults[0]
        faults = [
            ProblemField(pointer=fault.pointer, message=in_language(fault.message, language))
            for fault in answer.faults
        ]
        detail = in_language(first.message, language) if status == 409 else None
        body = problem.problem(request.scope, status, code=first.code, detail=detail, errors=faults)
        return ProblemResponse(body)
    shown = EventAnswer.of(answer, language).model_dump(exclude_none=True)
    return JSONResponse(shown, 200 if dry_run else status)


@sources_router.get("/monitor/sources")
async def sources_page(
    request: Request,
    session: Session,
    within: SourceScope,
    source: Annotated[str | None, Query()] = None,
) -> Response:
    """What each source in scope sent and what became of it; one of them with its refused events."""
    callers = _callers(request)
    now = await repository.now(session)
    seen = callers.covered(within.covers)
    chosen = next((one for one in seen if one.name == source), seen[0] if seen else None)
    refused = []
    if chosen is not None:
        refused = await repository.rejected(session, chosen.name, SHOWN_REJECTED)
    page: Response = request.app.state.shell.page(
        request,
        "sources.html",
        now=now,
        account=await account_of(request),
        demo=callers.demo is not None,
        rows=await _rows(session, seen),
        configured=bool(callers.all),
        chosen=chosen,
        refused=refused,
        curl=curl_line(chosen, str(request.base_url), now) if chosen else "",
    )
    return page


async def _rows(session: Session, sources: Sequence[Source]) -> list[SourceRow]:
    summaries, parked = await repository.summaries(session), await repository.parked(session)
    rows = []
    for source in sources:
        summary = summaries.get(source.name, Summary(source.name))
        rows.append(
            SourceRow(
                source=source.name,
                title=dict(source.title),
                accepted=summary.accepted,
                duplicates=summary.duplicates,
                conflicts=summary.conflicts,
                rejected=summary.rejected,
                parked=parked.get(source.system, 0),
                last_at=summary.last_at,
                allowance_working_days=source.allowance_working_days,
            )
        )
    return rows
