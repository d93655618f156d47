"""A horizon says that nothing older will come: not even from a writer that is slow to commit."""

import asyncio
import random
from datetime import datetime
from typing import Any

import orjson
import pytest

from libs.common.bus.embedded import EmbeddedProducer
from libs.common.bus.outbox import Draft, emit_bulk
from libs.common.bus.protocol import read_horizon
from libs.common.db import engine
from libs.common.events.contracts.approval import CaseReceiptIssued
from tests.service.common.bus.city import fetch, relaying, until

LOG = 'SELECT partition, key, value FROM bus.log ORDER BY partition, "offset"'
WRITERS = 20
SUBJECTS = 10
SECONDS = 4.0


@pytest.fixture(autouse=True)
def _fast_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.common.bus.relay.PULSE_SECONDS", 0.05)


def draft(subject: str, number: int) -> Draft:
    return Draft(CaseReceiptIssued(), subject=subject, sequence=number, source="/test")


async def log_of(dsn: str) -> tuple[list[tuple[str, int]], int, int]:
    """Events as (subject, number) per partition in order; horizons; events behind a horizon."""
    events, horizons, behind = [], 0, 0
    complete: dict[int, datetime] = {}
    for partition, key, value in await fetch(dsn, LOG):
        if key is None:
            complete[partition] = read_horizon(value)
            horizons += 1
            continue
        body: dict[str, Any] = orjson.loads(value)
        recorded = datetime.fromisoformat(body["recordedtime"])
        behind += partition in complete and recorded <= complete[partition]
        events.append((str(key), int(body["sequence"])))
    return events, horizons, behind


async def test_a_transaction_that_drew_the_first_id_and_commits_last_is_sent_before_any_horizon(
    bus: str,
) -> None:
    slow = await engine.connect(bus, "approval")
    quick = await engine.connect(bus, "approval")
    told: list[datetime] = []
    held = slow.transaction()
    await held.start()
    (first,) = await emit_bulk(slow, [draft("case/slow", 1)])
    async with quick.transaction():
        await emit_bulk(quick, [draft("case/quick", 1)])

    async with relaying(bus, EmbeddedProducer(bus), on_horizon=told.append):

        async def quick_sent() -> bool:
            return bool(await fetch(bus, "SELECT 1 FROM bus.log WHERE key = 'case/quick'"))

        await until(quick_sent)
        await asyncio.sleep(0.5)
        # The relay began after the slow writer had an id: every horizon would pass it.
        assert told == []
        await held.commit()
        await until(lambda: _at_least(told, 1))

    events, _, behind = await log_of(bus)
    assert sorted(events) == [("case/quick", 1), ("case/slow", 1)]
    assert behind == 0
    assert told[0] > first.recordedtime
    await slow.close()
    await quick.close()


async def test_a_writer_that_gives_up_holds_no_horizon_back(bus: str) -> None:
    slow = await engine.connect(bus, "approval")
    held = slow.transaction()
    await held.start()
    await emit_bulk(slow, [draft("case/slow", 1)])
    told: list[datetime] = []
    async with relaying(bus, EmbeddedProducer(bus), on_horizon=told.append):
        await held.rollback()
        await until(lambda: _at_least(told, 1))
    assert (await log_of(bus))[0] == []
    await slow.close()


async def test_of_twenty_writers_at_once_no_event_is_behind_a_horizon_and_none_is_lost(
    bus: str,
) -> None:
    numbers = dict.fromkeys((f"case/{number}" for number in range(SUBJECTS)), 0)

    async def write(seed: int) -> None:
        rng = random.Random(seed)
        connection = await engine.connect(bus, "approval")
        loop = asyncio.get_running_loop()
        end = loop.time() + SECONDS
        while loop.time() < end:
            subject = rng.choice(sorted(numbers))
            async with connection.transaction():
                # Stands for the lock on the aggregate's row.
                await connection.execute("SELECT pg_advisory_xact_lock(7, hashtext($1))", subject)
                await emit_bulk(connection, [draft(subject, numbers[subject] + 1)])
                await asyncio.sleep(rng.choice((0, 0, 0.01, 0.1)))
                numbers[subject] += 1
        await connection.close()

    async with relaying(bus, EmbeddedProducer(bus)):
        await asyncio.gather(*(write(seed) for seed in range(WRITERS)))

        async def emptied() -> bool:
            return not await fetch(
                bus, "SELECT 1 FROM approval.outbox WHERE published_at IS NULL LIMIT 1"
            )

        await until(emptied)

    events, horizons, behind = await log_of(bus)
    assert behind == 0
    for subject, count in numbers.items():
        assert [number for name, number in events if name == subject] == [*range(1, count + 1)]
    # Else nothing was tried.
    assert len(events) > 100
    assert horizons >= 5 * 12


async def _at_least(items: list[datetime], count: int) -> bool:
    return len(items) >= count
