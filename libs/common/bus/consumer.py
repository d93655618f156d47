"""The consuming loop: every event has its effects exactly once, in order per subject.

One transaction a batch: the position moves by compare-and-set (whoever lost the partition rolls
back), subjects are locked in order, numbers decide between new, duplicate and early, effects are
written. What can't be handled is parked with its subject; everything else goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from opentelemetry.trace import get_tracer

from libs.common.bus import culprit
from libs.common.bus import subjects as store
from libs.common.bus.batch import (
    Application,
    Batch,
    Choosing,
    Handler,
    Number,
    PoisonedError,
    Tally,
    read_batch,
)
from libs.common.bus.protocol import OffsetLostError, Source, TopicPartition
from libs.common.bus.subjects import AWAY
from libs.common.db.engine import Pool
from libs.common.telemetry.traces import batch_span

BATCH: Final = 3000
MAX_POISON_A_MINUTE: Final = 100
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
        await self._start()
        # The next batch is fetched and decoded while the database works on this one.
        upcoming = asyncio.create_task(self._fetch())
        try:
            while not self._stopped.is_set():
                batch = await upcoming
                upcoming = asyncio.create_task(self._fetch())
                if batch.count and not await self._commit(batch) and not self._stopped.is_set():
                    # What was fetched meanwhile follows a batch that did not happen.
                    await upcoming
                    await self.source.seek(await self._assigned(self.source.held()))
                    upcoming = asyncio.create_task(self._fetch())
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)
            await self.source.stop()

    async def _start(self) -> None:
        wait = 0.2
        while not self._stopped.is_set():
            try:
                await self.source.start(self.handler.topics, self._assigned)
            except Exception as error:  # noqa: BLE001
                # A broker that is away at the start is waited for as later on.
                wait = await self._pause("waits", error, wait)
            else:
                return

    async def _pause(self, doing: str, error: Exception, wait: float) -> float:
        """Wait, less when asked to stop; how long to wait the next time."""
        log.warning(f"consumer.{doing}", consumer=self.name, error=repr(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), wait)
        return min(wait * 2, 5)

    async def _assigned(self, places: frozenset[TopicPartition]) -> dict[TopicPartition, int]:
        wait = 0.2
        while not self._stopped.is_set():
            try:
                async with store.acquired(self.pool) as connection:
                    known = await store.positions(connection, places)
                break
            except AWAY as error:
                wait = await self._pause("waits", error, wait)
        else:
            return {}
        for place, (position, horizon) in known.items():
            self._horizons[place] = horizon
            self._sought[place] = position
        return {place: position for place, (position, _) in known.items()}

    async def _fetch(self) -> Batch:
        wants = self.handler.wants if isinstance(self.handler, Choosing) else None
        wait = 0.2
        while not self._stopped.is_set():
            try:
                records = await self.source.fetch(self.batch_size, 0.25)
            except OffsetLostError:
                log.critical("bus_offset_lost", consumer=self.name, exc_info=True)
                raise
            except Exception as error:  # noqa: BLE001
                # A broker that is away: nothing was taken, so try again for ever.
                wait = await self._pause("waits", error, wait)
                continue
            if records:
                batch = read_batch(records, wants)
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
        try:
            tally = await self._until_handled(batch)
        except FencedError:
            self.observer.fenced()
            return False
        if tally is None:
            return False
        self._horizons = self._after(batch)
        self._positions.update(batch.end)
        self.observer.batch(batch, tally, time.perf_counter() - started)
        self._note_poison(tally.poison)
        if batch.horizons:
            await self._sweep()
        if time.monotonic() - self._reported > 1:
            self._reported = time.monotonic()
            await self.source.report(self._positions)
        return True

    async def _until_handled(self, batch: Batch) -> Tally | None:
        """Try until the batch is in the database; None when told to stop before it is."""
        poison: dict[Number, str] = {}
        wait = 0.2
        while len(poison) <= MAX_POISON_A_MINUTE:
            try:
                tally = await self._attempt_or_blame(batch, poison)
            except AWAY as error:
                wait = await self._pause("retries", error, wait)
                if self._stopped.is_set():
                    return None
            else:
                if tally is not None:
                    return tally
        self._note_poison(len(poison))
        return None

    async def _attempt_or_blame(self, batch: Batch, poison: dict[Number, str]) -> Tally | None:
        """One attempt; None when it failed for an event, which is then in `poison`."""
        try:
            return await self._attempt(batch, poison)
        except (FencedError, *AWAY):
            raise
        except PoisonedError as error:
            number, told = error.number, error.told
        except Exception as error:
            found = await self._blame(batch, poison)
            if found is None:
                raise
            number, told = found, "".join(traceback.format_exception(error))
        poison[number] = told
        log.error("consumer.poison", consumer=self.name, subject=number[0], error=told)
        return None

    async def _attempt(self, batch: Batch, poison: Mapping[Number, str]) -> Tally:
        causes = (
            event.traceparent for delivered in batch.events.values() for event, _ in delivered
        )
        with batch_span(get_tracer("sunlight.bus"), f"{self.name} batch", causes):
            return await self._transaction(batch, poison)

    async def _transaction(self, batch: Batch, poison: Mapping[Number, str]) -> Tally:
        async with store.acquired(self.pool) as connection, connection.transaction():
            if not await store.advance(connection, batch.begin, batch.end, batch.horizons):
                raise FencedError
            effects = self.handler.begin(self._after(batch))
            return await Application(effects, poison).run(connection, batch)

    async def _blame(self, batch: Batch, poison: Mapping[Number, str]) -> Number | None:
        """Which event the batch could not be written for; None when it is no single one."""

        async def trial(part: Batch) -> None:
            async with culprit.undone(self.pool) as connection:
                effects = self.handler.begin(self._after(batch))
                await Application(effects, poison).run(connection, part)

        return await culprit.find(batch, trial)

    def _after(self, batch: Batch) -> dict[TopicPartition, datetime | None]:
        """The horizons as they stand once the batch is committed; none ever goes back."""
        after = dict(self._horizons)
        for place, horizon in batch.horizons.items():
            after[place] = max(horizon, after.get(place) or horizon)
        return after

    async def _sweep(self) -> None:
        wait = 0.2
        while True:
            try:
                await self.handler.sweep(self.pool, self.source.held())
            except AWAY as error:
                wait = await self._pause("sweeps_again", error, wait)
                if self._stopped.is_set():
                    return
            else:
                return

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
