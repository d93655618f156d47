"""A database or broker that goes away pauses the consumer; it never ends or skips."""

import asyncio
from collections.abc import Sequence

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.protocol import Assigned, TopicPartition
from libs.common.db.engine import Pool
from tests.service.common.bus.city import (
    consume,
    consumer,
    consuming,
    event,
    execute,
    life,
    outgoing,
    send,
    until,
)
from tests.service.common.bus.ledger import Ledger, effects

END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class CutOffLedger(Ledger):
    """Loses its connection in the middle of its first sweeps."""

    cuts = 2
    dsn = ""

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        if self.cuts:
            self.cuts -= 1
            async with pool.acquire() as connection:
                pid = connection.get_server_pid()
                await execute(self.dsn, "SELECT pg_terminate_backend($1)", pid)
                await connection.fetchval("SELECT 1")
        await super().sweep(pool, held)


class LateSource(EmbeddedSource):
    """Can't be started the first two times."""

    missing = 2

    async def start(self, topics: Sequence[str], assigned: Assigned) -> None:
        if self.missing:
            self.missing -= 1
            raise ConnectionRefusedError("no broker yet")
        await super().start(topics, assigned)


async def test_connections_ended_again_and_again_lose_and_double_nothing(
    bus: str, source: EmbeddedSource
) -> None:
    producer = EmbeddedProducer(bus)

    async def all_applied() -> bool:
        return len(await effects(bus)) == 60

    async with consuming(bus, source, Ledger(), batch_size=24):
        for number in range(1, 7):
            records = outgoing(event(f"case/{name}", number) for name in range(10))
            await producer.start()
            await producer.send(records)
            await execute(bus, END_ALL)
            await asyncio.sleep(0.1)
        await until(all_applied)
    for name in range(10):
        assert await effects(bus, f"case/{name}") == [(f"case/{name}", n) for n in range(1, 7)]


async def test_a_sweep_that_is_cut_off_is_done_again(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource
) -> None:
    handler = CutOffLedger()
    handler.dsn = bus
    await send(producer, *outgoing(life("case/1")))

    async def swept() -> bool:
        return handler.swept == 1

    async with consuming(bus, source, handler):
        await until(swept)
    assert handler.cuts == 0


async def test_a_source_that_cannot_start_yet_is_tried_again(
    bus: str, producer: EmbeddedProducer
) -> None:
    await send(producer, *outgoing(life("case/1")))
    await consume(bus, LateSource(bus, "monitor"), Ledger())
    assert len(await effects(bus)) == 10


async def test_a_consumer_told_to_stop_while_nothing_can_be_reached_stops(bus: str) -> None:
    source = LateSource(bus, "monitor")
    source.missing = 10_000
    async with consumer(bus, source, Ledger()) as made:
        task = asyncio.create_task(made.run())
        await asyncio.sleep(0.3)
        made.stop()
        await asyncio.wait_for(task, 5)
