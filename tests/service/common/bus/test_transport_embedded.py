"""The embedded log keeps the contract of transports."""

import pytest

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.protocol import PARTITIONS, Outgoing, Share, TopicPartition
from tests.service.common.bus.city import execute
from tests.service.common.bus.contract import Ground, TransportContract


class TestEmbeddedTransport(TransportContract):
    @pytest.fixture
    def ground(self, bus: str) -> Ground:
        async def cut() -> None:
            await execute(
                bus,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'sunlight-bus-%'",
            )

        async def forget(place: TopicPartition, upto: int) -> None:
            await execute(
                bus,
                'DELETE FROM bus.log WHERE topic = $1 AND partition = $2 AND "offset" < $3',
                *place,
                upto,
            )
            await execute(
                bus,
                "UPDATE bus.head SET first = $3 WHERE topic = $1 AND partition = $2",
                *place,
                upto,
            )

        return Ground(
            lambda: EmbeddedProducer(bus),
            lambda consumer: EmbeddedSource(bus, consumer),
            cut,
            forget,
        )


async def test_shares_divide_the_partitions_between_them(bus: str) -> None:
    records = [
        Outgoing("approval", number, f"case/{number}", b"{}") for number in range(PARTITIONS)
    ]
    producer = EmbeddedProducer(bus)
    await producer.start()
    await producer.send(records)
    await producer.stop()
    fetched: list[int] = []
    for share in (Share(0, 2), Share(1, 2)):
        source = EmbeddedSource(bus, "monitor", share)
        await source.start(["approval"], _from_the_beginning)
        fetched += [record.partition for record in await source.fetch(100, 1)]
        await source.stop()
    assert sorted(fetched) == list(range(PARTITIONS))


async def _from_the_beginning(places: frozenset[TopicPartition]) -> dict[TopicPartition, int]:
    return dict.fromkeys(places, 0)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1/13", "1", "a/b", ""])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"share|invalid literal"):
        Share.read(text)
