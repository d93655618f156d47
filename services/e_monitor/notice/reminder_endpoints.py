"""The inbox of reminders: limits of the caller's office that end soon, and the receipt of each.

Must never show a reminder of another office, nor anything that a finding says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from libs.common.identity.actor import Acting
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import NotFound
from libs.common.web.session import Session
from services.e_monitor.context import ClockScope, Law
from services.e_monitor.finding.schemas import title_of
from services.e_monitor.notice import reminders

router = APIRouter(prefix="/reminders", route_class=SignedCommandRoute, tags=["notices 通知"])
MOST = 200


class Reminder(BaseModel):
    """A limit that ends soon: `ends_at` is the first instant past it.

    `withdrawn_at`: from when on it no longer did, and `reason`: `done` (the step was taken),
    `moved` (paused or extended), `void` (the clock no longer counts).
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    clock: UUID
    rule: str
    title: dict[str, str]
    subject: str
    occurrence: int
    department: str | None
    region: str | None
    at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None
    reason: str | None
    received_at: datetime | None
    received_post: str | None


class Reminders(BaseModel):
    """The office's reminders, newest first, at most 200."""

    items: list[Reminder]


@router.get("")
async def inbox(
    session: Session,
    actor: Acting,
    within: ClockScope,
    law: Law,
    *,
    new: Annotated[bool, Query(description="neither received nor withdrawn")] = False,
) -> Reminders:
    """The reminders of the caller's office."""
    found = await reminders.inbox(session, actor.office, within, new=new, limit=MOST)
    return Reminders(
        items=[
            Reminder.model_validate(
                {name: getattr(one, name) for name in one.__slots__}
                | {"title": title_of(law, one.rule)}
            )
            for one in found
        ]
    )


@router.post("/{clock}/receipt", status_code=204)
async def receive(clock: UUID, *, session: Session, actor: Acting, within: ClockScope) -> None:
    """签收: the reminder was received; a second receipt changes nothing."""
    told = await reminders.find(session, actor.office, within, clock)
    if told is None:
        raise NotFound
    await reminders.receive(session, told, post=actor.post, office=actor.office)
