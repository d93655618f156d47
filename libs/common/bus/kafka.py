"""The bus on Apache Kafka, through aiokafka.

Offsets committed to Kafka are for lag displays only; where to go on comes from the consumer's
own database. Topics are created with a fixed number of partitions and no automatic creation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

from libs.common.bus.kafka_security import PLAIN, Security
from libs.common.bus.protocol import (
    PARTITIONS,
    Assigned,
    Incoming,
    OffsetLostError,
    Outgoing,
    Positions,
    TopicError,
    TopicPartition,
)

SESSION_TIMEOUT_MS: Final = 10_000
FIND_SECONDS: Final = 10
CLOSE_SECONDS: Final = 5
BROKERS_DEFAULT: Final = -1
"""As many replicas as the brokers' `default.replication.factor` says."""
RETENTION_MS: Final = 14 * 24 * 3600 * 1000


async def delete_topics(
    bootstrap: str, topics: Sequence[str], *, security: Security = PLAIN
) -> None:
    """Remove topics, those of a finished replay."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **security.options)
    await admin.start()
    try:
        await admin.delete_topics(list(topics))
    finally:
        await admin.close()


async def create_topics(
    bootstrap: str,
    topics: Sequence[str],
    *,
    replication: int = BROKERS_DEFAULT,
    security: Security = PLAIN,
) -> None:
    """Create what is missing. Raises TopicError, also for another number of partitions."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **security.options)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        new = [_new(topic, replication) for topic in topics if topic not in there]
        if new:
            response = await admin.create_topics(new)
            _refuse_failures(response)
        for described in await admin.describe_topics(list(topics)):
            count = len(described["partitions"])
            if described["error_code"] == 0 and count != PARTITIONS:
                raise TopicError(
                    f"topic {described['topic']} has {count} partitions; the platform needs "
                    f"{PARTITIONS}, since a subject must have the same number in every topic"
                )
    finally:
        await admin.close()


def _new(topic: str, replication: int) -> NewTopic:
    configs = {"retention.ms": str(RETENTION_MS), "cleanup.policy": "delete"}
    made = NewTopic(topic, PARTITIONS, 1, topic_configs=configs)
    # Set afterwards: brokers know BROKERS_DEFAULT, aiokafka's constructor refuses it.
    made.replication_factor = replication
    return made


def _refuse_failures(response: Any) -> None:
    for topic, code, *_ in response.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            raise TopicError(f"topic {topic} could not be created: Kafka error {code}")


