"""Every query over missing numbers: what waits for one, and what of them came after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from libs.common.bus.subjects import HOLDING
from libs.common.db.engine import Connection

# Only what waits for a number that never came: where an event is set aside for any other reason,
# the numbers after it are `behind`, and that is our incident. Locked, so that no batch brings the
# missing one while it is told missing.
_OPEN: Final = """
SELECT s.subject, s.partition, s.sequences FROM subject s
WHERE s.blocked = $1 AND s.subject = ANY($2::text[])
ORDER BY s.subject FOR UPDATE OF s SKIP LOCKED
"""
# What we can't tell of any more ourselves is left out until it is replayed.
_CONCERNED: Final = """
SELECT s.subject FROM subject s
WHERE s.blocked = $1 AND s.partition = ANY($2::smallint[])
  AND s.subject IN (SELECT subject FROM parked WHERE reason = 'gap' AND dropped_at IS NULL)
UNION
SELECT f.subject FROM finding f WHERE f.rule = ANY($3::text[]) AND f.status <> 'rescinded'
  AND NOT EXISTS (SELECT 1 FROM parked p
    WHERE p.subject = f.subject AND p.reason = 'unjudged' AND p.dropped_at IS NULL)
ORDER BY 1
"""
_HELD: Final = """
SELECT DISTINCT ON (subject, topic) subject, topic, sequence, raw FROM parked
WHERE subject = ANY($1::text[]) AND reason = 'gap' AND dropped_at IS NULL
ORDER BY subject, topic, sequence
"""
_STANDING: Final = """
SELECT id, subject, evidence FROM finding
WHERE rule = ANY($1::text[]) AND subject = ANY($2::text[]) AND status <> 'rescinded'
"""
# What came and could not be handled came all the same; of what can't be read the number is unknown.
_CAME: Final = """
SELECT w.id FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])
  AS w(id, subject, topic, number)
WHERE EXISTS (SELECT 1 FROM observation o WHERE o.subject = w.subject AND o.topic = w.topic
    AND o.sequence = w.number)
  OR EXISTS (SELECT 1 FROM parked p WHERE p.subject = w.subject AND p.topic = w.topic
    AND (p.sequence = w.number OR p.sequence IS NULL))
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of a subject that are missing on a topic, and the first event that waits for them."""

    subject: str
    partition: int
    topic: str
    missing: int
    waiting: int
    raw: bytes


async def concerned(
    connection: Connection, partitions: Sequence[int], rules: Sequence[str]
) -> list[str]:
    """The subjects of which something is missing now, or is told missing under `rules`."""
    rows = await connection.fetch(_CONCERNED, HOLDING, list(partitions), list(rules))
    return [row["subject"] for row in rows]


async def open_gaps(connection: Connection, names: Sequence[str]) -> list[Gap]:
    """What is missing now of subjects, locked; those another process holds are left out."""
    rows = await connection.fetch(_OPEN, HOLDING, list(names))
    if not rows:
        return []
    known = {row["subject"]: row for row in rows}
    return [
        Gap(
            held["subject"],
            known[held["subject"]]["partition"],
            held["topic"],
            orjson.loads(known[held["subject"]]["sequences"]).get(held["topic"], 0) + 1,
            held["sequence"],
            held["raw"],
        )
        for held in await connection.fetch(_HELD, list(known))
    ]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding that stands on a missing number."""

    id: UUID
    subject: str
    topic: str
    missing: int
    evidence: dict[str, Any]


async def standing(
    connection: Connection, rules: Sequence[str], names: Sequence[str]
) -> list[Told]:
    """The findings of these rules on subjects that stand."""
    found = []
    for row in await connection.fetch(_STANDING, list(rules), list(names)):
        evidence = orjson.loads(row["evidence"])
        seen = evidence["seen"]
        found.append(Told(row["id"], row["subject"], seen["topic"], seen["missing"], evidence))
    return found


async def came(connection: Connection, told: Sequence[Told]) -> set[UUID]:
    """Those of the findings whose missing event came after all."""
    columns = (
        [one.id for one in told],
        [one.subject for one in told],
        [one.topic for one in told],
        [one.missing for one in told],
    )
    return {row["id"] for row in await connection.fetch(_CAME, *columns)}
