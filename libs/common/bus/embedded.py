"""The bus inside PostgreSQL: a log table with dense offsets, for the all-in-one run.

Appending takes the heads of the partitions it writes to, so commit order is offset order and no
consumer can overtake a slow writer. Woken by NOTIFY, never dependent on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import asyncpg
import structlog

from libs.common.bus.protocol import (
    ALL,
    PARTITIONS,
    Assigned,
    Incoming,
    OffsetLostError,
    Outgoing,
    Positions,
    Share,
    TopicPartition,
)
from libs.common.bus.subjects import AWAY
from libs.common.db.bulk import copy_records, execute_unnest
from libs.common.db.engine import BUS, Connection, connect

KEEP: Final = timedelta(days=7)
PRUNE_SECONDS: Final = 3600.0
CHANNEL: Final = "sunlight_bus"
log = structlog.get_logger("bus")

_LOCK_SQL: Final = """
SELECT h.topic, h.partition, h.next FROM head h
JOIN unnest($1::text[], $2::smallint[]) AS w(topic, partition) USING (topic, partition)
ORDER BY h.topic, h.partition FOR UPDATE OF h
"""
_ADVANCE_SQL: Final = """
UPDATE head h SET next = w.next
FROM unnest($1::text[], $2::smallint[], $3::bigint[]) AS w(topic, partition, next)
WHERE h.topic = w.topic AND h.partition = w.partition
"""
_CREATE_SQL: Final = """
INSERT INTO head (topic, partition)
SELECT t, p FROM unnest($1::text[]) AS t, generate_series(0, $2 - 1) AS p
ON CONFLICT DO NOTHING
"""
_WAITING_SQL: Final = """
SELECT h.topic, h.partition, w.next, h.first, h.next AS head FROM head h
JOIN unnest($1::text[], $2::smallint[], $3::bigint[]) AS w(topic, partition, next)
  ON h.topic = w.topic AND h.partition = w.partition
