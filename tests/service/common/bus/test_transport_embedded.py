"""The embedded log keeps the contract of transports."""

import pytest

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.protocol import TopicPartition
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
