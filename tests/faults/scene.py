"""A stream of cases through the approval service's outbox, and what stands at its end."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg

from libs.common.bus.outbox import Draft, emit_bulk
from libs.common.db import engine, migrations
from libs.common.db.city_clock import create_city_clock, fast_forward
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event, Payload
from libs.common.events.contracts.approval import CaseDecided, CaseReceived
from tests.databases import fresh_database, run_apart
from tests.service.common.bus import ledger
from tests.service.common.bus.city import connected, event, fetch, put

MORNING: Final = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Monday; twenty working days from then end on 30 March 2026."""
BEGIN: Final = datetime(2024, 1, 8, 1, 0, tzinfo=UTC)
STANDING: Final = """
SELECT id, rule, subject, occurrence, stage, severity, occurred_at, evidence
FROM monitor.finding WHERE status <> 'rescinded' ORDER BY id
"""
_EFFECTS: Final = "SELECT subject, sequence FROM monitor.effect ORDER BY n"


@contextmanager
def city(postgres: EmbeddedPostgres, demo_start: datetime | None = None) -> Iterator[str]:
    """The owner's DSN of a migrated database, on real time or as a demonstration."""
    with fresh_database(postgres) as dsn:
        run_apart(_prepare(dsn, demo_start))
        yield dsn


async def _prepare(dsn: str, demo_start: datetime | None) -> None:
    async with connected(dsn) as connection:
        await create_city_clock(connection, demo_start)
    await migrations.upgrade_all(dsn)
    await ledger.prepare(dsn)


async def days_pass(dsn: str, days: int) -> datetime:
    """Move the city's time ahead; the new time."""
    async with connected(dsn) as connection:
        return await fast_forward(connection, timedelta(days=days))


@asynccontextmanager
async def office(dsn: str) -> AsyncIterator[engine.Connection]:
    """A connection of the approval service."""
    connection = await engine.connect(dsn, "approval")
    try:
        yield connection
    finally:
        await connection.close()


async def emit(dsn: str, subject: str, number: int, payload: Payload) -> None:
    """What a command of the approval service leaves behind: its event, in the outbox."""
    async with office(dsn) as connection, connection.transaction():
        draft = Draft(payload, subject=subject, sequence=number, source="/990100/approval")
        await emit_bulk(connection, [draft])


async def receive(dsn: str, *subjects: str) -> None:
    """Cases arrive."""
    for subject in subjects:
        await emit(dsn, subject, 1, CaseReceived(case_no=subject))


async def decide(dsn: str, subject: str) -> None:
    """A case is decided."""
    await emit(dsn, subject, 2, CaseDecided(outcome="granted"))


async def found(dsn: str) -> list[str]:
    """The subject of every finding that was ever made, rescinded ones included."""
    return [row[0] for row in await fetch(dsn, "SELECT subject FROM monitor.finding ORDER BY 1")]


async def now(dsn: str) -> datetime:
    """The city's time."""
    ((instant,),) = await fetch(dsn, "SELECT city_now()")
    return datetime.fromisoformat(instant.isoformat())


def stream(cases: int, seed: int = 1) -> list[Event]:
    """Whole lives of `cases` cases in order of time, a good part of them decided too late."""
    rng = random.Random(seed)
    events = []
    for number in range(cases):
        name, begin = f"case/{number:04d}", BEGIN + timedelta(hours=number)
        days = rng.uniform(10, 45)
        steps = [("received", 0.0), ("receipt-issued", 1.0), ("step-recorded", days / 2)]
        for place, (verb, after) in enumerate([*steps, ("decided", days)], start=1):
            data: dict[str, str] = {"case_no": name} if verb == "received" else {}
            when = begin + timedelta(days=after)
            events.append(event(name, place, verb=verb, at=when, **data))
    return sorted(events, key=lambda one: (one.time, one.subject))


def late(events: list[Event]) -> int:
    """How many cases surely are too late: over 44 civil days hold more than 20 working days."""
    first = {one.subject: one.time for one in events if one.sequence == 1}
    last = {one.subject: one.time for one in events if one.sequence == 4}
    return sum(last[name] - first[name] > timedelta(days=44) for name in first)


async def standing(dsn: str) -> list[tuple[Any, ...]]:
    """What stands: key, stage, evidence."""
    return await fetch(dsn, STANDING)


async def disorder(dsn: str, events: list[Event]) -> str:
    """What is wrong with the effects: doubled, lost or out of order; empty when nothing is."""
    seen: dict[str, list[int]] = defaultdict(list)
    for subject, sequence in await fetch(dsn, _EFFECTS):
        seen[subject].append(sequence)
    whole: dict[str, list[int]] = defaultdict(list)
    for one in events:
        whole[one.subject].append(one.sequence)
    wrong = [name for name in whole.keys() | seen.keys() if seen[name] != sorted(whole[name])]
    parked = await fetch(dsn, "SELECT subject, sequence, reason, error FROM monitor.parked")
    return "; ".join([*(f"{name}: {seen[name]}" for name in wrong), *map(str, parked)])


async def told(dsn: str) -> list[tuple[str, list[int]]]:
    """Findings whose events in the outbox are not numbered 1, 2, 3 … in order."""
    rows = await fetch(dsn, "SELECT subject, value FROM monitor.outbox ORDER BY id")
    numbers: dict[str, list[int]] = defaultdict(list)
    for subject, value in rows:
        numbers[subject].append(int(bytes(value).split(b'"sequence":"')[1][:10]))
    return [(name, list_) for name, list_ in numbers.items() if list_ != _dense(list_)]


def _dense(numbers: list[int]) -> list[int]:
    return list(range(1, len(numbers) + 1))


async def feed(connection: asyncpg.Connection[Any], events: list[Event]) -> None:
    """A few events in one transaction of the approval service."""
    async with connection.transaction():
        await put(connection, events)
