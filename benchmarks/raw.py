"""The least an exactly-once consumer must do: consume, insert the id, upsert one row, commit.

A process of its own: `python -m benchmarks.raw [--bulk]`. Same transport source and batch size as
the monitor's worker, the next batch fetched meanwhile; nothing is judged or kept. Two statements
an event, sent together for the whole batch; with `--bulk` one COPY of the ids and one upsert of
each subject's last.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
import uvloop

from libs.common.bus import subjects as store
from libs.common.bus.consumer import BATCH
from libs.common.bus.protocol import Incoming, Positions, Source, TopicPartition
from libs.common.bus.transport import Transport
from libs.common.db.bulk import copy_records, execute_unnest
from libs.common.db.engine import Connection, Pool, pool, service_dsn
from services.e_monitor.clock.handlers import TOPICS

TABLES_SQL: Final = """
CREATE TABLE monitor.raw_id (id uuid PRIMARY KEY);
CREATE TABLE monitor.raw_row (subject text PRIMARY KEY, id uuid NOT NULL) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE ON monitor.raw_id, monitor.raw_row TO sunlight_monitor;
"""
_INSERT_SQL: Final = "INSERT INTO raw_id (id) VALUES ($1)"
_UPSERT_SQL: Final = """
INSERT INTO raw_row (subject, id) VALUES ($1, $2)
ON CONFLICT (subject) DO UPDATE SET id = excluded.id
"""
_UPSERT_BULK_SQL: Final = """
INSERT INTO raw_row (subject, id) SELECT * FROM unnest($1::text[], $2::uuid[])
ON CONFLICT (subject) DO UPDATE SET id = excluded.id
"""


@dataclass
class Raw:
    """The consumer."""

    source: Source
    pool: Pool
    bulk: bool

    async def run(self, stopped: asyncio.Event) -> None:
        """Consume until stopped."""
        await self.source.start(TOPICS, self._assigned)
        upcoming = asyncio.create_task(self.source.fetch(BATCH, 0.25))
        while not stopped.is_set():
            records = await upcoming
            upcoming = asyncio.create_task(self.source.fetch(BATCH, 0.25))
            if records:
                await self._commit(records)
        await upcoming
        await self.source.stop()

    async def _assigned(self, places: frozenset[TopicPartition]) -> Positions:
        async with store.acquired(self.pool) as connection:
            known = await store.positions(connection, places)
        return {place: position for place, (position, _) in known.items()}

    async def _commit(self, records: Sequence[Incoming]) -> None:
        begin: dict[TopicPartition, int] = {}
        end: dict[TopicPartition, int] = {}
        named = []
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            begin.setdefault(place, record.offset)
            end[place] = record.offset + 1
            if record.key is not None:
                named.append((record.key, orjson.loads(record.value)["id"]))
        async with store.acquired(self.pool) as connection, connection.transaction():
            if not await store.advance(connection, begin, end, {}):
                raise RuntimeError("another consumer moved a position")
            await (_write_bulk if self.bulk else _write)(connection, named)


async def _write(connection: Connection, named: Sequence[tuple[str, str]]) -> None:
    await connection.executemany(_INSERT_SQL, [(number,) for _, number in named])
    await connection.executemany(_UPSERT_SQL, named)


async def _write_bulk(connection: Connection, named: Sequence[tuple[str, str]]) -> None:
    await copy_records(connection, "raw_id", ("id",), [(number,) for _, number in named])
    await execute_unnest(connection, _UPSERT_BULK_SQL, sorted(dict(named).items()), 2)


async def main() -> None:
    """Consume what the environment names until SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    source = Transport.chosen(os.environ).source("monitor")
    held = await pool(service_dsn("monitor", os.environ), "monitor", max_size=4)
    await Raw(source, held, "--bulk" in sys.argv[1:]).run(stopped)
    await held.close()


if __name__ == "__main__":
    uvloop.run(main())
