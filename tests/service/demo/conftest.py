"""Databases with the identity's schema: a demonstration's, and one that keeps real time."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import IDENTITY, Connection, connect
from sunlight.demo import forwards
from tests.databases import fresh_database, run_apart
from tests.service.city import migrated_city


@pytest.fixture(scope="session")
def demo_template(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The name of a demonstration's database, to be copied."""
    with migrated_city(postgres, IDENTITY) as name:
        yield name


@pytest.fixture
def demo_database(postgres: EmbeddedPostgres, demo_template: str) -> Iterator[str]:
    """A fresh demonstration's database, which no city has set up yet."""
    with fresh_database(postgres, demo_template) as dsn:
        yield dsn


@pytest.fixture
def real_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A fresh database that keeps real time."""
    with fresh_database(postgres) as dsn:
        run_apart(migrations.upgrade(dsn, IDENTITY))
        yield dsn


@pytest.fixture
async def owner(demo_database: str) -> AsyncIterator[Connection]:
    """The city's own connection; what it needs is set up."""
    connection = await asyncpg.connect(demo_database)
    await forwards.set_up(connection)
    yield connection
    await connection.close()


@pytest.fixture
async def visitor(owner: Connection, demo_database: str) -> AsyncIterator[Connection]:
    """What the API process has: the rights of the identity's role."""
    connection = await connect(demo_database, IDENTITY)
    yield connection
    await connection.close()
