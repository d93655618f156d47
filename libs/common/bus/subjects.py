"""The rows a consumer keeps of the subjects it has seen, and of what it has set aside.

Every query of the consuming side is here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import asyncpg
import orjson

from libs.common.bus.protocol import Incoming, Positions, TopicPartition
from libs.common.db.bulk import copy_records, execute_unnest
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event

AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that the server ended a moment ago
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.LockNotAvailableError,
)
"""A database that is away, starting, full or rolled us back: wait and try again, for ever."""
FREE: Final = 0
HOLDING: Final = 1
"""Events wait for an earlier one: applied by themselves when it comes."""
BLOCKED: Final = 2
"""An event could not be handled: it and all later ones wait for a person."""


class Subject:
    """One subject as a consumer knows it, locked for the running transaction.

    `sequences` holds the last applied number per topic. `state` is the handler's own (JSON
    values): read from its bytes only when asked for, written back only when set.
    """

    __slots__ = (
        "_raw",
        "_state",
        "blocked",
        "changed",
        "new",
        "next_check_at",
        "partition",
        "sequences",
        "subject",
    )

    def __init__(
        self,
        subject: str,
        partition: int,
        sequences: dict[str, int] | None = None,
        *,
        blocked: int = FREE,
        raw: bytes | None = None,
        next_check_at: datetime | None = None,
        new: bool = True,
    ) -> None:
        self.subject = subject
        self.partition = partition
        self.sequences = {} if sequences is None else sequences
        self.blocked = blocked
        self.next_check_at = next_check_at
        self.new = new
        self.changed = False
        self._raw = raw
        self._state: dict[str, Any] | None = None

    @property
    def state(self) -> dict[str, Any] | None:
        """What the handler last set; to be set anew, never changed in place."""
        if self._state is None and self._raw is not None:
            self._state = orjson.loads(self._raw)
        return self._state

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self._state = state
        self.changed = True

    @property
    def raw(self) -> bytes | None:
        """The state as it stands, as stored."""
        return orjson.dumps(self._state) if self.changed else self._raw


@dataclass(frozen=True, slots=True)
class Parked:
    """An event set aside."""

    record: Incoming
    subject: str
    sequence: int | None
    reason: str
    error: str


_THAW: Final = "SET idle_in_transaction_session_timeout = '10s'"
_CREATE_POSITIONS: Final = """
INSERT INTO consumer_position (topic, partition, next)
SELECT *, 0 FROM unnest($1::text[], $2::smallint[]) ON CONFLICT DO NOTHING
"""
_POSITIONS: Final = """
SELECT topic, partition, next, horizon FROM consumer_position
JOIN unnest($1::text[], $2::smallint[]) AS w(topic, partition) USING (topic, partition)
"""
_ADVANCE: Final = """
UPDATE consumer_position p
SET next = w.upto, horizon = greatest(p.horizon, w.horizon)
FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
  AS w(topic, partition, begin, upto, horizon)
WHERE p.topic = w.topic AND p.partition = w.partition AND p.next = w.begin
"""
_LOCK: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE subject = ANY($1::text[]) ORDER BY subject FOR UPDATE
"""
_SAVE: Final = """
UPDATE subject s
SET sequences = w.sequences, blocked = w.blocked, state = w.state, next_check_at = w.next_check_at
FROM unnest($1::text[], $2::jsonb[], $3::smallint[], $4::bytea[], $5::timestamptz[])
  AS w(subject, sequences, blocked, state, next_check_at)
WHERE s.subject = w.subject
"""
_NUMBER: Final = """
UPDATE subject s SET sequences = w.sequences, blocked = w.blocked
FROM unnest($1::text[], $2::jsonb[], $3::smallint[]) AS w(subject, sequences, blocked)
WHERE s.subject = w.subject
"""
_COLUMNS: Final = ("subject", "partition", "sequences", "blocked", "state", "next_check_at")
_HELD: Final = """
DELETE FROM parked WHERE subject = ANY($1::text[]) AND reason = 'gap' AND dropped_at IS NULL
RETURNING topic, partition, "offset", subject, raw
"""
_PARK: Final = """
INSERT INTO parked (topic, partition, "offset", subject, sequence, reason, error, raw, parked_at)
SELECT *, city_now() FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::text[],
  $5::bigint[], $6::text[], $7::text[], $8::bytea[])
"""
_HORIZONS: Final = "SELECT topic, partition, horizon FROM consumer_position"


