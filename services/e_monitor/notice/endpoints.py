"""The inbox: cards that the caller's post is told of, and the receipt of each.

Must never tell of a card outside the caller's scope.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.common.identity.actor import Acting, Actor
from libs.common.identity.area import area
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.session import Session
from services.e_monitor.context import FindingScope, Law
from services.e_monitor.finding.schemas import title_of
from services.e_monitor.follow_up import policy
from services.e_monitor.notice import repository
from services.e_monitor.notice.repository import Recipient

router = APIRouter(prefix="/notices", route_class=SignedCommandRoute, tags=["notices 通知"])
MOST = 200


class Notice(BaseModel):
    """A card's notice: its id is the same for the same finding, stage and recipient."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    finding: UUID
    stage: str
    at: datetime
    rule: str
    title: dict[str, str]
    subject: str
    status: str
    department: str | None
    region: str | None
    occurred_at: datetime
    received_at: datetime | None
    received_post: str | None


class Inbox(BaseModel):
    """The caller's notices, newest first, at most 200."""

    items: list[Notice]


def recipient_of(actor: Actor) -> Recipient:
    """As whom the actor receives notices; Forbidden for a post that is sent none."""
    if policy.HEAD in actor.duties:
        return Recipient(policy.HEAD, actor.office)
    if policy.SUPERVISOR in actor.duties and (shared := area(actor.region)) is not None:
        return Recipient(policy.SUPERVISOR, shared)
    raise Forbidden


@router.get("")
async def inbox(
    session: Session,
    actor: Acting,
    within: FindingScope,
    law: Law,
    *,
    new: Annotated[bool, Query(description="only those not yet received")] = False,
) -> Inbox:
    """The inbox of the caller's post."""
    found = await repository.inbox(session, recipient_of(actor), within, new=new, limit=MOST)
    return Inbox(
        items=[
            Notice.model_validate(
                {name: getattr(one, name) for name in one.__slots__}
                | {"title": title_of(law, one.rule)}
            )
            for one in found
        ]
    )


@router.post("/{finding}/{stage}/receipt", status_code=204)
async def receive(
    finding: UUID,
    stage: Literal["yellow", "red"],
    *,
    session: Session,
    actor: Acting,
    within: FindingScope,
) -> None:
    """签收: the notice was received; a second receipt changes nothing."""
    recipient = recipient_of(actor)
    notice = await repository.find(session, recipient, within, finding, stage)
    if notice is None:
        raise NotFound
    await repository.receive(session, recipient, notice, post=actor.post, office=actor.office)
