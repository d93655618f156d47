"""The HTTP face of overdue counts and facts: read by anyone, without login.

Must never decide when a fact may be shown: its gate does.
"""

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from libs.common.web.openapi import ANYONE
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.disclosure.overdue import repository, schemas
from services.disclosure.overdue.policy import month_of
from services.disclosure.overdue.repository import Shown
from services.disclosure.public import KeptRoute
from services.disclosure.record.endpoints import Office, after_key
from services.disclosure.record.repository import now

router = APIRouter(tags=["overdue 超期"], route_class=KeptRoute)


def last_key(fact: Shown) -> tuple[str, str]:
    """The sort key of the last fact shown."""
    return fact.opens_at.isoformat(), str(fact.public_id)


@router.get("/overdue", response_model=schemas.OverdueList, openapi_extra=ANYONE)
async def counts(request: Request, session: Session) -> Response:
    """Overdue matters by office, with this month's base."""
    zone: ZoneInfo = request.app.state.settings.zone_info
    found = await repository.by_office(session, month_of(await now(session), zone))
    body = schemas.OverdueList(items=[schemas.OfficeCount.model_validate(row) for row in found])
    return JSONResponse(body.model_dump(mode="json"))


@router.get("/overdue/facts", response_model=schemas.OverdueFactPage, openapi_extra=ANYONE)
async def facts(request: Request, session: Session, asked: Page, office: Office = None) -> Response:
    """Overdue facts that may be shown, with the office's answer; `?office=` narrows them."""
    found = await repository.facts(
        session, office=office, after=after_key(asked.after), limit=asked.limit + 1
    )
    shown = found[: asked.limit]
    items = [schemas.OverdueFact.model_validate(fact) for fact in shown]
    answer = JSONResponse(schemas.OverdueFactPage(items=items).model_dump(mode="json"))
    if len(found) > asked.limit:
        link_next(request, answer, *last_key(shown[-1]))
    return answer
