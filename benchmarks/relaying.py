"""Part 3: how many events a second the relay moves from a full outbox to each transport."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import asyncpg

from benchmarks.figures import Figure
from benchmarks.place import Place
from benchmarks.process import Program, ProgramError, program
from benchmarks.stream import EVENTS_A_CASE, records
from libs.common.db.bulk import copy_records
from libs.common.db.engine import Connection

PART: Final = "relay"
PATIENCE: Final = 120
_FIRST_WAITING_SQL: Final = (
    "SELECT id FROM approval.outbox WHERE published_at IS NULL ORDER BY id LIMIT 1"
)


async def measure(place: Place, *, cases: int, repeats: int) -> list[Figure]:
    """Events a second on every transport: an outbox of `cases` lives, emptied by a worker."""
    figures = []
    async with place.database() as filled:
        await _fill(filled, cases)
        template = filled.partition("?")[0].rpartition("/")[2]
        for name in place.transports:
            rates = [await _emptied(place, name, template, cases, run) for run in range(repeats)]
            figures.append(Figure(PART, "the relay", name, "events/s", tuple(rates)))
    return figures


async def _fill(dsn: str, cases: int) -> None:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "approval"})
    rows = [(record.topic, record.key, record.value) for record in records(cases)]
    await copy_records(connection, "outbox", ("topic", "subject", "value"), rows)
    await connection.execute("ANALYZE outbox")
    await connection.close()


async def _emptied(place: Place, name: str, template: str, cases: int, run: int) -> float:
    async with place.database(template) as dsn:
        transport = place.transport(name, dsn, f"bench-relay-{run}.")
        await transport.prepare()
        connection = await asyncpg.connect(dsn)
        try:
            with program(
                "benchmarks.worker", "--silent", "approval", env=place.env(transport, dsn)
            ) as worker:
                return await _watched(worker, connection, cases * EVENTS_A_CASE)
        finally:
            await connection.close()


async def _watched(worker: Program, connection: Connection, events: int) -> float:
    """Time from the first batch marked as sent to the last; ids are 1 to `events`, in order."""
    began, first, deadline = 0.0, 0, time.monotonic() + PATIENCE
    while (waiting := await connection.fetchval(_FIRST_WAITING_SQL)) is not None:
        if waiting > 1 and not first:
            began, first = time.perf_counter(), waiting - 1
        worker.require_alive()
        if time.monotonic() > deadline:
            raise ProgramError(f"the relay had sent {waiting - 1} of {events} in {PATIENCE} s")
        await asyncio.sleep(0.01)
    if not first:
        raise ProgramError("too few events to measure: one batch took them all")
    return (events - first) / (time.perf_counter() - began)
