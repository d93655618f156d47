"""What both transports keep: one suite, run over the embedded log and over Apache Kafka."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from libs.common.bus.protocol import (
    PARTITIONS,
    Incoming,
    OffsetLostError,
    Outgoing,
    Producer,
    Source,
    TopicPartition,
    horizon_records,
    read_horizon,
)
from tests.service.common.bus.city import START, event, life, outgoing, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOPIC = "approval"
PLACE = TopicPartition(TOPIC, 0)
EVERYWHERE = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]


@dataclass
class Ground:
    """A transport to be tested, and what a test may do to it.

    `cut` severs every connection that stands; `forget` makes the records of a partition before
    an offset be gone, as retention does.
    """

    producer: Callable[[], Producer]
    source: Callable[[str], Source]
    cut: Callable[[], Awaitable[None]]
    forget: Callable[[TopicPartition, int], Awaitable[None]]

    @asynccontextmanager
    async def producing(self) -> AsyncIterator[Producer]:
        """A started producer."""
        producer = self.producer()
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    @asynccontextmanager
    async def reading(
        self, begin: dict[TopicPartition, int] | None = None, consumer: str = "reader"
    ) -> AsyncIterator[Source]:
        """A source that goes on at `begin`, elsewhere at the start of the log."""
        source = self.source(consumer)

        async def assigned(places: frozenset[TopicPartition]) -> dict[TopicPartition, int]:
            return {place: (begin or {}).get(place, 0) for place in places}

        await source.start([TOPIC], assigned)
        try:
            yield source
        finally:
            await source.stop()


async def take(source: Source, count: int, limit: int = 1000) -> list[Incoming]:
    """Fetch until `count` records came; a lost connection is tried again, as the consumer does."""
    taken: list[Incoming] = []

    async def enough() -> bool:
        try:
            taken.extend(await source.fetch(limit, 0.1))
        except OffsetLostError:
            raise
        except Exception:  # noqa: BLE001
            return False
        return len(taken) >= count

    await until(enough, 60)
    return taken


def values(count: int, partition: int = 0, begin: int = 0) -> list[Outgoing]:
    """Records of one partition that say which they are."""
    return [
        Outgoing(TOPIC, partition, "case/1", f"{partition}:{number}".encode())
        for number in range(begin, begin + count)
    ]


class TransportContract:
    """Subclasses give the fixture `ground`."""

    @pytest.fixture
    def ground(self) -> Ground:
        raise NotImplementedError

    async def test_records_of_a_partition_come_in_the_order_sent(self, ground: Ground) -> None:
        sent = [record for number in range(50) for record in _everywhere(number)]
        async with ground.producing() as producer, ground.reading() as source:
            for begin in range(0, len(sent), 70):
                await producer.send(sent[begin : begin + 70])
            taken = await take(source, len(sent), limit=90)
        by_partition = defaultdict(list)
        for record in taken:
            by_partition[record.partition].append(record.value)
        assert by_partition == {
            partition: [f"{partition}:{number}".encode() for number in range(50)]
            for partition in range(PARTITIONS)
        }

    async def test_positions_are_dense_from_nought(self, ground: Ground) -> None:
        async with ground.producing() as producer, ground.reading() as source:
            for begin in range(0, 30, 10):
                await producer.send(values(10, begin=begin))
            taken = await take(source, 30)
        assert [record.offset for record in taken] == list(range(30))

    async def test_keys_and_bytes_come_as_they_were_sent(self, ground: Ground) -> None:
        record = Outgoing(TOPIC, 3, "办件/1", "阳光\x00\n".encode() + bytes(range(256)))
        async with ground.producing() as producer, ground.reading() as source:
            await producer.send([record])
            (taken,) = await take(source, 1)
        assert taken == (TOPIC, 3, 0, "办件/1", record.value)

    async def test_reading_starts_at_our_own_position_not_at_the_reported_one(
        self, ground: Ground
    ) -> None:
        async with ground.producing() as producer:
            await producer.send(values(10))
        async with ground.reading(consumer="same") as source:
            await take(source, 10)
            await source.report({PLACE: 10})
        async with ground.reading({PLACE: 4}, consumer="same") as source:
            taken = await take(source, 6)
        assert [record.offset for record in taken] == [4, 5, 6, 7, 8, 9]

    async def test_reading_starts_behind_where_the_broker_would_have_begun(
        self, ground: Ground
    ) -> None:
        async with ground.producing() as producer:
            await producer.send(values(10))
        async with ground.reading(consumer="same") as source:
            await take(source, 10)
            await source.report({PLACE: 2})
        async with ground.reading({PLACE: 8}, consumer="same") as source:
            taken = await take(source, 2)
        assert [record.offset for record in taken] == [8, 9]

    async def test_seeking_back_reads_again(self, ground: Ground) -> None:
        async with ground.producing() as producer, ground.reading() as source:
            await producer.send(values(10))
            await take(source, 10)
            await source.seek({PLACE: 7})
            taken = await take(source, 3)
        assert [record.offset for record in taken] == [7, 8, 9]

    async def test_seeking_leaves_other_partitions_where_they_were(self, ground: Ground) -> None:
        async with ground.producing() as producer, ground.reading() as source:
            await producer.send([*values(3), *values(3, partition=5)])
            await take(source, 6)
            await source.seek({PLACE: 0})
            taken = await take(source, 3)
            await producer.send(values(1, partition=5, begin=3))
            (after,) = await take(source, 1)
        assert {record.partition for record in taken} == {0}
        assert (after.partition, after.offset) == (5, 3)

    async def test_a_source_holds_every_partition_when_it_is_alone(self, ground: Ground) -> None:
        async with ground.reading() as source:

            async def held() -> bool:
                await source.fetch(1, 0.05)
                return source.held() == frozenset(EVERYWHERE)

            await until(held)

    async def test_a_source_holds_nothing_before_it_is_started(self, ground: Ground) -> None:
        assert ground.source("reader").held() == frozenset()

    async def test_a_horizon_reaches_every_partition(self, ground: Ground) -> None:
        async with ground.producing() as producer, ground.reading() as source:
            await producer.send(horizon_records(TOPIC, START))
            taken = await take(source, PARTITIONS)
        assert {record.partition for record in taken} == set(range(PARTITIONS))
        assert {(record.key, read_horizon(record.value)) for record in taken} == {(None, START)}

    async def test_a_horizon_never_overtakes_what_was_sent_before(self, ground: Ground) -> None:
        subjects = [f"case/{number}" for number in range(40)]
        async with ground.producing() as producer, ground.reading() as source:
            for turn in range(1, 6):
                await producer.send(outgoing(event(name, turn) for name in subjects))
                await producer.send(horizon_records(TOPIC, START + timedelta(days=turn)))
            taken = await take(source, 5 * (40 + PARTITIONS), limit=50)
        turns: dict[int, int] = defaultdict(int)
        for record in taken:
            if record.key is None:
                turns[record.partition] += 1
            else:
                number = int(record.value.split(b'"sequence":"')[1][:10])
                assert number == turns[record.partition] + 1

    async def test_nothing_is_lost_or_reordered_over_lost_connections(self, ground: Ground) -> None:
        async with ground.producing() as producer, ground.reading() as source:
            await producer.send(values(20))
            before = await take(source, 20)
            await ground.cut()
            await _send_again(producer, values(20, begin=20))
            after = await take(source, 20)
        numbers = [int(record.value.split(b":")[1]) for record in (*before, *after)]
        # What is sent again after an error may come twice, never in another order.
        assert list(dict.fromkeys(numbers)) == list(range(40))
        assert [record.offset for record in (*before, *after)] == list(range(len(numbers)))

    async def test_an_unknown_topic_is_an_error(self, ground: Ground) -> None:
        async with ground.producing() as producer:
            with pytest.raises(LookupError, match="nowhere"):
                await producer.send([Outgoing("nowhere", 0, "case/1", b"")])

    async def test_records_that_are_gone_are_an_error_not_a_skip(self, ground: Ground) -> None:
        async with ground.producing() as producer:
            await producer.send(values(10))
        await ground.forget(PLACE, 6)
        async with ground.reading({PLACE: 3}) as source:
            with pytest.raises(OffsetLostError):
                await take(source, 1)

    async def test_what_remains_after_retention_is_read_as_before(self, ground: Ground) -> None:
        async with ground.producing() as producer:
            await producer.send(values(10))
        await ground.forget(PLACE, 6)
        async with ground.reading({PLACE: 6}) as source:
            taken = await take(source, 4)
        assert [record.offset for record in taken] == [6, 7, 8, 9]

    async def test_a_position_past_the_end_is_an_error(self, ground: Ground) -> None:
        async with ground.producing() as producer:
            await producer.send(values(10))
        async with ground.reading({PLACE: 11}) as source:
            with pytest.raises(OffsetLostError):
                await take(source, 1)

    async def test_results_are_equal_on_every_transport(self, ground: Ground) -> None:
        """The literal expected value is one for all: equal to it is equal to each other."""
        async with ground.producing() as producer, ground.reading() as source:
            await producer.send(outgoing(life("case/7", 3)))
            await producer.send(horizon_records(TOPIC, START)[:1])
            taken = await take(source, 4)
        told = [(one.partition, one.offset, one.key, one.value[:22]) for one in sorted(taken)]
        # gzip gives "case/7" the CRC-32 0x06c71971, which is 1 modulo 12.
        assert told == [
            (0, 0, None, b'{"complete_to":"2026-0'),
            (1, 0, "case/7", b'{"specversion":"1.0","'),
            (1, 1, "case/7", b'{"specversion":"1.0","'),
            (1, 2, "case/7", b'{"specversion":"1.0","'),
        ]


def _everywhere(number: int) -> list[Outgoing]:
    return [record for partition in range(PARTITIONS) for record in values(1, partition, number)]


async def _send_again(producer: Producer, records: list[Outgoing]) -> None:
    """Send as the relay does: all of it again until it is confirmed."""

    async def sent() -> bool:
        try:
            await producer.send(records)
        except Exception:  # noqa: BLE001
            return False
        return True

    await until(sent, 60)
