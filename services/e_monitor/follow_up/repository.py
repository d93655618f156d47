"""Every query on the handling of findings, within the scope of whoever asks.

Must never commit: the edge does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.e_monitor.finding.sight import Sight
from services.e_monitor.follow_up.model import FollowUp

# The id comes before the time: `libs.common.bus.outbox.emit` says why.
_FIND: Final = """
SELECT f.id, f.rule, f.subject, f.status, f.version, f.region, f.department,
  pg_current_xact_id(), city_now() AS now
FROM finding f WHERE f.id = :finding AND {within}
"""
_STEP: Final = text(
    """
UPDATE finding SET status = :status, version = :version,
  rescinded_at = CASE WHEN :status = 'rescinded' THEN CAST(:at AS timestamptz) END,
  reason = CASE WHEN :status = 'rescinded' THEN CAST(:reason AS text) END
WHERE id = :finding
"""
)
_HISTORY: Final = text(
    """
INSERT INTO finding_history (finding, version, at, change, stage, severity, occurred_at, evidence,
  reason, post, office, note)
SELECT id, version, :at, :change, stage, severity, occurred_at, evidence, :reason, :post, :office,
  :note
FROM finding WHERE id = :finding
"""
)
_WAITING: Final = """
SELECT f.id, f.rule, f.subject, f.stage, f.severity, f.status, f.version, f.occurred_at, f.region,
  f.department, u.answer_by
FROM finding f LEFT JOIN follow_up u ON u.finding = f.id
WHERE f.status = ANY(:statuses) AND f.severity IN ('yellow', 'red', 'lead') AND {within}
  AND (CAST(:but_of AS text) IS NULL OR f.department IS DISTINCT FROM :but_of)
  AND (CAST(:after_at AS timestamptz) IS NULL OR (f.occurred_at, f.id) > (:after_at, :after_id))
ORDER BY f.occurred_at, f.id LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the city's time."""

    id: UUID
    rule: str
    subject: str
    status: str
    version: int
    region: str | None
    department: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of a work list."""

    id: UUID
    rule: str
    subject: str
    stage: str
    severity: str
    status: str
    version: int
    occurred_at: datetime
    region: str | None
    department: str | None
    answer_by: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a step leaves in the finding's history."""

    change: str
    at: datetime
    post: str
    office: str
    reason: str | None
    note: str | None


async def find(session: AsyncSession, within: Sight, finding: UUID, *, lock: bool) -> Found | None:
    """The finding; with `lock`, as it is once whoever held it has committed. None: no such."""
    condition, places = within.named()
    sql = text(_FIND.format(within=condition) + ("FOR UPDATE" if lock else ""))
    row = (await session.execute(sql, {"finding": finding, **places})).mappings().one_or_none()
    if row is None:
        return None
    return Found(**{name: row[name] for name in Found.__slots__})


async def follow_up(session: AsyncSession, finding: UUID) -> FollowUp:
    """The finding's handling; a new one, not yet added, where nothing was done so far."""
    return await session.get(FollowUp, finding) or FollowUp(finding=finding)


async def advance(
    session: AsyncSession, finding: UUID, status: str, version: int, entry: Entry
) -> None:
    """Write the step: the finding's new status and version, and its history."""
    where = {"finding": finding, "at": entry.at, "reason": entry.reason}
    await session.execute(_STEP, {**where, "status": status, "version": version})
    said = {"change": entry.change, "post": entry.post, "office": entry.office, "note": entry.note}
    await session.execute(_HISTORY, {**where, **said})


async def waiting(
    session: AsyncSession,
    within: Sight,
    statuses: Sequence[str],
    *,
    but_of: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Waiting]:
    """Cards and leads in one of `statuses`, oldest occurrence first.

    `but_of`: those of this office are left out.
    """
    condition, places = within.named()
    values: dict[str, Any] = {
        **places,
        "statuses": list(statuses),
        "but_of": but_of,
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    sql = text(_WAITING.format(within=condition))
    rows = (await session.execute(sql, values)).mappings()
    return [Waiting(**row) for row in rows]
