"""`/window/new`: taking in an application (收件), with the catalogue's own values filled in."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.responses import RedirectResponse

from libs.common.identity.actor import Acting
from libs.common.identity.forms import OwnForm
from libs.common.web.errors import Forbidden
from libs.common.web.law import Law
from libs.common.web.session import Session
from services.approval.case import schemas, service
from services.approval.item import repository as items
from services.approval.item.model import ItemVersion
from services.approval.item.repository import Wanted
from services.approval.pages import addresses
from services.approval.pages.site import Here
from services.approval.pages.steps import RECEIVE, filled

MOST_ITEMS: Final = 200
ItemCode = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
_KNOWN: Final = (
    "item_type",
    "immediate",
    "delivers_document",
    "limit_set_by_law",
    "statutory_limit",
    "statutory_unit",
    "promised_limit",
    "promised_unit",
)
router = APIRouter()


@router.get("/window/new")
async def form(here: Here, item: ItemCode = "") -> Response:
    """The form; `?item=` fills in what the catalogue says of an item today."""
    if "window" not in here.actor.duties:
        raise Forbidden
    code = item.strip()
    version = await items.on(here.session, code, here.today) if code else None
    catalogue = await items.page(
        here.session, here.today, Wanted(body=here.actor.office), after=None, limit=MOST_ITEMS
    )
    return here.page(
        "new.html",
        fields=RECEIVE,
        values={"item_code": code, **_said(version)},
        item=code,
        version=version,
        catalogue=catalogue,
    )


def _said(version: ItemVersion | None) -> dict[str, Any]:
    return {} if version is None else {name: getattr(version, name) for name in _KNOWN}


@router.post("/window/new")
async def receive(form: OwnForm, session: Session, actor: Acting, law: Law) -> Response:
    """Take the application in; then its page."""
    body = filled(schemas.Receive, RECEIVE, form, law.zone)
    case = await service.receive_case(session, actor, body, law=law)
    return RedirectResponse(addresses.case(case.case_no), status_code=303)
