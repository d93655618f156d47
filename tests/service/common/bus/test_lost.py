"""What a consumer needs and can't get stops it loudly; what was restored ends exact or loud."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from structlog.typing import EventDict

from libs.common.bus import embedded
from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.protocol import OffsetLostError, Positions, TopicPartition, partition_of
from libs.common.db import engine
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event
from tests.databases import fresh_database
from tests.service.common.bus.city import (
    LATER,
    START,
    connected,
    consume,
    consumer,
    event,
    execute,
    fetch,
    life,
    outgoing,
    put,
    relaying,
    send,
    until,
)
from tests.service.common.bus.ledger import Ledger, effects, parked_rows

WHOLE = [("case/1", number) for number in range(1, 11)]
PLACE = partition_of("case/1")


@asynccontextmanager
async def backup(postgres: EmbeddedPostgres, dsn: str) -> AsyncIterator[str]:
    """A copy of a database as it is now."""
    name = dsn.partition("?")[0].rpartition("/")[2]
    with fresh_database(postgres, name) as copy:
        yield copy


async def prune(dsn: str, keep: timedelta) -> None:
    connection = await engine.connect(dsn, "bus")
    await embedded.prune(connection, keep)
    await connection.close()


async def test_deleted_reports_change_nothing(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource
) -> None:
    records = outgoing(life("case/1"))
    await send(producer, *records[:5], horizon=START)
    await consume(bus, source, Ledger(), START)
    await execute(bus, "TRUNCATE bus.progress")
    await send(producer, *records[5:])
    await consume(bus, EmbeddedSource(bus, "monitor"), Ledger())
    assert await effects(bus) == WHOLE


async def test_a_log_pruned_past_the_consumer_stops_it_with_the_named_alarm(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource, logs: list[EventDict]
) -> None:
    await send(producer, *outgoing(life("case/1")))
    await execute(bus, "DELETE FROM bus.log WHERE partition = $1", PLACE)
    await execute(bus, "UPDATE bus.head SET first = next WHERE partition = $1", PLACE)

    async with consumer(bus, source, Ledger()) as made:
        with pytest.raises(OffsetLostError):
            await made.run()

    assert [one["event"] for one in logs if one["log_level"] == "critical"] == ["bus_offset_lost"]
    assert await effects(bus) == []


async def test_a_hole_in_the_log_stops_the_consumer_with_the_named_alarm(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource, logs: list[EventDict]
) -> None:
    await send(producer, *outgoing(life("case/1")))
    await execute(bus, 'DELETE FROM bus.log WHERE partition = $1 AND "offset" < 3', PLACE)

    async with consumer(bus, source, Ledger()) as made:
        with pytest.raises(OffsetLostError):
            await made.run()

    assert [one["event"] for one in logs if one["log_level"] == "critical"] == ["bus_offset_lost"]


async def test_a_log_restored_to_before_the_consumer_stops_it_with_the_named_alarm(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource, logs: list[EventDict]
) -> None:
    await send(producer, *outgoing(life("case/1")))
    await consume(bus, source, Ledger())
    await execute(bus, "DELETE FROM bus.log")
    await execute(bus, "UPDATE bus.head SET next = 0")

    async with consumer(bus, EmbeddedSource(bus, "monitor"), Ledger()) as made:
        with pytest.raises(OffsetLostError):
            await made.run()

    assert [one["event"] for one in logs if one["log_level"] == "critical"] == ["bus_offset_lost"]


async def test_pruning_never_passes_a_consumer(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource
) -> None:
    records = outgoing(life("case/1"))
    await send(producer, *records[:5], horizon=START)
    await consume(bus, source, Ledger(), START)
    await send(producer, *records[5:])
    await prune(bus, timedelta(0))
    await consume(bus, EmbeddedSource(bus, "monitor"), Ledger())
    assert await effects(bus) == WHOLE


async def test_pruning_never_passes_a_consumer_that_has_started_and_read_nothing(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource
) -> None:
    await send(producer, *outgoing(life("case/1")))

    async def nowhere(places: frozenset[TopicPartition]) -> Positions:
        return dict.fromkeys(places, 0)

    slow = EmbeddedSource(bus, "slow")
    await slow.start(["approval"], nowhere)
    await slow.stop()
    await consume(bus, source, Ledger())
    await prune(bus, timedelta(0))

    assert len(await fetch(bus, "SELECT 1 FROM bus.log WHERE key IS NOT NULL")) == 10


async def test_what_every_consumer_has_passed_and_is_old_enough_is_pruned(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource
) -> None:
    await send(producer, *outgoing(life("case/1")))
    await consume(bus, source, Ledger())
    await execute(bus, "UPDATE bus.log SET at = at - interval '2 days'")
    positions = await fetch(bus, "SELECT * FROM monitor.consumer_position")
    await source.report({TopicPartition(row[0], row[1]): row[2] for row in positions})
    await source.stop()
    await send(producer, *outgoing([event("case/1", 11)]))
    await prune(bus, timedelta(days=1))
    kept = await fetch(bus, 'SELECT "offset" FROM bus.log WHERE partition = $1 ORDER BY 1', PLACE)
    assert kept == [(11,), (12,)]
    await consume(bus, EmbeddedSource(bus, "monitor"), Ledger(), LATER)


async def test_a_consumer_s_database_restored_from_a_backup_reads_again_and_ends_exact(
    bus: str, producer: EmbeddedProducer, postgres: EmbeddedPostgres
) -> None:
    records = outgoing(life("case/1"))
    await send(producer, *records[:5], horizon=START)
    await producer.stop()
    await consume(bus, EmbeddedSource(bus, "monitor"), Ledger(), START)
    async with backup(postgres, bus) as restored:
        await producer.start()
        await send(producer, *records[5:])
        await consume(bus, EmbeddedSource(bus, "monitor"), Ledger())

        # The log stays where it is; only the monitor's own database goes back.
        await consume(restored, EmbeddedSource(bus, "monitor"), Ledger())

        assert await effects(restored) == await effects(bus) == WHOLE


async def test_a_producer_s_database_restored_from_a_backup_is_never_quiet(
    bus: str, postgres: EmbeddedPostgres, logs: list[EventDict]
) -> None:
    await _emit(bus, bus, *life("case/1", 3))
    async with backup(postgres, bus) as restored:
        await _emit(bus, bus, event("case/1", 4), event("case/1", 5))
        await _consumed(bus)

        reused = [event("case/1", number, version="restored") for number in (4, 5, 6)]
        await _emit(restored, bus, *reused, *life("case/2", 2))
        await _consumed(bus)

    assert await parked_rows(bus) == [(4, "conflict"), (5, "conflict"), (6, "behind")]
    assert await effects(bus, "case/1") == WHOLE[:5]
    assert await effects(bus, "case/2") == [("case/2", 1), ("case/2", 2)]
    assert "consumer.conflict" in {one["event"] for one in logs if one["log_level"] == "error"}


async def _emit(database: str, log: str, *events: Event) -> None:
    """Events of the producer in `database`, relayed to the log in `log`."""
    async with connected(database) as connection:
        await put(connection, events)

    async def emptied() -> bool:
        rows = await fetch(database, "SELECT 1 FROM approval.outbox WHERE published_at IS NULL")
        return not rows

    async with relaying(database, EmbeddedProducer(log)):
        await until(emptied)


async def _consumed(dsn: str) -> None:
    ((now,),) = await fetch(dsn, "SELECT city_now()")
    producer = EmbeddedProducer(dsn)
    await send(producer, horizon=now)
    await producer.stop()
    await consume(dsn, EmbeddedSource(dsn, "monitor"), Ledger(), now)
