"""Made-up events of a small city, and ways to put them on the bus or into an outbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg

from libs.common.bus.batch import Handler
from libs.common.bus.consumer import Consumer, Observer
from libs.common.bus.protocol import Outgoing, Producer, Source, horizon_records, partition_of
from libs.common.bus.relay import Relay
from libs.common.db import engine
from libs.common.events import Event, encode, recorded_id

START: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER: Final = START + timedelta(days=365)
SERVICE: Final = "monitor"


def event(
    subject: str,
    number: int,
    *,
    version: str = "",
    verb: str = "receipt-issued",
    at: datetime | None = None,
    **data: Any,
) -> Event:
    """The `number`-th event of a case; another `version` is another event of the same number."""
    when = at or START + timedelta(minutes=number)
    return Event(
        id=recorded_id("/test", subject, f"{number}{version}"),
        type=f"cn.sunlight.approval.case.{verb}.v1",
        source="/990100/approval",
        subject=subject,
        time=when,
        recordedtime=when,
        sequence=number,
        data=data,
    )


def life(subject: str, count: int = 10) -> list[Event]:
    """`count` events of one case in order."""
    return [event(subject, number) for number in range(1, count + 1)]


def outgoing(events: Iterable[Event], topic: str = "approval") -> list[Outgoing]:
    """Events as the records that a relay sends."""
    return [Outgoing(topic, partition_of(one.subject), one.subject, encode(one)) for one in events]


async def send(producer: Producer, *records: Outgoing, horizon: datetime | None = LATER) -> None:
    """Send records, then a horizon after them."""
    await producer.send(records)
    if horizon:
        await producer.send(horizon_records("approval", horizon))


async def put(
    connection: asyncpg.Connection[Any],
    events: Sequence[Event],
    *,
    release_at: datetime | None = None,
) -> None:
    """Write events to the outbox of the approval service, as its commands do."""
    for one in events:
        await connection.execute(
            "INSERT INTO approval.outbox (topic, subject, value, release_at)"
            " VALUES ('approval', $1, $2, $3)",
            one.subject,
            encode(one),
            release_at,
        )


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection of the database's owner, in UTC."""
    connection = await asyncpg.connect(
        dsn, server_settings={"timezone": "UTC", "search_path": "public, city"}
    )
    try:
        yield connection
    finally:
        await connection.close()


async def fetch(dsn: str, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as plain tuples."""
    async with connected(dsn) as connection:
        return [tuple(row) for row in await connection.fetch(sql, *arguments)]


async def execute(dsn: str, sql: str, *arguments: Any) -> None:
    """Run one statement as the database's owner."""
    async with connected(dsn) as connection:
        await connection.execute(sql, *arguments)


async def until(true: Callable[[], Awaitable[object]], seconds: float = 30) -> None:
    """Wait for something to become true; AssertionError when it does not."""
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.05)


async def reached(dsn: str, topic: str, horizon: datetime, service: str = SERVICE) -> bool:
    """Whether a consumer has committed everything of a topic before `horizon`."""
    ((complete,),) = await fetch(
        dsn,
        f"SELECT count(*) = 12 FROM {service}.consumer_position"  # noqa: S608
        " WHERE topic = $1 AND horizon >= $2",
        topic,
        horizon,
    )
    return bool(complete)


@asynccontextmanager
async def consuming(
    dsn: str, source: Source, handler: Handler, **options: Any
) -> AsyncIterator[Consumer]:
    """A consumer at work, stopped on leaving; what ended it early is raised there."""
    async with consumer(dsn, source, handler, **options) as made:
        task = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            made.stop()
            await asyncio.wait_for(task, 30)


@asynccontextmanager
async def consumer(
    dsn: str, source: Source, handler: Handler, **options: Any
) -> AsyncIterator[Consumer]:
    """A consumer with a pool of its own, not yet running."""
    pool = await engine.pool(dsn, SERVICE, max_size=3)
    options.setdefault("observer", Observer())
    try:
        yield Consumer(SERVICE, source, pool, handler, **options)
    finally:
        await pool.close()


async def consume(
    dsn: str, source: Source, handler: Handler, horizon: datetime = LATER, **options: Any
) -> None:
    """Consume until `horizon` is committed in every partition of the handler's topics."""

    async def done() -> bool:
        return all([await reached(dsn, topic, horizon) for topic in handler.topics])

    async with consumer(dsn, source, handler, **options) as made:
        task = asyncio.create_task(made.run())
        try:
            await until(lambda: _done_or_ended(done, task))
        finally:
            made.stop()
            await asyncio.wait_for(task, 30)


async def _done_or_ended(done: Callable[[], Awaitable[bool]], task: asyncio.Task[None]) -> bool:
    return task.done() or await done()


@asynccontextmanager
async def relaying(dsn: str, producer: Producer, **options: Any) -> AsyncIterator[Relay]:
    """The relay of the approval service at work, stopped on leaving."""
    relay = Relay("approval", dsn, producer, ("approval",), **options)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        await asyncio.wait_for(task, 30)
        await producer.stop()
