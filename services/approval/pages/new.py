"""`/window/new`: taking in an application (收件), with the catalogue's own values given."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse
from uuid_utils import uuid4

from libs.common.identity.actor import Acting
from libs.common.identity.forms import OwnForm
from libs.common.identity.permissions import scope_of
from libs.common.web.errors import Forbidden
from libs.common.web.law import Law
from libs.common.web.session import Session
from services.approval.case import schemas, service
from services.approval.item import repository as items
from services.approval.item.policy import TERMS
from services.approval.item.repository import Wanted
from services.approval.pages import addresses
from services.approval.pages.form_route import FIELD, FormRoute
from services.approval.pages.site import Here
from services.approval.pages.steps import RECEIVE, RECEIVE_LISTED, filled
from services.approval.today import Today

MOST_ITEMS: Final = 200
ItemCode = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
router = APIRouter(route_class=FormRoute)


@router.get("/window/new")
async def form(here: Here, item: ItemCode = "") -> Response:
    """The form; `?item=` shows what the catalogue says of an item today."""
    if "window" not in here.actor.duties:
        raise Forbidden
    code, scope = item.strip(), scope_of(here.actor, "item.read")
    version = await items.on(here.session, code, here.today, scope=scope) if code else None
    wanted = Wanted(body=here.actor.office)
    catalogue = await items.page(
        here.session, here.today, wanted, scope=scope, after=None, limit=MOST_ITEMS
    )
    said = {name: getattr(version, name) for name in TERMS} if version else {}
    return here.page(
        "new.html",
        fields=RECEIVE_LISTED if version else RECEIVE,
        values={"item_code": code, "channel": "window"},
        given={name: value for name, value in said.items() if value is not None},
        item=code,
        version=version,
        catalogue=catalogue,
        form_key=str(uuid4()),
    )


@router.post("/window/new")
async def receive(
    request: Request, form: OwnForm, session: Session, actor: Acting, *, law: Law, today: Today
) -> Response:
    """Take the application in; then its page."""
    form.pop(FIELD, None)
    listed = await items.listed_on(session, form.get("item_code", ""), today)
    # What the catalogue says is not asked again: a box that is not there was not left empty.
    fields = RECEIVE if listed.version is None else RECEIVE_LISTED
    body = filled(schemas.Receive, fields, form, law.zone)
    marker = request.app.state.marker
    case = await service.receive_case(session, actor, body, law=law, marker=marker)
    return RedirectResponse(addresses.case(case.case_no), status_code=303)
