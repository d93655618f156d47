"""Tenders as OCDS release packages: the newest, and all of one tender."""

import re
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from libs.common.web.errors import NotFound
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.disclosure.pages.site import address_of, settings_of, wording
from services.disclosure.public import KeptRoute
from services.disclosure.record import repository
from services.disclosure.record.endpoints import after_key, last_key
from services.disclosure.tender import ocds

READ: Final = ["GET", "HEAD"]
_NUMBER: Final = re.compile(r"[^\x00/~]{1,200}(~[^\x00/~]{1,200})?")
router = APIRouter(route_class=KeptRoute)


def _publisher(request: Request) -> ocds.Publisher:
    settings = settings_of(request)
    name = wording(request, "zh").text("platform")
    return ocds.Publisher(address_of(request), name, settings.ocid_prefix)


@router.api_route("/ocds/releases.json", methods=READ)
async def releases(request: Request, session: Session, asked: Page) -> Response:
    """The newest releases; `Link: rel="next"` leads to older ones."""
    found = await repository.page(
        session, kinds=ocds.KINDS, after=after_key(asked.after), limit=asked.limit + 1
    )
    shown = found[: asked.limit]
    publisher = _publisher(request)
    uri = f"{publisher.site}/ocds/releases.json"
    at = shown[0].published_at if shown else await repository.now(session)
    answer = JSONResponse(ocds.package(shown, publisher, uri, at))
    if len(found) > asked.limit:
        link_next(request, answer, *last_key(shown[-1]))
    return answer


@router.api_route("/ocds/tenders/{number}.json", methods=READ)
async def tender(request: Request, session: Session, number: str) -> Response:
    """All releases of one tender, newest first; of a lot (标段) under `{number}~{lot}`."""
    if not _NUMBER.fullmatch(number):
        raise NotFound
    subject = f"tender/{number.replace('~', '/')}"
    found = await repository.of_subject(session, subject, ocds.KINDS)
    if not found:
        raise NotFound
    publisher = _publisher(request)
    uri = f"{publisher.site}/ocds/tenders/{number}.json"
    return JSONResponse(ocds.package(found, publisher, uri, found[0].published_at))
