"""A source that delivers exactly the batches a test wants, through the real consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from libs.common.bus.batch import Batch, Handler, Tally
from libs.common.bus.consumer import Observer
from libs.common.bus.protocol import (
    PARTITIONS,
    Assigned,
    Incoming,
    Outgoing,
    Positions,
    TopicPartition,
)
from tests.service.common.bus.city import consumer, fetch

Batches = Sequence[Sequence[Outgoing]]


@dataclass
class Scripted:
    """Holds every partition of its topics and hands out one list of records at a time."""

    batches: list[list[Incoming]]
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    places: frozenset[TopicPartition] = frozenset()

    async def start(self, topics: Sequence[str], assigned: Assigned) -> None:
        """Take every partition."""
        self.places = frozenset(
            TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)
        )
        await assigned(self.places)

    async def fetch(self, limit: int, wait: float) -> list[Incoming]:
        """The next batch; none when all are handed out."""
        if self.batches:
            return self.batches.pop(0)
        self.finished.set()
        await asyncio.sleep(0.01)
        return []

    async def seek(self, positions: Positions) -> None:
        """Never asked for: nobody else holds a partition."""
        raise AssertionError(positions)

    def held(self) -> frozenset[TopicPartition]:
        """Every partition."""
        return self.places

    async def report(self, positions: Positions) -> None:
        """Nobody listens."""

    async def stop(self) -> None:
        """Nothing to close."""


@dataclass
class Summed(Observer):
    """Adds up what became of the events."""

    total: Tally = field(default_factory=Tally)

    def batch(self, batch: Batch, tally: Tally, seconds: float) -> None:
        """Add one batch."""
        for name in ("applied", "duplicates", "parked", "poison"):
            setattr(self.total, name, getattr(self.total, name) + getattr(tally, name))


async def deliver(dsn: str, handler: Handler, batches: Batches) -> Tally:
    """Consume these batches, each in one transaction; what became of the events.

    May be called again: offsets go on where the database stands.
    """
    rows = await fetch(dsn, "SELECT topic, partition, next FROM monitor.consumer_position")
    ends: dict[Any, int] = {(topic, partition): upto for topic, partition, upto in rows}
    incoming: list[list[Incoming]] = []
    for batch in batches:
        incoming.append([])
        for record in batch:
            place = (record.topic, record.partition)
            offset = ends.get(place, 0)
            ends[place] = offset + 1
            incoming[-1].append(Incoming(*place, offset, record.key, record.value))
    source, observer = Scripted(incoming), Summed()
    async with consumer(dsn, source, handler, observer=observer) as made:
        task = asyncio.create_task(made.run())
        waiting = asyncio.create_task(source.finished.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        made.stop()
        await task
    return observer.total