@asynccontextmanager
async def acquired(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool, typed as what it behaves as.

    What a process frozen in the middle of a transaction has locked is free again after 10 s.
    """
    async with pool.acquire() as connection:
        await connection.execute(_THAW)
        yield cast("Connection", connection)


async def positions(
    connection: Connection, places: Iterable[TopicPartition]
) -> dict[TopicPartition, tuple[int, datetime | None]]:
    """Where this consumer stands in each partition, made at the beginning where it is new."""
    wanted = sorted(places)
    arrays = [place.topic for place in wanted], [place.partition for place in wanted]
    await connection.execute(_CREATE_POSITIONS, *arrays)
    rows = await connection.fetch(_POSITIONS, *arrays)
    return {
        TopicPartition(row["topic"], row["partition"]): (row["next"], row["horizon"])
        for row in rows
    }


async def advance(
    connection: Connection,
    begin: Positions,
    end: Positions,
    horizons: dict[TopicPartition, datetime],
) -> bool:
    """Move positions from `begin` to `end`; False when another worker has moved one."""
    rows = [(*place, begin[place], end[place], horizons.get(place)) for place in sorted(end)]
    return await execute_unnest(connection, _ADVANCE, rows, 5) == len(rows)


async def horizons(connection: Connection) -> dict[TopicPartition, datetime | None]:
    """To when each partition is known to be complete, as committed."""
    rows = await connection.fetch(_HORIZONS)
    return {TopicPartition(row["topic"], row["partition"]): row["horizon"] for row in rows}


async def lock(connection: Connection, names: Sequence[tuple[str, int]]) -> dict[str, Subject]:
    """Lock subjects (name, partition) in name order; unknown ones come new and unlocked."""
    rows = await connection.fetch(_LOCK, [name for name, _ in names])
    found = {row["subject"]: read(row) for row in rows}
    for name, partition in names:
        if name not in found:
            found[name] = Subject(name, partition)
    return found


def read(row: Any) -> Subject:
    """A subject from its row."""
    return Subject(
        row["subject"],
        row["partition"],
        orjson.loads(row["sequences"]),
        blocked=row["blocked"],
        raw=row["state"],
        next_check_at=row["next_check_at"],
        new=False,
    )


async def save(connection: Connection, subjects: Iterable[Subject]) -> None:
    """Write subjects back: new ones by COPY, changed ones and merely numbered ones in one
    statement each."""
    new, changed, numbered = [], [], []
    for subject in subjects:
        numbers = orjson.dumps(subject.sequences).decode()
        name, blocked = subject.subject, subject.blocked
        if subject.new:
            place = (name, subject.partition)
            new.append((*place, numbers, blocked, subject.raw, subject.next_check_at))
        elif subject.changed:
            changed.append((name, numbers, blocked, subject.raw, subject.next_check_at))
        else:
            numbered.append((name, numbers, blocked))
    if new:
        await copy_records(connection, "subject", _COLUMNS, new)
    await execute_unnest(connection, _SAVE, changed, 5)
    await execute_unnest(connection, _NUMBER, numbered, 3)


async def take_held(connection: Connection, names: Sequence[str]) -> list[Incoming]:
    """Events that waited for an earlier one, taken out of the parked."""
    rows = await connection.fetch(_HELD, list(names))
    return [
        Incoming(row["topic"], row["partition"], row["offset"], row["subject"], row["raw"])
        for row in rows
    ]


async def park(connection: Connection, parked: Sequence[Parked]) -> None:
    """Set events aside."""
    rows = [
        (
            item.record.topic,
            item.record.partition,
            item.record.offset,
            item.subject,
            item.sequence,
            item.reason,
            item.error.replace("\0", "\ufffd"),
            item.record.value,
        )
        for item in parked
    ]
    await execute_unnest(connection, _PARK, rows, 8)


def numbered(events: Iterable[tuple[Event, Incoming]]) -> list[tuple[Event, Incoming]]:
    """Events in the order of their numbers; of two with the same number the older first."""
    return sorted(events, key=lambda pair: (pair[0].sequence, pair[1].offset))
