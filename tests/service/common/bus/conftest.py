"""A database with the table of effects, and the embedded transport in it."""

from collections.abc import AsyncIterator

import pytest

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from tests.service.common.bus import ledger


@pytest.fixture
async def bus(database: str) -> str:
    """The owner's DSN of a database that has every table of the bus and the one of effects."""
    await ledger.prepare(database)
    return database


@pytest.fixture
async def producer(bus: str) -> AsyncIterator[EmbeddedProducer]:
    """A producer to the embedded log."""
    made = EmbeddedProducer(bus)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def source(bus: str) -> EmbeddedSource:
    """A source of the embedded log, not yet started."""
    return EmbeddedSource(bus, "monitor")
