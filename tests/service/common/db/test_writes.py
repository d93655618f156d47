"""Several rows go down in one statement of the session's transaction, all or none."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.engine import Connection, engine, session_factory
from libs.common.db.grants import grant_sql, prepare_sql
from libs.common.db.writes import Write, insert_sql, joined, json_text, update_sql, write

INSERT = insert_sql("approval.t", ("id", "name", "facts"))
UPDATE = update_sql("approval.t", ("id", "name", "facts"))


@pytest.fixture
async def table(owner: Connection) -> Connection:
    await owner.execute(prepare_sql("approval"))
    await owner.execute(
        "CREATE TABLE approval.t (id int PRIMARY KEY, name text NOT NULL, facts jsonb);"
        "CREATE TABLE approval.alembic_version ()"
    )
    await owner.execute(grant_sql("approval"))
    return owner


@pytest.fixture
async def session(table: Connection, empty_database: str) -> AsyncIterator[AsyncSession]:
    database = engine(empty_database, "approval", pool_size=1)
    async with session_factory(database)() as opened:
        await opened.execute(text("SELECT 1"))
        yield opened
    await database.dispose()


async def rows(connection: Connection) -> list[tuple[int, str, str | None]]:
    return [tuple(row) for row in await connection.fetch("SELECT * FROM approval.t ORDER BY id")]


async def test_several_writes_stand_after_the_commit(
    session: AsyncSession, table: Connection
) -> None:
    await write(session, [Write(INSERT, (1, "甲", None)), Write(INSERT, (2, "乙", json_text({})))])
    assert await rows(table) == []
    await session.commit()
    assert await rows(table) == [(1, "甲", None), (2, "乙", "{}")]


async def test_an_update_changes_the_row_of_its_key_alone(
    session: AsyncSession, table: Connection
) -> None:
    await table.execute("INSERT INTO approval.t VALUES (1, 'a'), (2, 'b')")
    await write(session, [Write(UPDATE, (2, "c", json_text([1]))), Write(INSERT, (3, "d", None))])
    await session.commit()
    assert await rows(table) == [(1, "a", None), (2, "c", "[1]"), (3, "d", None)]


async def test_when_one_write_fails_none_is_done(session: AsyncSession, table: Connection) -> None:
    with pytest.raises(asyncpg.NotNullViolationError):
        await write(session, [Write(INSERT, (1, "a", None)), Write(INSERT, (2, None, None))])
    await session.rollback()
    assert await rows(table) == []


async def test_writes_go_with_the_sessions_rollback(
    session: AsyncSession, table: Connection
) -> None:
    await write(session, [Write(INSERT, (1, "a", None))])
    await session.rollback()
    assert await rows(table) == []


def test_places_of_later_statements_are_numbered_on() -> None:
    assert joined(("A $1, $2, $10", "B $2, $1", "C $1")) == (
        "WITH w0 AS (A $1, $2, $10), w1 AS (B $12, $11) C $13"
    )
