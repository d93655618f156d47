"""Withdrawing a record (撤回): its facts are deleted, its tombstone stays under the same address.

Must never delete the tombstone, nor withdraw without ground and reason.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import Draft, emit, recorded_now
from libs.common.db.audit import audit_write
from libs.common.events.contracts.disclosure import RecordWithdrawn
from libs.common.identity.actor import Actor, acting
from libs.common.identity.scope import Scope
from libs.common.identity.signed import SignedCommandRoute
from libs.common.web.errors import Conflict, Forbidden, NotFound
from libs.common.web.session import begun_session
from services.disclosure.record import repository
from services.disclosure.record.model import Record
from services.disclosure.record.schemas import Tombstone

PUBLISHER = "publisher"
router = APIRouter(route_class=SignedCommandRoute, tags=["records 公开记录"])
Reason = Literal["published_in_error", "term_ended", "personal_data", "revoked"]


class AlreadyWithdrawn(Conflict):
    """409: the record was withdrawn before."""

    code: ClassVar[str] = "already_withdrawn"
    zh: ClassVar[str] = "该记录已于 {at} 撤回"
    en: ClassVar[str] = "This record was withdrawn at {at}"


class Withdraw(BaseModel):
    """Why a record is no longer public. `ground`: law and article, `政府信息公开条例 15`."""

    model_config = ConfigDict(extra="forbid")

    ground: Annotated[str, Field(pattern=r"^[\u4e00-\u9fff]{2,40} \d{1,3}(\(\d{1,2}\))?$")]
    reason: Reason


@router.post("/records/{record_id}/withdraw")
async def withdraw(record_id: UUID, body: Withdraw, request: Request) -> Tombstone:
    """撤回. Answers with the tombstone."""
    actor = await acting(request)
    found = await withdraw_record(begun_session(request), actor, record_id, body)
    return Tombstone.model_validate(found)


async def withdraw_record(
    session: AsyncSession, actor: Actor, record_id: UUID, body: Withdraw
) -> Record:
    """The record's tombstone; record, audit row and event are written together.

    Raises:
        Forbidden: the post may not withdraw, or not in this region.
        NotFound, AlreadyWithdrawn: there is nothing to withdraw.
    """
    if PUBLISHER not in actor.duties:
        raise Forbidden
    record = await repository.locked(session, record_id)
    if record is None:
        raise NotFound
    if not Scope.of(actor.region).covers(record.region, record.office):
        raise Forbidden
    if record.withdrawn_at is not None:
        raise AlreadyWithdrawn(at=record.withdrawn_at.isoformat())
    now = await recorded_now(session)
    record.withdrawn_at, record.facts = now, {}
    record.withdrawal_ground, record.withdrawal_reason = body.ground, body.reason
    await session.flush()
    await _tell(session, actor, record, now)
    return record


async def _tell(session: AsyncSession, actor: Actor, record: Record, now: datetime) -> None:
    # A subject of its own: the numbers of what the record is about are the consumer's to give.
    subject, reason = f"record/{record.id}", record.withdrawal_reason or ""
    draft = Draft(
        RecordWithdrawn(record_id=str(record.id), reason=reason),
        subject=subject,
        sequence=1,
        source=f"/{record.region}/disclosure",
        regime=record.regime,
        actor=actor.post,
        region=record.region,
        department=record.office or None,
    )
    detail = {"ground": record.withdrawal_ground, "reason": reason}
    audited = audit_write(actor.post, actor.office, "withdraw", subject, 1, at=now, detail=detail)
    await emit(session, [draft], now=now, beside=[audited])
