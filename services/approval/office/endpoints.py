"""The HTTP face of the organisation: bodies, windows, posts, and who leads whom.

Reading only; it is changed by imports. Must never show a person to another body's staff.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.actor import Acting
from libs.common.identity.signed import SignedRoute
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.etag import set_etag
from libs.common.web.page import Page, PageRequest, link_next
from libs.common.web.session import Session
from services.approval.imports import REGISTRAR
from services.approval.office import repository, schemas, service
from services.approval.office.model import Body, Post, Window
from services.approval.office.repository import Row
from services.approval.today import Today

router = APIRouter(tags=["organisation 机构"], route_class=SignedRoute)
Code = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Filter = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Digits = Annotated[str | None, Query(pattern=r"^\d{2,12}$")]
Level = Annotated[str | None, Query(pattern=r"^(province|city|county|township)$")]


@dataclass(frozen=True, slots=True)
class Lister:
    """A list that is asked for: which page of it, and where the link to the next one goes."""

    request: Request
    response: Response
    session: AsyncSession
    asked: PageRequest

    async def of(self, kind: type[Row], **wanted: str | None) -> Sequence[Row]:
        """The rows of the page, with a link to the next one where there are more."""
        limit, after = self.asked.limit, self.asked.after_text()
        rows = await repository.page(self.session, kind, after=after, limit=limit + 1, **wanted)
        if len(rows) > limit:
            link_next(self.request, self.response, rows[limit - 1].code)
        return rows[:limit]


async def _lister(request: Request, response: Response, session: Session, asked: Page) -> Lister:
    return Lister(request, response, session, asked)


Listing = Annotated[Lister, Depends(_lister, scope="function")]


@router.get("/bodies")
async def bodies(listing: Listing, region: Digits = None, level: Level = None) -> schemas.BodyPage:
    """Bodies by code; `?region=` the first digits of their region, `?level=`."""
    rows = await listing.of(Body, region=region, level=level)
    return schemas.BodyPage(items=[schemas.ShownBody.model_validate(row) for row in rows])


@router.get("/bodies/{code}")
async def body(code: Code, session: Session, response: Response) -> schemas.ShownBody:
    """One body, with its ETag."""
    return schemas.ShownBody.model_validate(await _one(session, Body, code, response))


@router.get("/windows")
async def windows(listing: Listing, body: Filter = None, hall: Filter = None) -> schemas.WindowPage:
    """Windows by code; `?body=`, `?hall=`."""
    rows = await listing.of(Window, body=body, hall=hall)
    return schemas.WindowPage(items=[schemas.ShownWindow.model_validate(row) for row in rows])


@router.get("/windows/{code}")
async def window(code: Code, session: Session, response: Response) -> schemas.ShownWindow:
    """One window, with its ETag."""
    return schemas.ShownWindow.model_validate(await _one(session, Window, code, response))


@router.get("/posts")
async def posts(listing: Listing, body: Filter = None, window: Filter = None) -> schemas.PostPage:
    """Posts by code; `?body=`, `?window=`."""
    rows = await listing.of(Post, body=body, window=window)
    return schemas.PostPage(items=[schemas.ShownPost.model_validate(row) for row in rows])


@router.get("/posts/{code}")
async def post(code: Code, session: Session, response: Response) -> schemas.ShownPost:
    """One post, with its ETag."""
    return schemas.ShownPost.model_validate(await _one(session, Post, code, response))


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


async def _one(session: AsyncSession, kind: type[Row], code: str, response: Response) -> Row:
    row = await repository.find(session, kind, code)
    if row is None:
        raise NotFound
    set_etag(response, row.version)
    return row
