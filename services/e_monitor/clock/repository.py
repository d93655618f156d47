"""Every query over observations and over the subjects' clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from libs.common.bus.batch import Number
from libs.common.bus.subjects import Subject, read
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
)
_IDS: Final = """
SELECT subject, topic, sequence, id FROM observation
JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS w(subject, topic, sequence)
USING (subject, topic, sequence)
"""
_OF: Final = """
SELECT subject, topic, sequence, id, type, time, recorded_time, region, department, facts
FROM observation WHERE subject = ANY($1::text[])
"""
_DUE: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE next_check_at <= $1 AND partition = ANY($2::smallint[]) AND blocked = 0
  AND (next_check_at, subject) > ($3, $4)
ORDER BY next_check_at, subject LIMIT $5 FOR UPDATE SKIP LOCKED
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
    """Every observed event of some subjects, as events again."""
    return [
        Event(
            id=row["id"],
            type=row["type"],
            source="",
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
    upto: datetime,
    partitions: Sequence[int],
    after: tuple[datetime, str],
    limit: int,
) -> list[Subject]:
    """Subjects to look at again by `upto`, locked; those another process holds are left out."""
    rows = await connection.fetch(_DUE, upto, list(partitions), *after, limit)
    return [read(row) for row in rows]
