"""A city on 2 March 2026 whose intake the tests speak to over HTTP."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection
from tests.service.city import migrated_city
from tests.service.e_monitor.intake.system import LAND, System, application, callers

TABLES = ("received", "foreign_subject", "source", "rejected", "outbox", "parked")


@pytest.fixture(scope="session")
def intake_dsn(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The owner's DSN of a city for all these tests."""
    with migrated_city(postgres, "monitor") as name:
        yield postgres.dsn(database=name)


@pytest.fixture
async def owner(intake_dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it, with nothing taken in yet.

    Emptied, not copied anew: that takes a hundredth of the time.
    """
    connection = await asyncpg.connect(intake_dsn, server_settings={"search_path": "monitor, city"})
    await connection.execute(f"TRUNCATE {', '.join(TABLES)}")
    yield connection
    await connection.close()


@pytest.fixture
def dsn(intake_dsn: str, owner: Connection) -> str:
    """The owner's DSN of an empty city."""
    return intake_dsn


@pytest.fixture
async def app(dsn: str) -> AsyncIterator[FastAPI]:
    """The intake, started."""
    built = application(dsn, callers())
    async with built.router.lifespan_context(built):
        yield built


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as caller:
        yield caller


@pytest.fixture
def housing(client: httpx.AsyncClient) -> System:
    """The housing department's system."""
    return System(client)


@pytest.fixture
def land(client: httpx.AsyncClient) -> System:
    """The land department's system."""
    return System(client, LAND)
