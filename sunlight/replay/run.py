"""Replaying a recording: published to the bus like live events, watched by the same worker.

The replay is a source like any other: it sends the events in merged order, announces the horizons
itself and moves them to `until` at the end. Nothing here counts a day or judges a clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Final

import asyncpg

from libs.common.bus.protocol import Outgoing, Producer, Share, horizon_records, partition_of
from libs.common.bus.transport import Transport
from libs.common.db import embedded
from libs.common.db.migrations import upgrade_all
from sunlight.recording import EncodedEvent, Recording

CHUNK: Final = 4000
_LONG: Final = 30_000_000
"""Bytes of a recording from which a second worker process earns its own start."""
_PACKED: Final = 12
"""How many bytes one byte of a packed recording is, about."""
_WATCHED: Final = ("approval", "trading", "registry", "disclosure")
_MOMENT: Final = timedelta(microseconds=1)
_BEHIND_SQL: Final = """
SELECT (SELECT count(*) FROM monitor.consumer_position WHERE horizon >= $1) < $2
    OR EXISTS (SELECT FROM monitor.subject WHERE next_check_at <= $1 AND blocked = 0)
    OR EXISTS (SELECT FROM monitor.match WHERE check_at <= $1)
    OR EXISTS (SELECT FROM monitor.outbox WHERE published_at IS NULL)
"""
_SEEN_SQL: Final = "SELECT coalesce(sum(next), 0) FROM monitor.consumer_position"

Progress = Callable[[str, int, int | None], None]


class WorkerDiedError(RuntimeError):
    """The worker process ended while it was needed; what it printed is in the message."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay runs: its database and its transport, both its own."""

    dsn: str
    transport: Transport
    env: Mapping[str, str]


@contextlib.asynccontextmanager
async def place(
    *, database: str | None, bus: str | None, keep: Path | None, law: Mapping[str, str]
) -> AsyncIterator[Place]:
    """A migrated database and transport of the replay's own, removed afterwards unless kept.

    `database` names a server on which a database of its own is created, `bus` Kafka brokers on
    which topics of its own are; None means embedded. `law` are the worker's settings.
    """
    name = f"sunlight_replay_{uuid.uuid4().hex[:12]}"
    with contextlib.ExitStack() as stack:
        server = None
        if database:
            dsn = await _create_database(database, name)
        elif keep:
            server = await asyncio.to_thread(embedded.start, keep)
            dsn = server.dsn()
        else:
            dsn = stack.enter_context(embedded.temporary()).dsn()
        env = {**os.environ, **law, "DATABASE_URL": dsn}
        for unwanted in [key for key in env if key.startswith("DATABASE_URL_")]:
            del env[unwanted]
        env.pop("KAFKA_BOOTSTRAP_SERVERS", None)
        if bus:
            env |= {"KAFKA_BOOTSTRAP_SERVERS": bus, "KAFKA_TOPIC_PREFIX": f"{name}."}
        transport = Transport.chosen(env)
        await upgrade_all(dsn)
        await transport.prepare()
        try:
            yield Place(dsn, transport, env)
        finally:
            if not keep:
                await transport.remove()
            if database and not keep:
                await _drop_database(database, name)
            if server is not None:
                await asyncio.to_thread(server.stop)


async def _create_database(server: str, name: str) -> str:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


async def _drop_database(server: str, name: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Crew:
    """The worker processes of a replay, each with what it prints."""

    members: Sequence[tuple[subprocess.Popen[bytes], IO[bytes]]]

    def alive(self) -> bool:
        """Whether all of them run."""
        return all(process.poll() is None for process, _ in self.members)

    def require_alive(self) -> None:
        """Raise WorkerDiedError, with what it printed last, if one of them has ended."""
        for process, told in self.members:
            if process.poll() is not None:
                told.seek(0)
                text = told.read().decode(errors="replace")[-4000:]
                raise WorkerDiedError(f"a worker ended with status {process.returncode}:\n{text}")


@contextlib.contextmanager
def workers(env: Mapping[str, str], services: Sequence[str], count: int) -> Iterator[Crew]:
    """`count` worker processes of `services`, each with its share of the partitions; ended on
    leaving.
    """
    with contextlib.ExitStack() as stack:
        members = []
        for index in range(count):
            told = stack.enter_context(tempfile.TemporaryFile())
            share = Share(index, count)
            members.append((stack.enter_context(_worker(env, services, share, told)), told))
        yield Crew(members)


@contextlib.contextmanager
def _worker(
    env: Mapping[str, str], services: Sequence[str], share: Share, told: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "sunlight.replay.worker", *services],
        env={**os.environ, **env, "SUNLIGHT_BUS_SHARE": str(share)},
        stdout=told,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def workers_for(files: Sequence[Path]) -> int:
    """How many workers a recording is worth: two where it is long and there are cores for them."""
    weight = sum(
        path.stat().st_size * (_PACKED if path.suffix == ".gz" else 1)
        for path in files
        if path.is_file()
    )
    return 2 if weight > _LONG and (os.cpu_count() or 1) > 1 else 1


async def publish(
    recording: Recording,
    producer: Producer,
    *,
    until: datetime | None,
    as_stored: bool,
    alive: Callable[[], bool],
) -> datetime:
    """Send every event, move the horizon behind them, and at last to `until`; that instant."""
    events = recording.events()
    # The first chunk makes the recording read to its end, off the event loop.
    chunk = await asyncio.to_thread(_take, events)
    while chunk and alive():
        upcoming = asyncio.create_task(asyncio.to_thread(_take, events))
        await producer.send([_outgoing(event) for event in chunk])
        following = await upcoming
        if not as_stored:
            # Events of the same instant may follow in the next chunk.
            await _announce(producer, chunk[-1].recorded - _MOMENT)
        chunk = following
    end = until or recording.last or datetime.now(UTC)
    await _announce(producer, end)
    return end


def _take(events: Iterator[EncodedEvent]) -> list[EncodedEvent]:
    return list(islice(events, CHUNK))


def _outgoing(event: EncodedEvent) -> Outgoing:
    return Outgoing(event.topic, partition_of(event.subject), event.subject, event.value)


async def _announce(producer: Producer, horizon: datetime) -> None:
    await producer.send(
        [record for topic in _WATCHED for record in horizon_records(topic, horizon)]
    )


async def settled(
    connection: asyncpg.Connection[asyncpg.Record],
    until: datetime,
    *,
    places: int,
    alive: Callable[[], bool],
    progress: Progress,
) -> None:
    """Wait until everything has been consumed and every timer up to `until` has fired."""
    started = time.monotonic()
    while alive():
        if not await connection.fetchval(_BEHIND_SQL, until, places):
            return
        seen = await connection.fetchval(_SEEN_SQL)
        progress("watch", int(seen), None)
        await asyncio.sleep(0.05 if time.monotonic() - started < 5 else 0.2)
