"""Apache Kafka keeps the contract of transports."""

import uuid

import pytest
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete

from libs.common.bus.kafka import KafkaProducer, KafkaSource, create_topics
from libs.common.bus.protocol import TopicPartition
from tests.service.common.bus.contract import TOPIC, Ground, TransportContract
from tools.kafka import KafkaNode

pytestmark = pytest.mark.kafka


class TestKafkaTransport(TransportContract):
    @pytest.fixture
    async def ground(self, kafka: KafkaNode) -> Ground:
        prefix = f"{uuid.uuid4().hex}-"
        await create_topics(kafka.bootstrap, [prefix + TOPIC])

        async def cut() -> None:
            kafka.kill()
            kafka.start()

        async def forget(place: TopicPartition, upto: int) -> None:
            admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
            await admin.start()
            there = KafkaPartition(prefix + place.topic, place.partition)
            await admin.delete_records({there: RecordsToDelete(upto)})
            await admin.close()

        return Ground(
            lambda: KafkaProducer(kafka.bootstrap, prefix=prefix),
            lambda consumer: KafkaSource(kafka.bootstrap, consumer, prefix=prefix),
            cut,
            forget,
        )
