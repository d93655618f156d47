"""The page of overdue facts: what passed its limit at which office, and what the office answers.

Must never show a fact before its gate is open, nor whose matter it is.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from libs.common.web.page import Page, encode_cursor
from libs.common.web.session import Session
from services.disclosure.overdue import repository
from services.disclosure.overdue.endpoints import last_key
from services.disclosure.pages.site import shell_of, wording
from services.disclosure.public import KeptRoute
from services.disclosure.record.endpoints import Office, after_key
from services.disclosure.record.repository import now

SHOWN: Final = 20
router = APIRouter(route_class=KeptRoute)


@router.api_route("/overdue", methods=["GET", "HEAD"])
async def overdue(
    request: Request, session: Session, asked: Page, office: Office = None
) -> Response:
    """Overdue facts, newest first; `?office=` for one office's."""
    found = await repository.facts(
        session, office=office, after=after_key(asked.after), limit=SHOWN + 1
    )
    facts = found[:SHOWN]
    last = facts[-1] if len(found) > SHOWN else None
    return shell_of(request).page(
        request,
        "overdue.html",
        now=await now(session),
        words=wording(request),
        facts=facts,
        chosen_office=office,
        next_cursor=encode_cursor(*last_key(last)) if last else None,
    )
