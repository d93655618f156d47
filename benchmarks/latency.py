"""Part 2: from a service's commit to the committed finding, at a steady 1,000 events a second.

Everything is real: a client writes to the outbox, a worker process of `approval` and `monitor`
relays, moves stream time once a second, consumes and finds. Both ends are PostgreSQL's own commit
times (`track_commit_timestamp`): of the transaction that wrote the decision, and of the one that
wrote the finding's first history row.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import asyncpg

from benchmarks.figures import Figure
from benchmarks.place import Place
from benchmarks.process import Program, ProgramError, program
from benchmarks.writer import TABLE_SQL
from libs.common.db.engine import Connection

PART: Final = "commit to finding"
SETTINGS: Final = {"track_commit_timestamp": "on"}
RATE: Final = 1000
HELD: Final = 0.98
"""A writer slower than this share of the rate measures another load than it says."""
WARM_UP: Final = 2.0
PATIENCE: Final = 60
_READY_SQL: Final = "SELECT count(*) FROM monitor.consumer_position WHERE horizon IS NOT NULL"
_MISSING_SQL: Final = """
SELECT count(*) FROM approval.bench_sent s
WHERE NOT EXISTS (SELECT FROM monitor.finding f
                  WHERE f.subject = s.subject AND f.rule = 'bpic15.decide')
"""
_DELAYS_SQL: Final = """
SELECT pg_xact_commit_timestamp(s.xmin) AS committed,
       extract(epoch FROM pg_xact_commit_timestamp(h.xmin)
                          - pg_xact_commit_timestamp(s.xmin))::float8 * 1000 AS delay
FROM approval.bench_sent s
JOIN monitor.finding f ON f.subject = s.subject AND f.rule = 'bpic15.decide'
JOIN monitor.finding_history h ON h.finding = f.id AND h.version = 1
ORDER BY 1
"""


async def measure(place: Place, *, seconds: float, rate: float = RATE) -> list[Figure]:
    """p50 and p99 in milliseconds on every transport; `seconds` of writing each."""
    figures = []
    for name in place.transports:
        async with place.database() as dsn:
            transport = place.transport(name, dsn, "bench-latency.")
            await transport.prepare()
            env = place.env(transport, dsn)
            connection = await asyncpg.connect(dsn)
            await connection.execute(TABLE_SQL)
            with program("benchmarks.worker", "approval", "monitor", env=env) as worker:
                await _ready(worker, connection)
                told = await _written(env, rate=rate, seconds=seconds)
                await _all_found(worker, connection)
            delays = await _delays(connection)
            await connection.close()
        figures += [
            Figure(PART, "writing rate", name, "events/s", (told,), rate * HELD),
            Figure(PART, f"p50 of {len(delays)}", name, "ms", (percentile(delays, 50),)),
            Figure(PART, "p99", name, "ms", (percentile(delays, 99),)),
        ]
    return figures


async def _ready(worker: Program, connection: Connection) -> None:
    """Wait until the worker consumes and stream time moves."""
    deadline = time.monotonic() + PATIENCE
    while not await connection.fetchval(_READY_SQL):
        worker.require_alive()
        if time.monotonic() > deadline:
            raise ProgramError(f"the worker announced no horizon:\n{worker.told()}")
        await asyncio.sleep(0.1)


async def _written(env: dict[str, str], *, rate: float, seconds: float) -> float:
    asked = ("--rate", str(rate), "--seconds", str(seconds))
    with program("benchmarks.writer", *asked, env=env) as writer:
        return float(await writer.finished(seconds * 3 + PATIENCE))


async def _all_found(worker: Program, connection: Connection) -> None:
    deadline = time.monotonic() + PATIENCE
    while missing := await connection.fetchval(_MISSING_SQL):
        worker.require_alive()
        if time.monotonic() > deadline:
            raise ProgramError(f"{missing} breaches were not found:\n{worker.told()[-2000:]}")
        await asyncio.sleep(0.1)


async def _delays(connection: Connection) -> list[float]:
    """Milliseconds of every breach after the warm-up, smallest first."""
    rows = await connection.fetch(_DELAYS_SQL)
    begin = rows[0]["committed"]
    warm = [row for row in rows if (row["committed"] - begin).total_seconds() >= WARM_UP]
    return sorted(row["delay"] for row in warm or rows)


def percentile(ascending: Sequence[float], share: int) -> float:
    """The smallest value that `share` percent of the values do not exceed (nearest rank)."""
    return ascending[max(0, -(-len(ascending) * share // 100) - 1)]
