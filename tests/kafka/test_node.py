"""The Kafka node of the tests is a real broker whose data outlives it."""

import uuid

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tools.kafka import KafkaNode

pytestmark = pytest.mark.kafka


async def create_topic(node: KafkaNode) -> str:
    topic = f"topic-{uuid.uuid4().hex}"
    admin = AIOKafkaAdminClient(bootstrap_servers=node.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    return topic


async def send(node: KafkaNode, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=node.bootstrap, enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait(topic, value)
    await producer.stop()


async def first_value(node: KafkaNode, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=node.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    value: bytes | None = (await consumer.getone()).value
    await consumer.stop()
    return value


async def test_what_was_confirmed_is_there_after_kill_9(kafka: KafkaNode) -> None:
    topic = await create_topic(kafka)
    await send(kafka, topic, "阳光".encode())

    kafka.kill()
    kafka.start()

    assert await first_value(kafka, topic) == "阳光".encode()


async def test_topics_are_not_made_by_asking(kafka: KafkaNode) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    await admin.describe_topics(["never-made"])
    assert "never-made" not in await admin.list_topics()
    await admin.close()
