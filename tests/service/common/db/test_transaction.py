"""A writer's transaction: both libraries in one, all or nothing, and its connection comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.common.db.engine import Connection, engine, session_factory
from libs.common.db.grants import grant_sql, prepare_sql
from libs.common.db.transaction import RolledBackError, transaction
from libs.common.db.writes import Write, insert_sql, update_sql, write

Sessions = async_sessionmaker[AsyncSession]
INSERT = insert_sql("t", ("id", "name"))
UPDATE = update_sql("t", ("id", "name"))
COUNT = text("SELECT count(*) FROM t")
TABLES = """
CREATE TABLE approval.u (id int PRIMARY KEY);
CREATE TABLE approval.t (
    id int PRIMARY KEY, name text NOT NULL,
    u int REFERENCES approval.u DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE approval.alembic_version ();
"""


@pytest.fixture
async def table(owner: Connection) -> Connection:
    await owner.execute(prepare_sql("approval"))
    await owner.execute(TABLES)
    await owner.execute(grant_sql("approval"))
    return owner


@pytest.fixture
async def sessions(table: Connection, empty_database: str) -> AsyncIterator[Sessions]:
    """Sessions over one single connection: what is left on it is met by the next transaction."""
    database = engine(empty_database, "approval", pool_size=1)
    yield session_factory(database)
    await database.dispose()


async def rows(connection: Connection) -> list[tuple[int, str]]:
    return [
        tuple(row) for row in await connection.fetch("SELECT id, name FROM approval.t ORDER BY id")
    ]


async def test_both_libraries_write_in_one_transaction(
    sessions: Sessions, table: Connection
) -> None:
    async with transaction(sessions) as session:
        await session.execute(text("INSERT INTO t VALUES (1, 'a')"))
        await session.driver.execute("INSERT INTO t VALUES (2, 'b')")
        assert await rows(table) == []
    assert await rows(table) == [(1, "a"), (2, "b")]


async def test_held_writes_stand_after_the_block(sessions: Sessions, table: Connection) -> None:
    async with transaction(sessions) as session:
        await write(session, [Write(INSERT, (1, "a")), Write(INSERT, (2, "b"))])
    assert await rows(table) == [(1, "a"), (2, "b")]


async def test_sqlalchemy_sees_what_was_held_before(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await write(session, [Write(INSERT, (1, "a"))])
        assert (await session.execute(COUNT)).scalar_one() == 1


async def test_one_row_written_twice_stands_as_written_last(
    sessions: Sessions, table: Connection
) -> None:
    async with transaction(sessions) as session:
        await write(session, [Write(INSERT, (1, "a"))])
        await write(session, [Write(UPDATE, (1, "b"))])
        await write(session, [Write(UPDATE, (1, "c"))])
    assert await rows(table) == [(1, "c")]


async def test_raising_block_leaves_nothing(sessions: Sessions, table: Connection) -> None:
    async def refused() -> None:
        async with transaction(sessions) as session:
            await session.execute(text("INSERT INTO t VALUES (1, 'a')"))
            await write(session, [Write(INSERT, (2, "b"))])
            raise KeyError

    with pytest.raises(KeyError):
        await refused()
    assert await rows(table) == []


async def test_held_write_that_fails_takes_all_with_it(
    sessions: Sessions, table: Connection
) -> None:
    async def failing() -> None:
        async with transaction(sessions) as session:
            await session.driver.execute("INSERT INTO t VALUES (1, 'a')")
            await write(session, [Write(INSERT, (2, None))])

    with pytest.raises(asyncpg.NotNullViolationError):
        await failing()
    assert await rows(table) == []


async def test_failing_commit_raises_and_leaves_nothing(
    sessions: Sessions, table: Connection
) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with transaction(sessions) as session:
            await session.driver.execute("INSERT INTO t VALUES (1, 'a', 9)")
    assert await rows(table) == []


async def test_transaction_that_postgresql_gave_up_is_never_called_committed(
    sessions: Sessions, table: Connection
) -> None:
    async def careless() -> None:
        async with transaction(sessions) as session:
            await session.driver.execute("INSERT INTO t VALUES (1, 'a')")
            with suppress(asyncpg.DivisionByZeroError):
                await session.driver.execute("SELECT 1/0")

    with pytest.raises(RolledBackError):
        await careless()
    assert await rows(table) == []


async def test_cancelled_block_gives_its_connection_back_clean(
    sessions: Sessions, table: Connection
) -> None:
    async def slow() -> None:
        async with transaction(sessions) as session:
            await session.driver.execute("INSERT INTO t VALUES (1, 'a')")
            await session.driver.execute("SELECT pg_sleep(10)")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.3)
    async with transaction(sessions) as session:
        await write(session, [Write(INSERT, (2, "b"))])
    assert await rows(table) == [(2, "b")]


async def test_connection_that_the_server_ended_is_replaced(
    sessions: Sessions, table: Connection
) -> None:
    async with transaction(sessions) as session:
        pid = session.driver.get_server_pid()
        driver = session.driver
    await table.execute("SELECT pg_terminate_backend($1)", pid)
    async with asyncio.timeout(5):
        while not driver.is_closed():  # noqa: ASYNC110 - the driver tells nobody
            await asyncio.sleep(0.01)
    async with transaction(sessions) as session:
        await write(session, [Write(INSERT, (1, "a"))])
    assert await rows(table) == [(1, "a")]


async def test_waiting_for_a_lock_ends_after_its_time(
    sessions: Sessions, table: Connection
) -> None:
    await table.execute("INSERT INTO approval.t VALUES (1, 'a')")
    async with table.transaction():
        await table.execute("UPDATE approval.t SET name = 'b'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            async with transaction(sessions, lock_wait="50ms") as session:
                await session.driver.execute("UPDATE t SET name = 'c'")
