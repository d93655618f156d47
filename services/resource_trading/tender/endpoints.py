"""The HTTP face of tenders.

A tender's address is its number, with `~lot` where there are lots. Each command is a POST to that
address and its name; it wants `If-Match` and takes `Idempotency-Key`. Must never decide anything.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.actor import Acting, Actor
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope
from libs.common.identity.signed import SignedCommandRoute
from libs.common.law.fold import Fold
from libs.common.web.errors import NotFound
from libs.common.web.etag import IfMatch, Precondition, set_etag
from libs.common.web.inputs import Body
from libs.common.web.law import Law
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.resource_trading.award.model import Award
from services.resource_trading.award.schemas import Award as AwardShown
from services.resource_trading.award.schemas import TenderPage, TenderShown
from services.resource_trading.tender import repository, schemas, service
from services.resource_trading.tender.acts import ACTS, Act
from services.resource_trading.tender.command import Step, begin
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

router = APIRouter(prefix="/tenders", route_class=SignedCommandRoute, tags=["tenders 招标"])
Ref = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,59}(~[A-Za-z0-9][A-Za-z0-9._-]{0,19})?$")
]
READ: Final = "tender.read"
Within = Annotated[Scope, Depends(permitted(READ))]
"""On which tenders the caller may look."""


def shown(tender: Tender, award: Award | None) -> TenderShown:
    """A tender with its award."""
    answer = TenderShown.model_validate(tender)
    if award is not None:
        answer.award = AwardShown.model_validate(award)
    return answer


@router.post("", status_code=201)
async def publish(
    body: schemas.Publish, session: Session, actor: Acting, law: Law, response: Response
) -> TenderShown:
    """发出招标文件."""
    step = await service.publish_tender(session, actor, body, law=law)
    response.headers["Location"] = f"/api/trading/v1/tenders/{step.tender.ref}"
    set_etag(response, step.tender.version)
    return shown(step.tender, None)


@router.get("")
async def page(
    request: Request,
    response: Response,
    *,
    session: Session,
    within: Within,
    asked: Page,
    state: Annotated[State | None, Query()] = None,
) -> TenderPage:
    """The tenders that the caller may see, by number; `?state=` for one state."""
    rows = await repository.within(
        session, within, state=state, after=asked.after_text(), limit=asked.limit + 1
    )
    if len(rows) > asked.limit:
        link_next(request, response, rows[asked.limit - 1].tender.ref)
    return TenderPage(items=[shown(*row) for row in rows[: asked.limit]])


@router.get("/{ref}")
async def get(ref: Ref, session: Session, within: Within, response: Response) -> TenderShown:
    """One tender with its award, and its ETag."""
    found = await repository.find(session, ref, within)
    if found is None:
        raise NotFound
    set_etag(response, found.tender.version)
    return shown(*found)


@dataclass(frozen=True, slots=True)
class Command:
    """What every command on a tender comes with."""

    ref: str
    session: AsyncSession
    actor: Actor
    match: Precondition
    law: Fold
    response: Response

    async def begin(self) -> Step:
        """Lock the tender."""
        return await begin(self.session, self.actor, self.ref, self.match, law=self.law)

    def shown(self, step: Step) -> TenderShown:
        """The answer: the tender after the command, with its new ETag."""
        set_etag(self.response, step.tender.version)
        return shown(step.tender, step.award)


async def commanded(
    ref: Ref,
    response: Response,
    *,
    session: Session,
    actor: Acting,
    match: IfMatch,
    law: Law,
) -> Command:
    """The request's command."""
    return Command(ref, session, actor, match, law, response)


Commanded = Annotated[Command, Depends(commanded, scope="function")]


def serve(router: APIRouter, act: Act) -> None:
    """Add `act` as a POST to the tender's address and the act's name."""

    async def endpoint(command: Commanded, body: Body) -> TenderShown:
        return command.shown(await act.do(await command.begin(), body))

    # What the framework reads of the body: each act takes its own.
    endpoint.__annotations__["body"] = act.body
    name = act.name.replace("-", "_")
    router.post(f"/{{ref}}/{act.name}", name=name, description=act.title)(endpoint)


for act in ACTS:
    serve(router, act)
