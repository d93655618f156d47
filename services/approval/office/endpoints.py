"""The HTTP face of the organisation: bodies, windows, posts, and who leads whom.

Reading only; it is changed by imports. Must never show a person to another body's staff.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from libs.common.identity.actor import Acting, acting
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.etag import set_etag
from libs.common.web.page import Page, PageRequest, link_next
from libs.common.web.session import Session
from services.approval.imports import REGISTRAR
from services.approval.office import repository, schemas, service
from services.approval.office.model import Body, Post, Window
from services.approval.today import Today

router = APIRouter(tags=["organisation 机构"], dependencies=[Depends(acting)])
Code = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Filter = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Digits = Annotated[str | None, Query(pattern=r"^\d{2,12}$")]
Level = Annotated[str | None, Query(pattern=r"^(province|city|county|township)$")]


@router.get("/bodies")
async def bodies(
    request: Request,
    response: Response,
    *,
    session: Session,
    asked: Page,
    region: Digits = None,
    level: Level = None,
) -> schemas.BodyPage:
    """Bodies by code; `?region=` the first digits of their region, `?level=`."""
    found = await repository.bodies(
        session, region=region, level=level, after=asked.after_text(), limit=asked.limit + 1
    )
    rows = _cut(found, asked, request, response)
    return schemas.BodyPage(items=[schemas.ShownBody.model_validate(row) for row in rows])


@router.get("/bodies/{code}")
async def body(code: Code, session: Session, response: Response) -> schemas.ShownBody:
    """One body, with its ETag."""
    row = await repository.find(session, Body, code)
    return schemas.ShownBody.model_validate(_found(row, response))


@router.get("/windows")
async def windows(
    request: Request,
    response: Response,
    *,
    session: Session,
    asked: Page,
    body: Filter = None,
    hall: Filter = None,
) -> schemas.WindowPage:
    """Windows by code; `?body=`, `?hall=`."""
    found = await repository.windows(
        session, body=body, hall=hall, after=asked.after_text(), limit=asked.limit + 1
    )
    rows = _cut(found, asked, request, response)
    return schemas.WindowPage(items=[schemas.ShownWindow.model_validate(row) for row in rows])


@router.get("/windows/{code}")
async def window(code: Code, session: Session, response: Response) -> schemas.ShownWindow:
    """One window, with its ETag."""
    row = await repository.find(session, Window, code)
    return schemas.ShownWindow.model_validate(_found(row, response))


@router.get("/posts")
async def posts(
    request: Request,
    response: Response,
    *,
    session: Session,
    asked: Page,
    body: Filter = None,
    window: Filter = None,
) -> schemas.PostPage:
    """Posts by code; `?body=`, `?window=`."""
    found = await repository.posts(
        session, body=body, window=window, after=asked.after_text(), limit=asked.limit + 1
    )
    rows = _cut(found, asked, request, response)
    return schemas.PostPage(items=[schemas.ShownPost.model_validate(row) for row in rows])


@router.get("/posts/{code}")
async def post(code: Code, session: Session, response: Response) -> schemas.ShownPost:
    """One post, with its ETag."""
    row = await repository.find(session, Post, code)
    return schemas.ShownPost.model_validate(_found(row, response))


@router.get("/posts/{code}/leaders")
async def leaders(
    code: Code,
    session: Session,
    today: Today,
    on: Annotated[date | None, Query()] = None,
) -> schemas.LeaderChain:
    """The posts that lead a post, nearest first; `?on=` as of a day, else today."""
    chain = await service.responsible(session, code, on or today)
    shown = [schemas.Leader.model_validate(leader) for leader in chain.leaders]
    return schemas.LeaderChain(post=chain.post.post, leaders=shown)


@router.get("/posts/{code}/tenures")
async def tenures(code: Code, session: Session, actor: Acting) -> schemas.TenureList:
    """Who stood at a post, and when: for the body's own staff and its registrars."""
    row = await repository.find(session, Post, code)
    if row is None:
        raise NotFound
    if row.body != actor.office and REGISTRAR not in actor.duties:
        raise Forbidden
    rows = await repository.tenures(session, code)
    return schemas.TenureList(items=[schemas.ShownTenure.model_validate(one) for one in rows])


def _cut(rows: Sequence[Any], asked: PageRequest, request: Request, response: Response) -> Any:
    """The rows of the page, with a link to the next one where there are more."""
    if len(rows) > asked.limit:
        link_next(request, response, rows[asked.limit - 1].code)
    return rows[: asked.limit]


def _found(row: Body | Window | Post | None, response: Response) -> Body | Window | Post:
    if row is None:
        raise NotFound
    set_etag(response, row.version)
    return row
