"""Notices as findings' histories tell them, and their receipts.

A card tells the head of its office and the supervisors of its region, once a stage. A notice has
no row of its own, so none can be lost or doubled; its id is derived from finding, stage and
recipient. Must never commit: the edge does.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.e_monitor.finding.sight import Sight

NAMESPACE: Final = uuid.UUID("2f0f1c64-9a35-5f65-8a5a-2c1d7f0f6b1e")
# The first detection of each stage; newest first, so that an index is read only as far as needed.
_TOLD: Final = """
SELECT f.id AS finding, h.stage, h.at, f.rule, f.subject, f.status, f.department, f.region,
  f.occurred_at, r.received_at, r.post AS received_post
FROM finding_history h JOIN finding f ON f.id = h.finding
LEFT JOIN notice_receipt r
  ON r.finding = h.finding AND r.stage = h.stage AND r.recipient = :recipient
WHERE {recipient} AND {within} AND f.severity IN ('yellow', 'red')
  AND h.stage IN ('yellow', 'red') AND h.change = 'detected'
  AND NOT EXISTS (SELECT FROM finding_history e WHERE e.finding = h.finding AND e.stage = h.stage
    AND e.change = 'detected' AND e.version < h.version)
  AND (CAST(:stage AS text) IS NULL OR h.stage = :stage)
  AND (CAST(:finding AS uuid) IS NULL OR h.finding = :finding)
  AND (NOT :new OR r.id IS NULL AND f.status <> 'rescinded')
ORDER BY h.at DESC, h.finding DESC, h.stage LIMIT :limit
"""
_RECIPIENTS: Final = {
    "head": "f.department = :place",
    "supervisor": "starts_with(f.region, :place)",
}
_RECEIVE: Final = text(
    """
INSERT INTO notice_receipt (id, finding, stage, recipient, received_at, post, office)
VALUES (:id, :finding, :stage, :recipient, city_now(), :post, :office)
ON CONFLICT (id) DO NOTHING
"""
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a notice is for: the `head` of the office `place`, or the `supervisor` of a region."""

    duty: str
    place: str

    def __str__(self) -> str:
        return f"{self.duty}/{self.place}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as its recipient sees it; `received_at` None: not yet received."""

    id: uuid.UUID
    finding: uuid.UUID
    stage: str
    at: datetime
    rule: str
    subject: str
    status: str
    department: str | None
    region: str | None
    occurred_at: datetime
    received_at: datetime | None
    received_post: str | None


def notice_id(finding: uuid.UUID, stage: str, recipient: Recipient) -> uuid.UUID:
    """The id of the notice about a finding's stage to one recipient."""
    return uuid.uuid5(NAMESPACE, f"{finding}\n{stage}\n{recipient}")


async def inbox(
    session: AsyncSession, recipient: Recipient, within: Sight, *, new: bool, limit: int
) -> list[Notice]:
    """The recipient's notices, newest first; `new`: those not yet received."""
    return await _notices(session, recipient, within, new=new, limit=limit)


async def find(
    session: AsyncSession, recipient: Recipient, within: Sight, finding: uuid.UUID, stage: str
) -> Notice | None:
    """One notice of the recipient."""
    found = await _notices(session, recipient, within, finding=finding, stage=stage, limit=1)
    return found[0] if found else None


async def _notices(
    session: AsyncSession,
    recipient: Recipient,
    within: Sight,
    *,
    new: bool = False,
    finding: uuid.UUID | None = None,
    stage: str | None = None,
    limit: int,
) -> list[Notice]:
    condition, places = within.named()
    values: dict[str, Any] = {
        **places,
        "place": recipient.place,
        "recipient": str(recipient),
        "new": new,
        "finding": finding,
        "stage": stage,
        "limit": limit,
    }
    sql = text(_TOLD.format(recipient=_RECIPIENTS[recipient.duty], within=condition))
    return [
        Notice(id=notice_id(row["finding"], row["stage"], recipient), **row)
        for row in (await session.execute(sql, values)).mappings()
    ]


async def receive(
    session: AsyncSession, recipient: Recipient, notice: Notice, *, post: str, office: str
) -> None:
    """Record the receipt; who received it first stays on record."""
    values = {
        "id": notice.id,
        "finding": notice.finding,
        "stage": notice.stage,
        "recipient": str(recipient),
        "post": post,
        "office": office,
    }
    await session.execute(_RECEIVE, values)
