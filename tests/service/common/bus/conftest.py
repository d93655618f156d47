"""A database with the table of effects, and the embedded transport in it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import fresh_database, run_apart
from tests.service.common.bus import ledger
from tests.service.common.bus.city import execute


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[EventDict]]:
    """What was logged."""
    with capture_logs() as told:
        yield told


@pytest.fixture(scope="session")
def prepared(postgres: EmbeddedPostgres) -> Iterator[str]:
    """One database for all tests of the bus: copying it for each would take most of the time."""
    with fresh_database(postgres) as dsn:
        run_apart(migrations.upgrade_all(dsn))
        run_apart(ledger.prepare(dsn))
        yield dsn


@pytest.fixture
async def bus(prepared: str) -> str:
    """The owner's DSN of a database with every table of the bus and the effects', all empty."""
    await execute(prepared, ledger.EMPTY)
    return prepared


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
