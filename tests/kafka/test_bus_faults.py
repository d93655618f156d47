"""The same faults on Apache Kafka: broker away, retention passed, restored, killed, frozen."""

import asyncio
import random
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from structlog.testing import capture_logs

from libs.common.bus.kafka import KafkaProducer, KafkaSource, create_topics, delete_topics
from libs.common.bus.protocol import OffsetLostError, partition_of
from libs.common.db.embedded import EmbeddedPostgres
from services.e_monitor.clock.handlers import TOPICS
from tests.databases import fresh_database
from tests.faults.processes import processes
from tests.faults.scene import (
    MORNING,
    city,
    days_pass,
    decide,
    found,
    now,
    receive,
)
from tests.faults.undisturbed import (
    differences,
    ended,
    flowing,
    progressed,
    undisturbed_run,
)
from tests.faults.witness import WitnessedMonitor
from tests.service.common.bus.city import (
    LATER,
    START,
    consume,
    consumer,
    consuming,
    life,
    outgoing,
    reached,
    relaying,
    send,
    until,
)
from tests.service.common.bus.ledger import Ledger, effects
from tools.kafka import KafkaNode

pytestmark = pytest.mark.kafka

WHOLE = [("case/1", number) for number in range(1, 11)]
PLACE = partition_of("case/1")


@pytest.fixture
async def prefix(kafka: KafkaNode) -> AsyncIterator[str]:
    """What sets this test's topics apart."""
    name = f"{uuid.uuid4().hex}-"
    topics = [name + topic for topic in TOPICS]
    await create_topics(kafka.bootstrap, topics)
    yield name
    await delete_topics(kafka.bootstrap, topics)


