"""A city with 100,000 cases in its database: approval's rows, and what monitor and disclosure made.

Approval's cases are written by COPY; their events go the ordinary way through the bus, so that the
monitor's clocks and findings and the public records are the real worker's own work.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg
import orjson

from benchmarks.lives import lives, records
from benchmarks.place import CHUNK, Place
from benchmarks.process import Program, ProgramError, program
from libs.common.bus.protocol import Outgoing
from libs.common.db.bulk import copy_records
from libs.common.db.engine import Connection
from libs.common.law.installed import installed_law
from sunlight.city.offices import CITY, DEMO_APPROVAL, DEMO_TRADING

ZONE: Final = "Asia/Shanghai"
PATIENCE: Final = 900
CONSUMERS: Final = ("monitor", "disclosure")
IDENTITY: Final[Mapping[str, str]] = {
    "APPROVAL_DEMO": "1",
    "APPROVAL_DEMO_OFFICE": DEMO_APPROVAL,
    "APPROVAL_DEMO_REGION": CITY,
    "TRADING_DEMO": "1",
    "TRADING_DEMO_OFFICE": DEMO_TRADING,
    "TRADING_DEMO_REGION": CITY,
    "MONITOR_DEMO": "1",
    "DISCLOSURE_REGION": CITY,
}
_SEEN_SQL: Final = (
    "SELECT coalesce(sum(next), 0) FROM {}.consumer_position WHERE topic = 'approval'"
)
_PARKED_SQL: Final = "SELECT count(*) FROM monitor.parked"


def environment(place: Place, dsn: str) -> dict[str, str]:
    """The environment of the city's processes: the national rules, a demonstration's posts."""
    env = place.env(place.transport("embedded", dsn, ""), dsn)
    del env["MONITOR_PACKS"]
    return {**env, **IDENTITY}


async def fill(place: Place, dsn: str, cases: int) -> float:
    """Fill the database at `dsn`; the seconds that the worker took. Raises ProgramError."""
    law = installed_law(ZONE)
    now = datetime.now(UTC)
    found = list(lives(cases, now))
    connection = await asyncpg.connect(dsn)
    try:
        await _rows(connection, [life.row(law, now) for life in found])
        sent = await _sent(place, dsn, list(records(found, now)))
        del found
        began = time.monotonic()
        worker = program("benchmarks.worker", "--silent", *CONSUMERS, env=environment(place, dsn))
        with worker as process:
            await _consumed(process, connection, sent)
        taken = time.monotonic() - began
        if parked := await connection.fetchval(_PARKED_SQL):
            raise ProgramError(f"{parked} events were set aside while the city was filled")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return taken


async def _rows(connection: Connection, rows: list[dict[str, Any]]) -> None:
    columns = tuple(rows[0])
    texts = {"deadlines", "history"}
    values = (
        tuple(orjson.dumps(row[c]).decode() if c in texts else row[c] for c in columns)
        for row in rows
    )
    await connection.execute("SET search_path TO approval")
    await copy_records(connection, "case", columns, values)
    await connection.execute("RESET search_path")


async def _sent(place: Place, dsn: str, found: list[Outgoing]) -> int:
    producer = place.transport("embedded", dsn, "").producer()
    await producer.start()
    for begin in range(0, len(found), CHUNK):
        await producer.send(found[begin : begin + CHUNK])
    await producer.stop()
    return sum(record.topic == "approval" for record in found)


async def _consumed(process: Program, connection: Connection, sent: int) -> None:
    deadline = time.monotonic() + PATIENCE
    for service in CONSUMERS:
        while (seen := await connection.fetchval(_SEEN_SQL.format(service))) < sent:
            process.require_alive()
            if time.monotonic() > deadline:
                raise ProgramError(f"{service}: {seen} of {sent} events in {PATIENCE} s")
            await asyncio.sleep(0.2)
