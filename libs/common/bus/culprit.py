"""Which event it was that made the writing of a batch fail.

An exception in the fold names its event; one in the writing does not. Parts of the batch are
tried until the one is found. Must never have an effect: a trial is always rolled back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from libs.common.bus import subjects as store
from libs.common.bus.batch import Batch, Number
from libs.common.bus.subjects import AWAY
from libs.common.db.engine import Connection, Pool

Trial = Callable[[Batch], Awaitable[object]]
"""Applies and writes a part of the batch inside `undone`."""


@asynccontextmanager
async def undone(pool: Pool) -> AsyncIterator[Connection]:
    """A connection in a transaction that is rolled back whatever happens in it."""
    async with store.acquired(pool) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        finally:
            await transaction.rollback()


async def find(batch: Batch, trial: Trial) -> Number | None:
    """The event that can't be written; None when no part of the batch fails by itself."""
    names = list(batch.events)
    while len(names) > 1:
        half = names[: len(names) // 2]
        names = half if await _fails(_part(batch, half), trial) else names[len(half) :]
    for name in names:
        delivered = store.numbered(batch.events[name])
        for count, (event, record) in enumerate(delivered, start=1):
            if await _fails(Batch(events={name: delivered[:count]}), trial):
                return (name, record.topic, event.sequence)
    return None


def _part(batch: Batch, names: Sequence[str]) -> Batch:
    return Batch(events={name: batch.events[name] for name in names})


async def _fails(part: Batch, trial: Trial) -> bool:
    try:
        await trial(part)
    except AWAY:
        raise
    except Exception:  # noqa: BLE001
        # Whatever it is: the batch failed with something, and this part fails too.
        return True
    return False