WHERE h.next > w.next OR h.first > w.next OR h.next < w.next
"""
_READ_SQL: Final = """
SELECT l.topic, l.partition, l."offset", l.key, l.value
FROM unnest($1::text[], $2::smallint[], $3::bigint[]) AS w(topic, partition, next)
CROSS JOIN LATERAL (
    SELECT * FROM log WHERE topic = w.topic AND partition = w.partition AND "offset" >= w.next
    ORDER BY "offset" LIMIT $4
) l
"""
_PROGRESS_SQL: Final = """
INSERT INTO progress (consumer, topic, partition, next)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::bigint[])
ON CONFLICT (consumer, topic, partition) DO UPDATE SET next = excluded.next
"""
_PRUNE_SQL: Final = """
WITH safe AS (
    SELECT h.topic, h.partition, least(min(p.next), (
        SELECT coalesce(max(l."offset") + 1, h.first) FROM log l
        WHERE l.topic = h.topic AND l.partition = h.partition AND l.at < now() - $1::interval
    )) AS upto
    FROM head h JOIN progress p USING (topic, partition) GROUP BY h.topic, h.partition
), gone AS (
    DELETE FROM log l USING safe s
    WHERE l.topic = s.topic AND l.partition = s.partition AND l."offset" < s.upto
)
UPDATE head h SET first = greatest(h.first, s.upto) FROM safe s
WHERE h.topic = s.topic AND h.partition = s.partition
"""


async def create_topics(connection: Connection, topics: Sequence[str]) -> None:
    """Make sure each topic has its partitions."""
    await connection.execute(_CREATE_SQL, list(topics), PARTITIONS)


async def prune(connection: Connection, keep: timedelta) -> None:
    """Forget records older than `keep` that every consumer has passed."""
    await connection.execute(_PRUNE_SQL, keep)


class EmbeddedProducer:
    """Appends to the log table, one transaction a call; once an hour forgets old records."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection | None = None
        self._pruned = time.monotonic()

    async def start(self) -> None:
        """Connect."""
        self._connection = await connect(self._dsn, BUS, application="sunlight-bus-producer")

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Append in order; returns after the commit."""
        if not records:
            return
        if self._connection is None or self._connection.is_closed():
            await self.start()
        connection = self._connection
        if connection is None:
            raise asyncpg.InterfaceError("not started")
        wanted = sorted({(record.topic, record.partition) for record in records})
        topics, partitions = [w[0] for w in wanted], [w[1] for w in wanted]
        async with connection.transaction():
            rows = await connection.fetch(_LOCK_SQL, topics, partitions)
            heads = {(row["topic"], row["partition"]): row["next"] for row in rows}
            if len(heads) != len(wanted):
                missing = sorted({w[0] for w in wanted if w not in heads})
                raise LookupError(f"the embedded bus has no topic {', '.join(missing)}: migrate it")
            placed = []
            for record in records:
                place = (record.topic, record.partition)
                placed.append((*place, heads[place], record.key, record.value))
                heads[place] += 1
            await copy_records(
                connection, "log", ("topic", "partition", "offset", "key", "value"), placed
            )
            await execute_unnest(
                connection, _ADVANCE_SQL, [(*place, heads[place]) for place in wanted], 3
            )
            await connection.execute(f"NOTIFY {CHANNEL}")
        if time.monotonic() - self._pruned > PRUNE_SECONDS:
            self._pruned = time.monotonic()
            await prune(connection, KEEP)

    async def stop(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            await self._connection.close()


class EmbeddedSource:
    """Reads the log table; one process holds its share of the partitions, by default all."""

    def __init__(self, dsn: str, consumer: str, share: Share = ALL) -> None:
        self._dsn = dsn
        self._consumer = consumer
        self._share = share
        self._connection: Connection | None = None
        self._next: dict[TopicPartition, int] = {}
        self._woken = asyncio.Event()
        # A report may come while the next batch is being fetched.
        self._turn = asyncio.Lock()

    async def start(self, topics: Sequence[str], assigned: Assigned) -> None:
        """Connect, listen, and go on where `assigned` says."""
        await self._connected()
        held = frozenset(
            TopicPartition(topic, partition)
            for topic in topics
            for partition in self._share.partitions()
        )
        self._next = dict(await assigned(held))
        # Pruning knows a consumer from here on, also one that gets nowhere.
        await self.report(self._next)

    def held(self) -> frozenset[TopicPartition]:
        """The share's partitions of the topics."""
        return frozenset(self._next)

    async def seek(self, positions: Positions) -> None:
        """Go on elsewhere."""
        self._next.update(positions)

    async def fetch(self, limit: int, wait: float) -> list[Incoming]:
        """Records from the positions on; see `Source.fetch`."""
        self._woken.clear()
        records = await self._read(limit)
        if not records:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait)
            records = await self._read(limit)
        return records

    async def _read(self, limit: int) -> list[Incoming]:
        async with self._turn:
            return await self._read_from(await self._connected(), limit)

    async def _read_from(self, connection: Connection, limit: int) -> list[Incoming]:
        where = list(self._next.items())
        topics = [place.topic for place, _ in where]
        partitions = [place.partition for place, _ in where]
        rows = await connection.fetch(_WAITING_SQL, topics, partitions, [n for _, n in where])
        for row in rows:
            if not row["first"] <= row["next"] <= row["head"]:
                raise OffsetLostError(
                    f"{self._consumer} needs {row['topic']}/{row['partition']} from "
                    f"{row['next']}; the log has {row['first']} to {row['head']}"
                )
        if not rows:
            return []
        share = max(1, limit // len(rows))
        found = await connection.fetch(
            _READ_SQL,
            [row["topic"] for row in rows],
            [row["partition"] for row in rows],
            [row["next"] for row in rows],
            share,
        )
        records = [Incoming(*row) for row in found]
        for record in records:
            self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        return records

    async def report(self, positions: Positions) -> None:
        """Record progress, which pruning respects; a lost connection leaves it for next time."""
        progress = [(self._consumer, *place, position) for place, position in positions.items()]
        try:
            async with self._turn:
                await execute_unnest(await self._connected(), _PROGRESS_SQL, progress, 4)
        except AWAY as error:
            log.warning("bus.unreported", consumer=self._consumer, error=repr(error))

    async def _connected(self) -> Connection:
        """The connection, made anew where the server has ended it; it listens."""
        if self._connection is None or self._connection.is_closed():
            self._connection = None
            connection = await connect(self._dsn, BUS, application=f"sunlight-bus-{self._consumer}")
            await connection.add_listener(CHANNEL, lambda *_: self._woken.set())
            self._connection = connection
        return self._connection

    async def stop(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            await self._connection.close()
