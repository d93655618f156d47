"""The use cases of handling a finding: each locks it, asks the policy, writes, tells the others.

Must never commit, must never change a clock or a case, and must never let anyone verify what they
set right themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import Draft, emit
from libs.common.db.audit import audit_write
from libs.common.identity.actor import Actor
from libs.common.web.errors import Forbidden, Invalid, NotFound
from libs.common.web.etag import Precondition
from libs.common.worktime import civil_day, end_of_day
from services.e_monitor.finding.service import SOURCE
from services.e_monitor.finding.sight import demanded
from services.e_monitor.follow_up import policy, repository, schemas
from services.e_monitor.follow_up.errors import StepNotPossible
from services.e_monitor.follow_up.model import FollowUp
from services.e_monitor.follow_up.policy import Matter, Status, Transition
from services.e_monitor.follow_up.repository import Entry, Found

_LAST_MOMENT: Final = timedelta(microseconds=1)
LONGEST: Final = timedelta(days=60)
"""How far ahead an answer may be asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command under way: the locked finding, its handling, and its line of the table."""

    session: AsyncSession
    actor: Actor
    finding: Found
    follow_up: FollowUp
    line: Transition


async def begin(
    session: AsyncSession, actor: Actor, finding: UUID, match: Precondition, action: str
) -> Step:
    """Lock the finding and make sure that `actor` may do `action` to it now.

    Raises:
        NotFound: no such finding that the actor may see.
        Forbidden, PreconditionFailed, StepNotPossible: as they say.
    """
    found = await repository.find(session, demanded(actor), finding, lock=True)
    if found is None:
        raise NotFound
    held = await repository.follow_up(session, finding)
    matter = matter_of(found, held)
    line = policy.line_of(action)
    if not policy.may(actor, line, matter):
        raise Forbidden
    match.require(found.version)
    if matter.status not in line.sources:
        raise StepNotPossible(action=action, status=found.status)
    return Step(session, actor, found, held, line)


def matter_of(found: Found, held: FollowUp) -> Matter:
    """What of the finding decides who may handle it."""
    return Matter(Status(found.status), found.region, found.department, hands_of(held))


def hands_of(held: FollowUp) -> frozenset[str]:
    """The posts that answered for the finding or set it right."""
    return frozenset(post for post in (held.answered_post, held.corrected_post) if post)


async def assign(step: Step, body: schemas.Assign, zone: ZoneInfo) -> FollowUp:
    """交办, or the return of an answer that is not enough."""
    now, today = step.finding.now, civil_day(step.finding.now, zone)
    if not today <= body.answer_by <= today + LONGEST:
        message = {
            "zh": f"应在 {today} 至 {today + LONGEST} 之间",
            "en": f"should be a day from {today} to {today + LONGEST}",
        }
        raise Invalid(errors=[("/answer_by", message)])
    step.follow_up.answer_by = body.answer_by
    until = end_of_day(body.answer_by, zone) - _LAST_MOMENT
    return await _finish(step, now, {"answer_by": until}, note=body.note)


async def answer(step: Step, body: schemas.Answer, _zone: ZoneInfo) -> FollowUp:
    """说明 by the office that the finding is about."""
    held, now = step.follow_up, step.finding.now
    held.claim, held.cause, held.statement = body.claim, body.cause, body.statement
    held.answered_at, held.answered_post = now, step.actor.post
    told = {"claim": body.claim, "cause": body.cause, "statement": body.statement}
    return await _finish(step, now, told, reason=body.claim, note=body.note)


async def correct(step: Step, body: schemas.Explained, _zone: ZoneInfo) -> FollowUp:
    """整改: the office says what it set right."""
    held, now = step.follow_up, step.finding.now
    held.corrected_at, held.corrected_post = now, step.actor.post
    return await _finish(step, now, note=body.note)


async def verify(step: Step, body: schemas.Say, _zone: ZoneInfo) -> FollowUp:
    """核验 by a second person of another office."""
    held, now = step.follow_up, step.finding.now
    held.verified_at, held.verified_post = now, step.actor.post
    return await _finish(step, now, note=body.note)


async def close(step: Step, body: schemas.Say, _zone: ZoneInfo) -> FollowUp:
    """对账销号."""
    step.follow_up.closed_at = step.finding.now
    return await _finish(step, step.finding.now, note=body.note)


async def waive(step: Step, body: schemas.Waive, _zone: ZoneInfo) -> FollowUp:
    """免予处置."""
    told = {"reason": body.reason}
    return await _finish(step, step.finding.now, told, reason=body.reason, note=body.note)


async def rescind(step: Step, body: schemas.Rescind, _zone: ZoneInfo) -> FollowUp:
    """撤销: the finding was wrong; it stays on record with the reason."""
    told = {"reason": body.reason}
    return await _finish(step, step.finding.now, told, reason=body.reason, note=body.note)


async def escalate(step: Step, body: schemas.Explained, _zone: ZoneInfo) -> FollowUp:
    """移送: handed up with a proposal."""
    return await _finish(step, step.finding.now, note=body.note)


async def _finish(
    step: Step,
    now: datetime,
    told: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
    note: str | None = None,
) -> FollowUp:
    """Write finding, history, handling, audit row and event: all or nothing."""
    finding, actor, line = step.finding, step.actor, step.line
    version = finding.version + 1
    entry = Entry(line.action, now, actor.post, actor.office, reason, note)
    await repository.advance(step.session, finding.id, line.to, version, entry)
    step.session.add(step.follow_up)
    await step.session.flush()
    payload = line.event.model_validate(
        {
            "finding_id": str(finding.id),
            "rule": finding.rule,
            "about": finding.subject,
            **(told or {}),
        }
    )
    draft = Draft(
        payload,
        subject=f"finding/{finding.id}",
        sequence=version,
        source=SOURCE,
        actor=actor.post,
        region=finding.region,
        department=finding.department,
    )
    subject = f"finding/{finding.id}"
    audited = audit_write(
        actor.post, actor.office, line.action, subject, version, at=now, detail={}
    )
    await emit(step.session, [draft], now=now, beside=[audited])
    return step.follow_up
