"""Reminders that a limit is about to end: told to its office, withdrawn when it no longer is.

A reminder is a notice and never a finding. It has a row of its own, one for each clock, since no
finding tells of it; its receipt stands with those of the cards. Must never commit: the edge does.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.bulk import execute_unnest
from libs.common.db.engine import Connection
from libs.common.identity.scope import Scope
from services.e_monitor.notice.repository import Recipient, notice_id

STAGE: Final = "remind"
OFFICE: Final = "office"
"""The recipient's duty: every post of the office that may see its clocks."""
# Told anew once the limit has moved: then it is new again to whoever received it before.
_TELL: Final = """
INSERT INTO reminder (clock, rule, subject, occurrence, region, department, ends_at, at)
SELECT *, city_now() FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[],
  $6::text[], $7::timestamptz[])
ON CONFLICT (clock) DO UPDATE SET at = excluded.at, ends_at = excluded.ends_at,
  region = excluded.region, department = excluded.department, withdrawn_at = NULL, reason = NULL
"""
_WITHDRAW: Final = """
UPDATE reminder m SET withdrawn_at = city_now(), reason = w.reason
FROM unnest($1::uuid[], $2::text[]) AS w(clock, reason)
WHERE m.clock = w.clock AND m.withdrawn_at IS NULL
"""
_TOLD: Final = """
SELECT m.clock, m.rule, m.subject, m.occurrence, m.region, m.department, m.at, m.ends_at,
  m.withdrawn_at, m.reason, r.received_at, r.post AS received_post
FROM reminder m LEFT JOIN notice_receipt r
  ON r.finding = m.clock AND r.stage = 'remind' AND r.recipient = :recipient
  AND r.received_at >= m.at
WHERE m.department = :place AND {within}
  AND (CAST(:clock AS uuid) IS NULL OR m.clock = :clock)
  AND (NOT :new OR r.id IS NULL AND m.withdrawn_at IS NULL)
  AND (CAST(:running_at AS timestamptz) IS NULL OR m.ends_at > :running_at)
ORDER BY m.at DESC, m.clock LIMIT :limit
"""
_RECEIVE: Final = text(
    """
INSERT INTO notice_receipt AS r (id, finding, stage, recipient, received_at, post, office)
SELECT :id, m.clock, 'remind', :recipient, city_now(), :post, :office
FROM reminder m WHERE m.clock = :clock
ON CONFLICT (id) DO UPDATE SET received_at = excluded.received_at, post = excluded.post,
  office = excluded.office
WHERE r.received_at < (SELECT at FROM reminder WHERE clock = :clock)
"""
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """That a clock's limit ends soon; `ends_at`: the first instant past it."""

    clock: uuid.UUID
    rule: str
    subject: str
    occurrence: int
    region: str | None
    department: str | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A reminder as its office sees it. `id` is the same for the same clock and recipient.

    `reason` says why it was withdrawn: `done`, `moved` or `void`.
    """

    id: uuid.UUID
    clock: uuid.UUID
    rule: str
    subject: str
    occurrence: int
    region: str | None
    department: str | None
    at: datetime
    ends_at: datetime
    withdrawn_at: datetime | None
    reason: str | None
    received_at: datetime | None
    received_post: str | None


async def settle(
    connection: Connection, told: Sequence[Reminder], withdrawn: Sequence[tuple[uuid.UUID, str]]
) -> None:
    """Write reminders that have come, and take back those whose limit ends soon no more."""
    rows = [
        (
            one.clock,
            one.rule,
            one.subject,
            one.occurrence,
            one.region,
            one.department,
            one.ends_at,
        )
        for one in told
    ]
    await execute_unnest(connection, _TELL, rows, 7)
    await execute_unnest(connection, _WITHDRAW, list(withdrawn), 2)


async def inbox(
    session: AsyncSession,
    office: str,
    within: Scope,
    *,
    new: bool,
    running_at: datetime | None = None,
    limit: int,
) -> list[Told]:
    """The office's reminders, newest first; `new`: those neither received nor withdrawn.

    `running_at`: only those whose limit has not ended by then.
    """
    return await _told(session, office, within, new=new, running_at=running_at, limit=limit)


async def find(session: AsyncSession, office: str, within: Scope, clock: uuid.UUID) -> Told | None:
    """One reminder of the office."""
    found = await _told(session, office, within, clock=clock, limit=1)
    return found[0] if found else None


async def _told(
    session: AsyncSession,
    office: str,
    within: Scope,
    *,
    new: bool = False,
    running_at: datetime | None = None,
    clock: uuid.UUID | None = None,
    limit: int,
) -> list[Told]:
    recipient = Recipient(OFFICE, office)
    condition, places = within.named("m.region", "m.department")
    values: dict[str, Any] = {
        **places,
        "place": office,
        "recipient": str(recipient),
        "new": new,
        "running_at": running_at,
        "clock": clock,
        "limit": limit,
    }
    rows = await session.execute(text(_TOLD.format(within=condition)), values)
    return [Told(id=notice_id(row["clock"], STAGE, recipient), **row) for row in rows.mappings()]


async def receive(session: AsyncSession, told: Told, *, post: str, office: str) -> None:
    """Record the receipt; who received it first since it was told stays on record."""
    values = {
        "id": told.id,
        "clock": told.clock,
        "recipient": str(Recipient(OFFICE, office)),
        "post": post,
        "office": office,
    }
    await session.execute(_RECEIVE, values)
