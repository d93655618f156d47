"""The HTTP face of the handling of findings.

Each command is a POST to the finding's address and its name; it wants `If-Match` and takes
`Idempotency-Key`. Must never decide anything, nor show a finding outside the caller's scope.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.actor import Acting, Actor
from libs.common.identity.signed import SignedCommandRoute
from libs.common.law.instants import to_micros
from libs.common.web.errors import NotFound
from libs.common.web.etag import IfMatch, Precondition, set_etag
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.e_monitor.context import FindingScope, Law
from services.e_monitor.finding.endpoints import after_key
from services.e_monitor.finding.schemas import title_of
from services.e_monitor.finding.sight import demanded
from services.e_monitor.follow_up import policy, repository, schemas
from services.e_monitor.follow_up.acts import ACTS, Act
from services.e_monitor.follow_up.model import FollowUp
from services.e_monitor.follow_up.policy import Status
from services.e_monitor.follow_up.service import Step, begin, matter_of

router = APIRouter(route_class=SignedCommandRoute, tags=["follow-up 处置"])
Waits = Literal["to-assign", "to-answer", "to-correct", "to-verify", "to-close"]
LISTS: Final[dict[str, tuple[str, tuple[Status, ...]]]] = {
    "to-assign": (policy.SUPERVISOR, (Status.OPEN,)),
    "to-answer": (policy.HEAD, (Status.OPEN, Status.ASSIGNED, Status.ESCALATED)),
    "to-correct": (policy.HEAD, (Status.EXPLAINED,)),
    "to-verify": (policy.VERIFIER, (Status.CORRECTED,)),
    "to-close": (policy.VERIFIER, (Status.VERIFIED,)),
}
"""What waits for which duty. A list reaches as far as the role that gives the duty."""


async def waiting_for(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[repository.Waiting]:
    """The list `name` of the actor; Forbidden without its duty. Nobody verifies their office."""
    who, statuses = LISTS[name]
    return await repository.waiting(
        session,
        demanded(actor, who),
        [str(status) for status in statuses],
        but_of=actor.office if who == policy.VERIFIER else None,
        after=after,
        limit=limit,
    )


@router.get("/work")
async def work(
    request: Request,
    response: Response,
    *,
    session: Session,
    actor: Acting,
    law: Law,
    asked: Page,
    waits: Annotated[Waits, Query()],
) -> schemas.WorkList:
    """What waits for the caller: cards and leads in the given part of their handling."""
    after, most = after_key(asked.after), asked.limit + 1
    found = await waiting_for(session, actor, waits, after=after, limit=most)
    items = found[: asked.limit]
    if len(found) > asked.limit:
        link_next(request, response, to_micros(items[-1].occurred_at), str(items[-1].id))
    return schemas.WorkList(
        items=[
            schemas.WorkItem.model_validate(
                {name: getattr(item, name) for name in item.__slots__}
                | {"title": title_of(law, item.rule)}
            )
            for item in items
        ]
    )


@router.get("/findings/{finding_id}/follow-up")
async def get(
    finding_id: UUID,
    *,
    session: Session,
    actor: Acting,
    within: FindingScope,
    response: Response,
) -> schemas.FollowUp:
    """How far the handling is, and what the caller may do next."""
    found = await repository.find(session, within, finding_id, lock=False)
    if found is None:
        raise NotFound
    held = await repository.follow_up(session, finding_id)
    matter = matter_of(found, held)
    set_etag(response, found.version)
    return _shown(held, found.status, found.version, policy.allowed(actor, matter))


def _shown(held: FollowUp, status: str, version: int, allowed: list[str]) -> schemas.FollowUp:
    return schemas.FollowUp.model_validate(
        {**held.model_dump(), "status": status, "version": version, "allowed": allowed}
    )


@dataclass(frozen=True, slots=True)
class Command:
    """What every command on a finding comes with."""

    finding_id: UUID
    session: AsyncSession
    actor: Actor
    match: Precondition
    response: Response

    async def begin(self, action: str) -> Step:
        """Lock the finding for `action`."""
        return await begin(self.session, self.actor, self.finding_id, self.match, action)

    def shown(self, step: Step, held: FollowUp) -> schemas.FollowUp:
        """The answer: the handling after the command, with the finding's new ETag."""
        version, to = step.finding.version + 1, step.line.to
        set_etag(self.response, version)
        after = policy.Matter(
            to,
            step.finding.region,
            step.finding.department,
            matter_of(step.finding, held).hands,
        )
        return _shown(held, to, version, policy.allowed(self.actor, after))


async def commanded(
    finding_id: UUID, response: Response, *, session: Session, actor: Acting, match: IfMatch
) -> Command:
    """The request's command."""
    return Command(finding_id, session, actor, match, response)


Commanded = Annotated[Command, Depends(commanded, scope="function")]


def serve(router: APIRouter, act: Act) -> None:
    """Add `act` as a POST to the finding's address and the act's name."""

    async def endpoint(command: Commanded, body: schemas.Body, law: Law) -> schemas.FollowUp:
        step = await command.begin(act.name)
        return command.shown(step, await act.do(step, body, law.zone))

    # What the framework reads of the body: each act takes its own.
    endpoint.__annotations__["body"] = act.body
    router.post(f"/findings/{{finding_id}}/{act.name}", name=act.name, description=act.title)(
        endpoint
    )


for act in ACTS:
    serve(router, act)
