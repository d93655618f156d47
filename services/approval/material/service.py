"""The use cases of materials: hand in, read, withdraw.

The file is in the store before its row is written: a row never names what is not there. Must never
commit, and must never change a case but through its own commands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.audit import audit_write
from libs.common.db.writes import write
from libs.common.events.contracts.approval import CaseMaterialsCompleted
from libs.common.files.digest import Digest
from libs.common.identity.actor import Actor
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.etag import Precondition
from services.approval.case import repository as cases
from services.approval.case.command import begin, finish
from services.approval.case.errors import StepNotPossible
from services.approval.case.model import Case
from services.approval.case.policy import State
from services.approval.material import policy, repository
from services.approval.material.errors import AlreadyWithdrawn, MaterialGone
from services.approval.material.model import Material

COMPLETE = "complete-materials"


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that is in the store, and what it was handed in as."""

    wanted: str
    name: str
    digest: Digest
    size: int
    media_type: str


async def open_case(session: AsyncSession, actor: Actor, case_no: str) -> Case:
    """The case of the clerk's office that still takes materials in, as it is now, unlocked.

    Raises:
        Forbidden, NotFound, StepNotPossible: as they say.
    """
    if "window" not in actor.duties:
        raise Forbidden
    case = await cases.find(session, case_no, Scope.of(actor.region, actor.office))
    if case is None:
        raise NotFound
    _still_open(case)
    return case


async def hand_in(
    session: AsyncSession, actor: Actor, case_no: str, file: Handed, *, law: Fold
) -> Material:
    """收取材料: note the file. The same content for the same material is noted once.

    Where it is the last one that was tolerated as missing at acceptance, the case is told so by
    its own command.

    Raises:
        Forbidden, NotFound, StepNotPossible: as they say.
    """
    case, now = await _locked(session, actor, case_no)
    _still_open(case)
    checklist = policy.wanted_of(await repository.checklist(session, case))
    key = policy.key_of(checklist, file.wanted)
    known = list(await repository.of_case(session, case_no))
    for one in known:
        if one.stands and (one.wanted, one.digest) == (key, file.digest):
            return one
    row = Material(
        case_no=case_no,
        number=len(known) + 1,
        wanted=key,
        name=file.name,
        digest=file.digest,
        size=file.size,
        media_type=file.media_type,
        handed_at=now,
        handed_by=actor.post,
    )
    session.add(row)
    await session.flush()
    detail = {"number": row.number, "digest": row.digest, "size": row.size}
    await _audit(session, actor, case, "hand-in-material", now=now, detail=detail)
    if policy.completes(case.history, checklist, [*known, row]):
        step = await begin(session, actor, case_no, Precondition(None), COMPLETE, law=law)
        await finish(step, CaseMaterialsCompleted())
    return row


async def withdraw(
    session: AsyncSession, actor: Actor, case_no: str, number: int, *, reason: str
) -> Material:
    """撤下材料: it no longer counts nor is given out; it is kept, with the reason.

    Raises:
        Forbidden, NotFound, AlreadyWithdrawn: as they say.
    """
    case, now = await _locked(session, actor, case_no)
    row = await repository.one(session, case_no, number)
    if row is None:
        raise NotFound
    if not row.stands:
        raise AlreadyWithdrawn(number=number)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now, actor.post, reason
    await session.flush()
    detail = {"number": number, "reason": reason}
    await _audit(session, actor, case, "withdraw-material", now=now, detail=detail)
    return row


async def read(
    session: AsyncSession, actor: Actor, scope: Scope, case_no: str, number: int, *, now: datetime
) -> Material:
    """A file's row for who wants its content; who looked is on record.

    Raises:
        NotFound, MaterialGone: as they say.
    """
    case = await cases.find(session, case_no, scope)
    row = await repository.one(session, case_no, number) if case else None
    if case is None or row is None:
        raise NotFound
    if not row.stands:
        raise MaterialGone(number=number, reason=row.withdrawn_reason)
    detail = {"number": number, "digest": row.digest}
    await _audit(session, actor, case, "read-material", now=now, detail=detail)
    return row


async def listed(session: AsyncSession, case: Case) -> list[policy.Line]:
    """A case's checklist with what was handed in."""
    checklist = policy.wanted_of(await repository.checklist(session, case))
    return policy.lines(checklist, await repository.of_case(session, case.case_no))


async def _locked(session: AsyncSession, actor: Actor, case_no: str) -> tuple[Case, datetime]:
    if "window" not in actor.duties:
        raise Forbidden
    found = await cases.lock(session, case_no, Scope.of(actor.region, actor.office))
    if found is None:
        raise NotFound
    return found


def _still_open(case: Case) -> None:
    if State(case.state) not in policy.OPEN:
        raise StepNotPossible(action="hand-in-material", state=case.state)


async def _audit(
    session: AsyncSession,
    actor: Actor,
    case: Case,
    action: str,
    *,
    now: datetime,
    detail: Mapping[str, Any],
) -> None:
    row = audit_write(
        actor.post, actor.office, action, case.subject, case.version, at=now, detail=detail
    )
    await write(session, [row])
