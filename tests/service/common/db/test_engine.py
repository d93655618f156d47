"""Connections carry the service's schema, role and limits; old servers are refused."""

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from libs.common.db import migrations
from libs.common.db.engine import (
    check_version,
    connect,
    engine,
    pool,
    service_dsn,
    session_factory,
)
from libs.common.db.errors import DatabaseError, ServerTooOldError

SESSION = """
SELECT current_user::text, current_schema()::text, current_setting('TimeZone'),
       current_setting('application_name'), current_setting('transaction_timeout')
"""


@pytest.fixture
async def migrated(empty_database: str, chain: Path) -> str:
    await migrations.upgrade(empty_database, "approval")
    return empty_database


async def test_a_connection_is_the_services_without_a_transaction_limit(migrated: str) -> None:
    connection = await connect(migrated, "approval")
    row = await connection.fetchrow(SESSION)
    await connection.close()

    assert row is not None
    assert tuple(row) == ("sunlight_approval", "approval", "UTC", "sunlight-approval", "0")


async def test_a_pooled_connection_keeps_the_role_after_it_was_returned(migrated: str) -> None:
    connections = await pool(migrated, "approval", max_size=1)
    async with connections.acquire() as connection:
        await connection.execute("RESET ROLE")
    async with connections.acquire() as connection:
        row = await connection.fetchrow(SESSION)
    await connections.close()

    assert row is not None
    assert tuple(row) == ("sunlight_approval", "approval", "UTC", "sunlight-approval", "0")


async def test_api_writers_have_five_seconds_a_transaction(migrated: str) -> None:
    writers = engine(migrated, "approval", application="approval-api")
    async with session_factory(writers)() as session:
        row = (await session.execute(text(SESSION))).one()
    await writers.dispose()

    assert tuple(row) == ("sunlight_approval", "approval", "UTC", "approval-api", "5s")


async def test_a_transaction_past_its_limit_is_ended_by_the_server(migrated: str) -> None:
    limit = {"transaction_timeout": "50ms"}
    connection = await connect(migrated, "approval", settings=limit)
    with pytest.raises(asyncpg.PostgresConnectionError, match="transaction timeout"):
        await connection.execute("SELECT pg_sleep(5)")
    assert connection.is_closed()


@pytest.mark.parametrize("major", [16, 15, 9])
def test_a_server_older_than_17_is_refused(major: int) -> None:
    with pytest.raises(ServerTooOldError, match=rf"PostgreSQL {major}; PostgreSQL 17 or newer"):
        check_version(major)


@pytest.mark.parametrize("major", [17, 18, 19])
def test_17_and_newer_are_accepted(major: int) -> None:
    check_version(major)


def test_a_services_own_address_wins_over_the_common_one() -> None:
    env = {"DATABASE_URL": "postgresql://all", "DATABASE_URL_TRADING": "postgresql://own"}

    assert service_dsn("trading", env) == "postgresql://own"
    assert service_dsn("approval", env) == "postgresql://all"


def test_an_address_in_sqlalchemys_form_is_understood() -> None:
    env = {"DATABASE_URL": "postgresql+asyncpg://city@host/one"}

    assert service_dsn("approval", env) == "postgresql://city@host/one"


def test_a_missing_address_is_named() -> None:
    with pytest.raises(DatabaseError, match="DATABASE_URL_MONITOR or DATABASE_URL"):
        service_dsn("monitor", {})


def test_an_unknown_service_is_named() -> None:
    with pytest.raises(ValueError, match="aproval"):
        service_dsn("aproval", {"DATABASE_URL": "postgresql://all"})
