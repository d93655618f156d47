"""Every query over findings, for the worker's transaction.

A finding is never deleted: it is rescinded with a reason, and every change is in its history.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from libs.common.db.bulk import execute_unnest, fetch_unnest
from libs.common.db.engine import Connection
from services.e_monitor.finding.policy import Standing

_UPSERT: Final = """
INSERT INTO finding AS f (id, rule, rule_version, subject, occurrence, stage, severity, status,
  occurred_at, detected_at, evidence, region, department, traceparent, version)
SELECT *, 1 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[],
  $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::jsonb[], $12::text[],
  $13::text[], $14::text[])
ON CONFLICT (id) DO UPDATE SET rule_version = excluded.rule_version, stage = excluded.stage,
  severity = excluded.severity, occurred_at = excluded.occurred_at, evidence = excluded.evidence,
  region = excluded.region, department = excluded.department,
  status = CASE WHEN f.status = 'rescinded' THEN 'open' ELSE f.status END,
  detected_at = CASE WHEN f.status = 'rescinded' THEN excluded.detected_at ELSE f.detected_at END,
  rescinded_at = NULL, reason = NULL, version = f.version + 1
RETURNING id, version
"""
_RESCIND: Final = """
UPDATE finding f SET status = 'rescinded', rescinded_at = $3, reason = w.reason,
  version = f.version + 1
FROM unnest($1::uuid[], $2::text[]) AS w(id, reason)
WHERE f.id = w.id AND f.status <> 'rescinded'
RETURNING f.id, f.rule, f.subject, f.occurrence, f.version, f.stage, f.severity, f.occurred_at,
  f.evidence, f.reason, f.region, f.department
"""
_HISTORY: Final = """
INSERT INTO finding_history (finding, version, at, change, stage, severity, occurred_at, evidence,
  reason)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[], $5::text[],
  $6::text[], $7::timestamptz[], $8::jsonb[], $9::text[])
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A standing finding with what is known of its subject."""

    standing: Standing
    region: str | None
    department: str | None
    traceparent: str | None = None


async def upsert(
    connection: Connection, found: Sequence[Found], now: datetime
) -> dict[uuid.UUID, int]:
    """Write standing findings; the version of each."""
    if not found:
        return {}
    rows = [
        (
            item.standing.id,
            item.standing.rule,
            item.standing.rule_version,
            item.standing.subject,
            item.standing.occurrence,
            item.standing.stage,
            item.standing.severity,
            "open",
            item.standing.occurred_at,
            now,
            orjson.dumps(item.standing.evidence).decode(),
            item.region,
            item.department,
            item.traceparent,
        )
        for item in found
    ]
    versions = {
        row["id"]: row["version"] for row in await fetch_unnest(connection, _UPSERT, rows, 14)
    }
    await execute_unnest(
        connection,
        _HISTORY,
        [
            (row[0], versions[row[0]], now, "detected", row[5], row[6], row[8], row[10], None)
            for row in rows
        ],
        9,
    )
    return versions


async def rescind(
    connection: Connection, gone: Sequence[tuple[uuid.UUID, str]], now: datetime
) -> list[Any]:
    """Rescind findings (id, reason); the rows that stood until now."""
    if not gone:
        return []
    rows = await connection.fetch(_RESCIND, [i for i, _ in gone], [r for _, r in gone], now)
    await execute_unnest(
        connection,
        _HISTORY,
        [
            (
                row["id"],
                row["version"],
                now,
                "rescinded",
                row["stage"],
                row["severity"],
                row["occurred_at"],
                row["evidence"],
                row["reason"],
            )
            for row in rows
        ],
        9,
    )
    return rows
