"""`/cases` and `/cases/{case_no}`: how a case stands, for whoever has its number and query code.

Without a login and without JavaScript. The code travels in a form's body, and then in a cookie of
that one page. Must never stand in an address, and must never show who applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import text
from starlette.responses import RedirectResponse

from libs.common.db.transaction import transaction
from libs.common.web.errors import DomainError
from libs.common.web.language import language_of
from libs.common.web.law import Law
from libs.common.web.session import sessions_of
from libs.common.web.shell import Shell
from services.approval.case.endpoints import CaseNo
from services.approval.pages import addresses
from services.approval.pages.paper import Words
from services.approval.pages.standing import Standing, read
from services.approval.progress import service

COOKIE: Final = "sunlight-case"
KEPT_SECONDS: Final = 3600
Typed = Annotated[str, Form(max_length=60)]
_NOW: Final = text("SELECT city_now()")
router = APIRouter()


@router.get("/cases")
async def form(request: Request) -> Response:
    """The form: case number and query code."""
    return _page(request, "find_case.html", case_no="", wrong=None)


@router.post("/cases")
async def find(request: Request, case_no: Typed = "", query_code: Typed = "") -> Response:
    """To the case's page with a cookie that opens it, or the form with what was wrong."""
    try:
        case = await service.asked_for(sessions_of(request), case_no, query_code)
    except (service.NoSuchCase, service.TooManyTries) as error:
        return _refused(request, case_no, error)
    answer = RedirectResponse(addresses.progress(case.case_no), status_code=303)
    _keep(request, answer, case.case_no, case.query_code)
    return answer


@router.get("/cases/{case_no}")
async def page(case_no: CaseNo, request: Request, law: Law) -> Response:
    """How the case stands; without its cookie the form."""
    code = request.cookies.get(COOKIE, "")
    if not code:
        return _page(request, "find_case.html", case_no=case_no, wrong=None)
    sessions = sessions_of(request)
    try:
        case = await service.asked_for(sessions, case_no, code)
    except (service.NoSuchCase, service.TooManyTries) as error:
        answer = _refused(request, case_no, error)
        answer.delete_cookie(COOKIE, path=addresses.progress(case_no))
        return answer
    shell: Shell = request.app.state.shell
    words = Words(shell.texts, language_of(request.scope), law.zone)
    async with transaction(sessions) as session:
        now: datetime = (await session.execute(_NOW)).scalar_one()
        standing = await read(session, case, law=law, say=words, known=shell.names, now=now)
    return _page(request, "progress.html", now=now, **_shown(standing), named=words.named)


def _shown(standing: Standing) -> Mapping[str, Any]:
    return {name: getattr(standing, name) for name in Standing.__slots__}


def _page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    shell: Shell = request.app.state.shell
    # The public site's own entry of the header: these pages are for everyone.
    answer = shell.page(request, template, status=status, service="disclosure", **values)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refused(request: Request, case_no: str, error: DomainError) -> Response:
    wrong = error.detail(language_of(request.scope))
    answer = _page(
        request, "find_case.html", status=error.status, case_no=case_no.strip(), wrong=wrong
    )
    answer.headers.update(error.headers)
    return answer


def _keep(request: Request, answer: Response, case_no: str, code: str) -> None:
    """The code for the case's page alone, unreadable for scripts."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    answer.set_cookie(
        COOKIE,
        code,
        max_age=KEPT_SECONDS,
        path=addresses.progress(case_no),
        secure=scheme == "https",
        httponly=True,
        samesite="strict",
    )
