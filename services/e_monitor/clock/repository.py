"""Every query over observations and over the subjects' clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from libs.common.bus.batch import Number
from libs.common.bus.subjects import BLOCKED, Subject, read
from libs.common.db.bulk import copy_records, transpose
from libs.common.db.engine import Connection
from libs.common.events import Event

COLUMNS: Final = (
    "subject",
    "topic",
    "sequence",
    "id",
    "type",
    "time",
    "recorded_time",
    "region",
    "department",
    "facts",
    "source",
)
_IDS: Final = """
SELECT subject, topic, sequence, id FROM observation
JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS w(subject, topic, sequence)
USING (subject, topic, sequence)
"""
_OF: Final = """
SELECT subject, topic, sequence, id, type, time, recorded_time, region, department, facts, source
FROM observation WHERE subject = ANY($1::text[])
"""
# How far a subject can be judged at the most depends on the topics its events have come on: where
# one topic is behind, those that wait for it are not looked at again and again.
_DUE: Final = """
SELECT s.next_check_at, s.subject FROM subject s
JOIN unnest($1::smallint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[],
  $5::timestamptz[]) AS w(partition, approval, trading, registry, disclosure) USING (partition)
WHERE s.next_check_at <= $6 AND s.blocked = 0 AND (s.next_check_at, s.subject) > ($7, $8)
  AND s.next_check_at <= CASE WHEN s.sequences ? 'registry' THEN w.registry
    ELSE greatest(CASE WHEN s.sequences ? 'approval' THEN w.approval END,
      CASE WHEN s.sequences ? 'trading' THEN w.trading END,
      CASE WHEN s.sequences ? 'disclosure' THEN w.disclosure END) END
ORDER BY s.next_check_at, s.subject LIMIT $9
"""
_FREE: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE subject = ANY($1::text[]) AND blocked = 0 ORDER BY subject FOR UPDATE SKIP LOCKED
"""
_LOCKED: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE subject = ANY($1::text[]) ORDER BY subject FOR UPDATE
"""
_SET_ASIDE: Final = """
WITH blocked AS (UPDATE subject SET blocked = $2 WHERE subject = $1 RETURNING subject, partition)
INSERT INTO parked (topic, partition, "offset", subject, reason, error, raw, parked_at)
SELECT '', partition, -1, subject, 'unjudged', $3, '', city_now() FROM blocked
WHERE NOT EXISTS (SELECT 1 FROM parked
  WHERE subject = $1 AND reason = 'unjudged' AND dropped_at IS NULL)
"""


def row_of(event: Event, topic: str) -> tuple[Any, ...]:
    """An event as an observation."""
    return (
        event.subject,
        topic,
        event.sequence,
        event.id,
        event.type,
        event.time,
        event.recordedtime,
        event.region,
        event.department,
        orjson.dumps(event.data).decode(),
        event.source,
    )


async def observe(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append observations."""
    if rows:
        await copy_records(connection, "observation", COLUMNS, rows)


async def ids(connection: Connection, numbers: Sequence[Number]) -> Mapping[Number, str]:
    """Which event had each number."""
    rows = await connection.fetch(_IDS, *transpose(numbers, 3))
    return {(row["subject"], row["topic"], row["sequence"]): row["id"] for row in rows}


async def events_of(connection: Connection, subjects: Sequence[str]) -> list[Event]:
    """Every observed event of some subjects, as events again.

    What was observed before revision 0008 has the source "".
    """
    return [
        Event(
            id=row["id"],
            type=row["type"],
            source=row["source"] or "",
            subject=row["subject"],
            time=row["time"],
            recordedtime=row["recorded_time"],
            sequence=row["sequence"],
            data=orjson.loads(row["facts"]),
            region=row["region"],
            department=row["department"],
        )
        for row in await connection.fetch(_OF, list(subjects))
    ]


async def due(
    connection: Connection,
    partitions: Sequence[int],
    upto: Sequence[Sequence[datetime | None]],
    after: tuple[datetime, str],
    limit: int,
) -> list[tuple[datetime, str]]:
    """When and which subjects are to be looked at again.

    `upto` holds, for approval, trading, registry and disclosure, how far in each of `partitions`
    a subject with events on that topic can be judged.
    """
    furthest = max((at for row in upto for at in row if at is not None), default=None)
    rows = await connection.fetch(_DUE, list(partitions), *upto, furthest, *after, limit)
    return [(row["next_check_at"], row["subject"]) for row in rows]


async def free(connection: Connection, names: Sequence[str]) -> list[Subject]:
    """Subjects, locked; those set aside and those another process holds are left out."""
    return [read(row) for row in await connection.fetch(_FREE, list(names))]


async def locked(connection: Connection, names: Sequence[str]) -> list[Subject]:
    """Subjects, locked, also those set aside."""
    return [read(row) for row in await connection.fetch(_LOCKED, list(names))]


async def set_aside(connection: Connection, subject: str, told: str) -> None:
    """Set a subject aside that can't be judged; nothing of it goes on until it is replayed."""
    await connection.execute(_SET_ASIDE, subject, BLOCKED, told.replace("\0", "\ufffd"))
