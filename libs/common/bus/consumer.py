"""The consuming loop: every event has its effects exactly once, in order per subject.

One transaction a batch: the position moves by compare-and-set (whoever lost the partition rolls
back), subjects are locked in order, numbers decide between new, duplicate and early, effects are
written. What can't be handled is parked with its subject; everything else goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from libs.common.bus import subjects as store
from libs.common.bus.batch import (
    Application,
    Batch,
    Handler,
    Number,
    PoisonedError,
    Tally,
    read_batch,
)
from libs.common.bus.protocol import OffsetLostError, Source, TopicPartition
from libs.common.db.engine import Pool

BATCH: Final = 3000
MAX_POISON_A_MINUTE: Final = 100
_AWAY: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
)
"""A database that is away, starting, full or rolled us back: wait and try again, for ever."""
log = structlog.get_logger("consumer")


class TooMuchPoisonError(Exception):
    """So many events could not be handled that something general is wrong: stop."""


class FencedError(Exception):
    """Another worker has moved a position: the batch is rolled back."""


@dataclass
class Observer:
    """Told what happens, for metrics and tests; does nothing by itself."""

    def batch(self, batch: Batch, tally: Tally, seconds: float) -> None:
        """A batch was committed."""

    def fenced(self) -> None:
        """Another worker holds a partition; the batch was rolled back."""


@dataclass
class Consumer:
    """One worker of one service."""

    name: str
    source: Source
    pool: Pool
    handler: Handler
    observer: Observer = field(default_factory=Observer)
    batch_size: int = BATCH
    _horizons: dict[TopicPartition, datetime | None] = field(default_factory=dict)
    _positions: dict[TopicPartition, int] = field(default_factory=dict)
    _sought: dict[TopicPartition, int] = field(default_factory=dict)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _poison: deque[float] = field(default_factory=deque)
    _reported: float = 0.0

    def stop(self) -> None:
        """Ask the worker to end after the batch at hand."""
        self._stopped.set()

    async def run(self) -> None:
        """Consume until stopped.

        A lost database or broker pauses and retries for ever.

        Raises:
            OffsetLostError: needed records are gone from the log (alarm bus_offset_lost).
            TooMuchPoisonError: more than MAX_POISON_A_MINUTE events could not be handled.
        """
        await self.source.start(self.handler.topics, self._assigned)
        # The next batch is fetched and decoded while the database works on this one.
        upcoming = asyncio.create_task(self._fetch())
        try:
            while not self._stopped.is_set():
                batch = await upcoming
                upcoming = asyncio.create_task(self._fetch())
                if batch.count and not await self._commit(batch):
                    # What was fetched meanwhile follows a batch that did not happen.
                    await upcoming
                    await self.source.seek(await self._assigned(self.source.held()))
                    upcoming = asyncio.create_task(self._fetch())
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
            await self.source.stop()

    async def _assigned(self, places: frozenset[TopicPartition]) -> dict[TopicPartition, int]:
        while True:
            try:
                async with store.acquired(self.pool) as connection:
                    known = await store.positions(connection, places)
                break
            except _AWAY as error:
                log.warning("consumer.waits", consumer=self.name, error=repr(error))
                await asyncio.sleep(1)
        for place, (position, horizon) in known.items():
            self._horizons[place] = horizon
            self._sought[place] = position
        return {place: position for place, (position, _) in known.items()}

    async def _fetch(self) -> Batch:
        wait = 0.2
        while not self._stopped.is_set():
            try:
                records = await self.source.fetch(self.batch_size, 0.25)
            except OffsetLostError:
                log.critical("bus_offset_lost", consumer=self.name, exc_info=True)
                raise
            except Exception as error:  # noqa: BLE001
                # A broker that is away: nothing was taken, so try again for ever.
                log.warning("consumer.waits", consumer=self.name, error=repr(error))
                await asyncio.sleep(wait := min(wait * 2, 5))
                continue
            if records:
                batch = read_batch(records)
                self._refuse_holes(batch)
                return batch
        return Batch()

    def _refuse_holes(self, batch: Batch) -> None:
        """The first records after a seek must be the ones asked for: never skip quietly."""
        for place, begin in batch.begin.items():
            asked = self._sought.pop(place, begin)
            if asked < begin:
                log.critical("bus_offset_lost", consumer=self.name, topic=place.topic)
                raise OffsetLostError(
                    f"{self.name} needs {place.topic}/{place.partition} from {asked}; "
                    f"the log goes on at {begin}"
                )

    async def _commit(self, batch: Batch) -> bool:
        """Make the batch happen; False when another worker holds one of its partitions."""
        started = time.perf_counter()
        poison: dict[Number, str] = {}
        wait = 0.2
        while True:
            try:
                tally = await self._attempt(batch, poison)
                break
            except FencedError:
                self.observer.fenced()
                return False
            except PoisonedError as error:
                poison[error.number] = error.told
                log.exception("consumer.poison", consumer=self.name, subject=error.number[0])
            except _AWAY as error:
                log.warning("consumer.retries", consumer=self.name, error=repr(error))
                await asyncio.sleep(wait := min(wait * 2, 5))
        self._horizons.update(batch.horizons)
        self._positions.update(batch.end)
        self.observer.batch(batch, tally, time.perf_counter() - started)
        self._note_poison(tally.poison)
        if batch.horizons:
            await self.handler.sweep(self.pool, self.source.held())
        if time.monotonic() - self._reported > 1:
            self._reported = time.monotonic()
            await self.source.report(self._positions)
        return True

    async def _attempt(self, batch: Batch, poison: dict[Number, str]) -> Tally:
        async with store.acquired(self.pool) as connection, connection.transaction():
            if not await store.advance(connection, batch.begin, batch.end, batch.horizons):
                raise FencedError
            effects = self.handler.begin({**self._horizons, **batch.horizons})
            return await Application(effects, poison).run(connection, batch)

    def _note_poison(self, count: int) -> None:
        now = time.monotonic()
        self._poison.extend([now] * count)
        while self._poison and self._poison[0] < now - 60:
            self._poison.popleft()
        if len(self._poison) > MAX_POISON_A_MINUTE:
            raise TooMuchPoisonError(
                f"{len(self._poison)} events of {self.name} could not be handled within a minute; "
                "look at `sunlight parked list`, mend the cause, start again"
            )
