"""Delivering events to the monitor in any order and reading what stands at the end.

Deliveries go through the same application of batches as live ones; only the transport is left
out, so that a test decides what arrives when.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from libs.common.bus import subjects as store
from libs.common.bus.batch import Application, Tally, read_batch
from libs.common.bus.protocol import PARTITIONS, Incoming, TopicPartition, partition_of
from libs.common.db.engine import Pool, connect, pool
from libs.common.events import Event, encode
from libs.common.law.fold import Fold
from services.e_monitor.clock.handlers import TOPICS, MonitorHandler
from sunlight.replay import export

_HORIZON_SQL = "UPDATE consumer_position SET horizon = $1"


@dataclass(frozen=True)
class Standing:
    """clocks.csv as bytes, findings.csv without `detected_at`, and how many are parked."""

    clocks: bytes
    findings: list[dict[str, str]]
    parked: int


@dataclass
class Delivery:
    """The monitor over one database, fed by hand."""

    dsn: str
    pool: Pool
    handler: MonitorHandler
    tally: Tally = field(default_factory=Tally)
    offset: int = 0

    @classmethod
    async def opened(cls, dsn: str, fold: Fold) -> Delivery:
        """Over an empty, migrated database; every partition of every topic at its beginning."""
        held = await pool(dsn, "monitor", max_size=4)
        async with store.acquired(held) as connection:
            places = [TopicPartition(t, p) for t in TOPICS for p in range(PARTITIONS)]
            await store.positions(connection, places)
        return cls(dsn, held, MonitorHandler(fold))

    async def deliver(self, events: Iterable[Event], topic: str) -> None:
        """One batch."""
        records = []
        for event in events:
            place = (topic, partition_of(event.subject))
            records.append(Incoming(*place, self.offset, event.subject, encode(event)))
            self.offset += 1
        async with store.acquired(self.pool) as connection, connection.transaction():
            horizons = await store.horizons(connection)
            application = Application(self.handler.begin(horizons), {})
            tally = await application.run(connection, read_batch(records))
        self.tally.applied += tally.applied
        self.tally.duplicates += tally.duplicates
        self.tally.parked += tally.parked

    async def move_to(self, horizon: datetime) -> None:
        """Every topic is complete to `horizon`; timers fire."""
        async with store.acquired(self.pool) as connection:
            await connection.execute(_HORIZON_SQL, horizon)
        places = frozenset(TopicPartition(t, p) for t in TOPICS for p in range(PARTITIONS))
        await self.handler.sweep(self.pool, places)

    async def standing(self, until: datetime) -> Standing:
        """What stands at `until`, as a replay would write it."""
        connection = await connect(self.dsn, "monitor")
        try:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder)
                await export.write_clocks(out / "clocks.csv", connection, self.handler.fold, until)
                await export.write_findings(out, connection)
                clocks = (out / "clocks.csv").read_bytes()
                findings = findings_of(out / "findings.csv")
            parked = await connection.fetchval("SELECT count(*) FROM parked")
        finally:
            await connection.close()
        return Standing(clocks, findings, int(parked))

    async def close(self) -> None:
        """Give connections back."""
        await self.pool.close()


def findings_of(path: Path) -> list[dict[str, str]]:
    """The rows of a findings file without the one column that depends on the run."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: value for name, value in row.items() if name != "detected_at"}
            for row in csv.DictReader(file)
        ]


def renumbered(events: Sequence[Event]) -> list[Event]:
    """The same events numbered as they arrive, as an intake numbers late ones."""
    numbers: dict[str, int] = {}
    found = []
    for event in events:
        numbers[event.subject] = numbers.get(event.subject, 0) + 1
        found.append(event._replace(sequence=numbers[event.subject]))
    return found
