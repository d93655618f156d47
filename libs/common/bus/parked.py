"""Looking at what was set aside, and bringing it back.

A subject's parked events are replayed in the order of their numbers, through the same code as
live ones; nothing is dropped without a reason on record.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from libs.common.bus import culprit
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
from libs.common.bus.protocol import Incoming, partition_of
from libs.common.bus.subjects import AWAY, FREE, Subject
from libs.common.db.engine import Connection, Pool

Before = Callable[[Connection, Subject], Awaitable[None]]
"""Changes a locked subject in the replay's transaction, before its events are taken."""

_LIST: Final = """
SELECT subject, count(*) FILTER (WHERE reason <> 'unjudged') AS events, min(parked_at) AS since,
       (array_agg(reason ORDER BY id))[1] AS reason, (array_agg(error ORDER BY id))[1] AS error
FROM parked WHERE dropped_at IS NULL GROUP BY subject ORDER BY min(parked_at)
"""
_SHOW: Final = """
SELECT id, topic, partition, "offset", sequence, reason, error, raw, parked_at
FROM parked WHERE subject = $1 AND dropped_at IS NULL ORDER BY topic, sequence NULLS FIRST, id
"""
_TAKE: Final = """
DELETE FROM parked WHERE subject = $1 AND dropped_at IS NULL
RETURNING id, topic, partition, "offset", subject, raw, reason
"""
_DROP: Final = """
UPDATE parked SET dropped_at = city_now(), drop_reason = $2
WHERE id = (SELECT id FROM parked WHERE subject = $1 AND dropped_at IS NULL
            ORDER BY reason IN ('behind', 'gap'), topic, sequence NULLS FIRST, id LIMIT 1)
RETURNING topic, sequence
"""


@dataclass(frozen=True, slots=True)
class ParkedSubject:
    """A subject with events set aside: how many, since when, and why the first one was."""

    subject: str
    events: int
    since: datetime
    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """One event set aside, with the raw bytes as they came."""

    id: int
    topic: str
    partition: int
    offset: int
    sequence: int | None
    reason: str
    error: str
    raw: bytes
    parked_at: datetime


async def listed(pool: Pool) -> list[ParkedSubject]:
    """Every subject with events set aside, oldest first."""
    return [ParkedSubject(*row) for row in await pool.fetch(_LIST)]


async def shown(pool: Pool, subject: str) -> list[ParkedEvent]:
    """What is set aside of one subject, in the order it would be replayed."""
    return [ParkedEvent(*row) for row in await pool.fetch(_SHOW, subject)]


async def _nothing(connection: Connection, row: Subject) -> None:
    """Leave the subject as it is."""


async def replay(pool: Pool, handler: Handler, subject: str, before: Before = _nothing) -> Tally:
    """Try a subject's parked events again; what still can't be handled is parked again."""
    attempt = _Attempt(pool, handler, subject, before)
    while True:
        try:
            return await attempt.run()
        except PoisonedError as error:
            attempt.poison[error.number] = error.told
        except AWAY:
            raise
        except Exception as error:
            number = await culprit.find(attempt.batch, attempt.trial)
            if number is None and attempt.batch.again:
                return Tally(parked=attempt.batch.count)
            if number is None:
                raise
            attempt.poison[number] = "".join(traceback.format_exception(error))


@dataclass
class _Attempt:
    """Replaying a subject, again with each event named that can't be handled."""

    pool: Pool
    handler: Handler
    subject: str
    before: Before
    poison: dict[Number, str] = field(default_factory=dict)
    batch: Batch = field(default_factory=Batch)

    async def run(self) -> Tally:
        """Replay all that is parked."""
        async with store.acquired(self.pool) as connection, connection.transaction():
            self.batch = await self._take(connection)
            return await self._apply(connection, self.batch)

    async def trial(self, part: Batch) -> None:
        """Replay a part, without effect."""
        async with culprit.undone(self.pool) as connection:
            await self._take(connection)
            await self._apply(connection, part)

    async def _take(self, connection: Connection) -> Batch:
        rows = await store.lock(connection, [(self.subject, partition_of(self.subject))])
        row = rows[self.subject]
        await self.before(connection, row)
        if row.new:
            return Batch()
        taken = await connection.fetch(_TAKE, self.subject)
        row.blocked = FREE
        await store.save(connection, [row])
        in_order = sorted(taken, key=lambda item: item["id"])
        events = [item for item in in_order if item["reason"] != "unjudged"]
        batch = read_batch([Incoming(*list(item)[1:6]) for item in events])
        if len(events) < len(taken):
            batch.again.add(self.subject)
            batch.count = len(taken)
        return batch

    async def _apply(self, connection: Connection, batch: Batch) -> Tally:
        horizons = await store.horizons(connection)
        return await Application(self.handler.begin(horizons), self.poison).run(connection, batch)


async def drop(pool: Pool, subject: str, reason: str) -> bool:
    """Give up the first parked event of a subject, on record; False when none is parked.

    The event's number counts as seen, so that those behind it can be replayed.
    """
    async with store.acquired(pool) as connection, connection.transaction():
        rows = await store.lock(connection, [(subject, partition_of(subject))])
        dropped = await connection.fetchrow(_DROP, subject, reason)
        if dropped is None:
            return False
        row = rows[subject]
        if not dropped["topic"]:
            return True
        last = row.sequences.get(dropped["topic"], 0)
        if dropped["sequence"] is None or dropped["sequence"] == last + 1:
            row.sequences[dropped["topic"]] = last + 1
        await store.save(connection, [row])
        return True