@pytest.fixture
def dsn(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A city on real time."""
    with city(postgres) as made:
        yield made


@pytest.fixture
def demonstration(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A city on the morning of 2 March 2026."""
    with city(postgres, MORNING) as made:
        yield made


@pytest.fixture(scope="module")
async def undisturbed(postgres: EmbeddedPostgres) -> list[tuple[Any, ...]]:
    """What stands when nothing happens to anyone, over the embedded log."""
    return await undisturbed_run(postgres)


@asynccontextmanager
async def producing(kafka: KafkaNode, prefix: str) -> AsyncIterator[KafkaProducer]:
    producer = KafkaProducer(kafka.bootstrap, prefix=prefix)
    try:
        yield producer
    finally:
        await producer.stop()


def reading(kafka: KafkaNode, prefix: str) -> KafkaSource:
    return KafkaSource(kafka.bootstrap, "monitor", prefix=prefix)


async def test_commands_while_the_broker_is_down_are_in_time(
    demonstration: str, kafka: KafkaNode, prefix: str
) -> None:
    dsn = demonstration

    async def one() -> bool:
        return bool(await found(dsn))

    async with (
        consuming(dsn, reading(kafka, prefix), WitnessedMonitor()),
        relaying(dsn, KafkaProducer(kafka.bootstrap, prefix=prefix)),
    ):
        await receive(dsn, "case/kept", "case/late")
        instant = await now(dsn)
        await until(lambda: reached(dsn, "approval", instant))
        kafka.kill()
        try:
            await days_pass(dsn, 10)
            await decide(dsn, "case/kept")
            await days_pass(dsn, 60)
            await asyncio.sleep(2)
            assert await found(dsn) == []
        finally:
            kafka.start()
        await until(one, 60)
        instant = await now(dsn)
        await until(lambda: reached(dsn, "approval", instant))
    assert await found(dsn) == ["case/late"]


async def test_a_worker_started_before_the_broker_waits_for_it(
    dsn: str, kafka: KafkaNode, prefix: str
) -> None:
    kafka.stop()
    try:
        async with (
            consuming(dsn, reading(kafka, prefix), WitnessedMonitor()),
            relaying(dsn, KafkaProducer(kafka.bootstrap, prefix=prefix)),
        ):
            await receive(dsn, "case/1")
            await asyncio.sleep(1)
            kafka.start()
            instant = await now(dsn)
            await until(lambda: reached(dsn, "approval", instant), 60)
    finally:
        kafka.start()
    assert await effects(dsn) == [("case/1", 1)]


async def test_committed_offsets_deleted_change_nothing(
    dsn: str, kafka: KafkaNode, prefix: str
) -> None:
    records = outgoing(life("case/1"))
    async with producing(kafka, prefix) as producer:
        await send(producer, *records[:5], horizon=START)
        await consume(dsn, reading(kafka, prefix), Ledger(), START)

        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
        await admin.start()
        assert await admin.list_consumer_group_offsets(prefix + "monitor")
        await asyncio.to_thread(delete_group, kafka, prefix + "monitor")
        assert not await admin.list_consumer_group_offsets(prefix + "monitor")
        await admin.close()

        await send(producer, *records[5:])
        await consume(dsn, reading(kafka, prefix), Ledger(), LATER)
    assert await effects(dsn) == WHOLE


async def test_retention_past_the_consumer_stops_it_with_the_named_alarm(
    dsn: str, kafka: KafkaNode, prefix: str
) -> None:
    async with producing(kafka, prefix) as producer:
        await send(producer, *outgoing(life("case/1")))
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    place = KafkaPartition(prefix + "approval", PLACE)
    await admin.delete_records({place: RecordsToDelete(4)})
    await admin.close()

    with capture_logs() as logs:
        async with consumer(dsn, reading(kafka, prefix), Ledger()) as made:
            with pytest.raises(OffsetLostError):
                await asyncio.wait_for(made.run(), 30)

    assert [one["event"] for one in logs if one["log_level"] == "critical"] == ["bus_offset_lost"]
    assert await effects(dsn) == []


async def test_a_consumer_s_database_restored_from_a_backup_reads_again_and_ends_exact(
    dsn: str, kafka: KafkaNode, prefix: str, postgres: EmbeddedPostgres
) -> None:
    records = outgoing(life("case/1"))
    async with producing(kafka, prefix) as producer:
        await send(producer, *records[:5], horizon=START)
        await consume(dsn, reading(kafka, prefix), Ledger(), START)
        name = dsn.partition("?")[0].rpartition("/")[2]
        with fresh_database(postgres, name) as restored:
            await send(producer, *records[5:])
            await consume(dsn, reading(kafka, prefix), Ledger())
            await consume(restored, reading(kafka, prefix), Ledger())
            assert await effects(restored) == await effects(dsn) == WHOLE


async def test_two_workers_share_the_partitions_and_every_effect_happens_once(
    dsn: str, kafka: KafkaNode, prefix: str
) -> None:
    subjects = [f"case/{number}" for number in range(24)]

    async def all_applied() -> bool:
        return len(await effects(dsn)) == 240

    first, second = reading(kafka, prefix), reading(kafka, prefix)
    async with (
        producing(kafka, prefix) as producer,
        consuming(dsn, first, Ledger()),
        consuming(dsn, second, Ledger()),
    ):

        async def shared() -> bool:
            return min(len(first.held()), len(second.held())) > 0

        await until(shared)
        for number in range(10):
            await producer.send([outgoing(life(name))[number] for name in subjects])
        await until(all_applied)
        assert first.held().isdisjoint(second.held())
    for name in subjects:
        assert await effects(dsn, name) == [(name, number) for number in range(1, 11)]


async def test_killed_and_frozen_two_workers_end_as_an_undisturbed_run(
    dsn: str,
    kafka: KafkaNode,
    prefix: str,
    undisturbed: list[tuple[Any, ...]],
    tmp_path: Path,
) -> None:
    rng = random.Random(20260303)
    env = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap, "KAFKA_TOPIC_PREFIX": prefix}
    with processes(tmp_path, DATABASE_URL=dsn, **env) as started:
        started.start("relay", "approval")
        started.start("first", "monitor")
        started.start("second", "monitor")
        await progressed(dsn)
        async with flowing(dsn, 30):
            await asyncio.sleep(rng.uniform(0, 1.5))
            started.kill("relay")
            started.start("relay", "approval")
            await progressed(dsn)

            started.kill(rng.choice(["first", "second"]))
            (left,) = [name for name in started.alive() if name != "relay"]
            started.start("third", "monitor")
            await progressed(dsn, 20)

            # Past the session timeout of 10 s the other gets its partitions.
            started.freeze(left)
            await asyncio.sleep(12)
            await progressed(dsn, 20)
            started.thaw(left)
        await ended(dsn)
        assert sorted(started.alive()) == sorted(["relay", "third", left])
        for name in started.alive():
            assert started.stop(name) == 0
    assert await differences(dsn, undisturbed) == ""


def delete_group(kafka: KafkaNode, group: str) -> None:
    """Delete a consumer group with its offsets, by Kafka's own command."""
    tool = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
    command = kafka._java(tool, "--bootstrap-server", kafka.bootstrap, "--delete", "--group", group)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "was successful" in done.stdout, done.stdout + done.stderr
