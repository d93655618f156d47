"""The HTTP face of the catalogue of items.

A version comes by an import; an item is withdrawn here. Must never decide anything.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from libs.common.identity.actor import Acting
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import NotFound
from libs.common.web.etag import IfMatch, set_etag
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.approval.item import repository, schemas, service
from services.approval.item.model import ItemVersion
from services.approval.item.repository import Wanted
from services.approval.today import Today

router = APIRouter(
    prefix="/items",
    route_class=SignedCommandRoute,
    tags=["items 事项"],
)
Within = Annotated[Scope, Depends(permitted("item.read"))]
ItemCode = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]
On = Annotated[date | None, Query(description="as of this day; default: today")]
Word = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Digits = Annotated[str | None, Query(pattern=r"^\d{2,12}$")]


def _shown(row: ItemVersion) -> schemas.ShownItem:
    return schemas.ShownItem.model_validate(
        {**row.model_dump(exclude={"details"}), **row.details}, strict=False
    )


async def _wanted(
    item_type: Annotated[schemas.ItemType | None, Query(alias="type")] = None,
    body: Word = None,
    region: Digits = None,
    q: Word = None,
) -> Wanted:
    return Wanted(item_type, body, region, q)


@router.get("")
async def page(
    request: Request,
    response: Response,
    *,
    session: Session,
    scope: Within,
    asked: Page,
    today: Today,
    wanted: Annotated[Wanted, Depends(_wanted)],
    on: On = None,
) -> schemas.ItemPage:
    """Items by code as of a day; `?type=`, `?body=`, `?region=` first digits, `?q=` in the name."""
    day = on or today
    rows = await repository.page(
        session, day, wanted, scope=scope, after=asked.after_text(), limit=asked.limit + 1
    )
    if len(rows) > asked.limit:
        link_next(request, response, rows[asked.limit - 1].code)
    return schemas.ItemPage(on=day, items=[_shown(row) for row in rows[: asked.limit]])


@router.get("/{code}")
async def get(
    code: ItemCode,
    session: Session,
    scope: Within,
    today: Today,
    *,
    response: Response,
    on: On = None,
) -> schemas.ShownItem:
    """The version that holds on a day. The ETag is of that version."""
    row = await repository.on(session, code, on or today, scope=scope)
    if row is None:
        raise NotFound
    set_etag(response, row.version)
    return _shown(row)


@router.get("/{code}/versions")
async def versions(
    code: ItemCode, session: Session, scope: Within, response: Response
) -> schemas.VersionList:
    """Every version, newest first. The ETag is of the newest: what a command wants."""
    rows = (await repository.versions(session, [code], scope=scope)).get(code)
    if not rows:
        raise NotFound
    set_etag(response, rows[-1].version)
    return schemas.VersionList(items=[_shown(row) for row in reversed(rows)])


@router.post("/{code}/withdraw")
async def withdraw(
    code: ItemCode,
    body: schemas.Withdraw,
    response: Response,
    *,
    session: Session,
    actor: Acting,
    match: IfMatch,
    today: Today,
) -> schemas.ShownItem:
    """取消事项 from a day on; `If-Match` names the newest version."""
    row = await service.withdraw_item(
        session, actor, code, match, first_day=body.first_day, today=today
    )
    set_etag(response, row.version)
    return _shown(row)
