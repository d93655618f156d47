"""A stream of cases, what stands at its end when nobody is disturbed, and how a test watches it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.db.embedded import EmbeddedPostgres
from tests.faults.scene import city, disorder, feed, late, now, office, standing, stream, told
from tests.faults.witness import WitnessedMonitor
from tests.service.common.bus.city import consuming, fetch, reached, relaying, until

EVENTS: Final = stream(100)
PROGRESS: Final = "SELECT coalesce(sum(next), 0)::bigint FROM monitor.consumer_position"
WAITING: Final = "SELECT count(*) FROM approval.outbox WHERE published_at IS NULL"


async def undisturbed_run(postgres: EmbeddedPostgres) -> list[tuple[Any, ...]]:
    """What stands when nothing happens to anyone, over the embedded log."""
    with city(postgres) as dsn:
        async with office(dsn) as connection:
            await feed(connection, EVENTS)
        async with (
            relaying(dsn, EmbeddedProducer(dsn)),
            consuming(dsn, EmbeddedSource(dsn, "monitor"), WitnessedMonitor()),
        ):
            await ended(dsn)
        assert await disorder(dsn, EVENTS) == ""
        found = await standing(dsn)
    # Else there would be nothing to compare.
    assert len(found) >= late(EVENTS) > 0
    return found


@asynccontextmanager
async def flowing(dsn: str, seconds: float) -> AsyncIterator[asyncio.Task[None]]:
    """The stream, spread over some seconds; leaving waits for its end."""

    async def flow() -> None:
        async with office(dsn) as connection:
            for begin in range(0, len(EVENTS), 5):
                await feed(connection, EVENTS[begin : begin + 5])
                await asyncio.sleep(seconds * 5 / len(EVENTS))

    task = asyncio.create_task(flow())
    try:
        yield task
    finally:
        await task


async def position(dsn: str) -> int:
    """How far the consumers are: the sum of their positions."""
    ((total,),) = await fetch(dsn, PROGRESS)
    return int(total)


async def progressed(dsn: str, by: int = 1) -> None:
    """Wait until the consumers have got some records further than they are now."""
    begin = await position(dsn)

    async def moved() -> bool:
        return await position(dsn) >= begin + by

    await until(moved, 120)


async def ended(dsn: str) -> None:
    """Wait until all that was emitted is sent and consumed."""

    async def sent() -> bool:
        return await fetch(dsn, WAITING) == [(0,)]

    await until(sent, 120)
    instant = await now(dsn)
    await until(lambda: reached(dsn, "approval", instant), 120)


async def differences(dsn: str, expected: list[tuple[Any, ...]]) -> str:
    """In what a run differs from an undisturbed one; empty when in nothing."""
    found = await standing(dsn)
    wrong = [await disorder(dsn, EVENTS), *map(str, await told(dsn))]
    wrong += [f"lacks {row}" for row in expected if row not in found]
    wrong += [f"has {row}" for row in found if row not in expected]
    return "; ".join(filter(None, wrong))