class KafkaProducer:
    """Idempotent, acknowledged by all replicas, batched."""

    def __init__(self, bootstrap: str, *, prefix: str = "", security: Security = PLAIN) -> None:
        self._bootstrap = bootstrap
        self._security = security
        self._prefix = prefix
        self._producer: AIOKafkaProducer | None = None
        self._topics: set[str] = set()

    async def start(self) -> None:
        """Connect."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            max_batch_size=256 * 1024,
            max_request_size=2 * 1024 * 1024,
            **self._security.options,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Send in order and wait until all are acknowledged.

        Raises:
            LookupError: no broker tells of a topic.
        """
        if self._producer is None:
            await self.start()
        producer = self._producer
        if producer is None:
            raise IllegalStateError("not started")
        for topic in {record.topic for record in records} - self._topics:
            await self._find(producer, topic)
        try:
            sent = [
                await producer.send(
                    self._prefix + record.topic,
                    record.value,
                    key=None if record.key is None else record.key.encode(),
                    partition=record.partition,
                )
                for record in records
            ]
            await asyncio.gather(*sent)
        except KafkaError:
            # A producer whose sequence the broker has refused once is refused for ever.
            await self.stop()
            raise

    async def _find(self, producer: AIOKafkaProducer, topic: str) -> None:
        try:
            async with asyncio.timeout(FIND_SECONDS):
                await producer.partitions_for(self._prefix + topic)
        except (TimeoutError, UnknownTopicOrPartitionError) as error:
            raise LookupError(f"no broker tells of the topic {self._prefix}{topic}") from error
        self._topics.add(topic)

    async def stop(self) -> None:
        """Flush and disconnect; where no broker answers, what waits is given up."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            await asyncio.wait_for(producer.stop(), CLOSE_SECONDS)
        except TimeoutError:
            # aiokafka would wait for ever to flush, and can't be told to stop twice.
            await producer._sender.close()
            await producer.client.close()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """On assignment, seek to the positions that our own database has."""

    def __init__(self, consumer: AIOKafkaConsumer, prefix: str, assigned: Assigned) -> None:
        self._consumer = consumer
        self._prefix = prefix
        self._assigned = assigned

    async def on_partitions_revoked(self, revoked: Iterable[KafkaPartition]) -> None:
        """Nothing to give back: positions are in the database, fenced there."""

    async def on_partitions_assigned(self, assigned: Iterable[KafkaPartition]) -> None:
        """Seek every newly held partition."""
        places = frozenset(
            TopicPartition(place.topic.removeprefix(self._prefix), place.partition)
            for place in assigned
        )
        if not places:
            return
        for place, position in (await self._assigned(places)).items():
            self._consumer.seek(
                KafkaPartition(self._prefix + place.topic, place.partition), position
            )


class KafkaSource:
    """A member of a consumer group; the group decides who holds what, not where to go on."""

    def __init__(
        self, bootstrap: str, consumer: str, *, prefix: str = "", security: Security = PLAIN
    ) -> None:
        self._bootstrap = bootstrap
        self._security = security
        self._prefix = prefix
        self._group = prefix + consumer
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self, topics: Sequence[str], assigned: Assigned) -> None:
        """Join the group."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=SESSION_TIMEOUT_MS // 4,
            fetch_max_bytes=8 * 1024 * 1024,
            max_partition_fetch_bytes=1024 * 1024,
            check_crcs=False,
            **self._security.options,
        )
        consumer.subscribe(
            [self._prefix + topic for topic in topics],
            listener=_Listener(consumer, self._prefix, assigned),
        )
        try:
            await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        self._consumer = consumer

    def held(self) -> frozenset[TopicPartition]:
        """What the group gave this member."""
        if self._consumer is None:
            return frozenset()
        return frozenset(
            TopicPartition(place.topic.removeprefix(self._prefix), place.partition)
            for place in self._consumer.assignment()
        )

    def _there(self, place: TopicPartition) -> KafkaPartition:
        return KafkaPartition(self._prefix + place.topic, place.partition)

    async def seek(self, positions: Positions) -> None:
        """Go on elsewhere; partitions no longer held are left out."""
        consumer = self._require()
        for place, position in positions.items():
            if self._there(place) in consumer.assignment():
                consumer.seek(self._there(place), position)

    async def fetch(self, limit: int, wait: float) -> list[Incoming]:
        """Records of the held partitions; see `Source.fetch`."""
        try:
            batches = await self._require().getmany(timeout_ms=int(wait * 1000), max_records=limit)
        except NoOffsetForPartitionError:
            # The listener has not sought yet; the next fetch finds the position.
            await asyncio.sleep(0.05)
            return []
        except OffsetOutOfRangeError as error:
            raise OffsetLostError(f"{self._group}: {error}") from error
        return [
            Incoming(
                place.topic.removeprefix(self._prefix),
                place.partition,
                record.offset,
                None if record.key is None else record.key.decode(errors="replace"),
                record.value or b"",
            )
            for place, records in batches.items()
            for record in records
        ]

    async def report(self, positions: Positions) -> None:
        """Commit to Kafka, for lag displays; a lost membership or broker is no error here."""
        consumer = self._require()
        held = consumer.assignment()
        offsets = {self._there(place): position for place, position in positions.items()}
        try:
            await consumer.commit({place: offsets[place] for place in offsets.keys() & held})
        except KafkaError:
            return

    def _require(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise IllegalStateError("not started")
        return self._consumer

    async def stop(self) -> None:
        """Leave the group."""
        if self._consumer is not None:
            await self._consumer.stop()
