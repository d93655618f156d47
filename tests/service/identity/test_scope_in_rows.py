"""The row filter: what PostgreSQL selects is what `Scope.covers` says, on either client library."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import Column, MetaData, Table, Text, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.db.engine import Connection
from libs.common.identity.scope import NOTHING, Scope

ROWS = [
    (region, office)
    for region in (None, "", "990000", "990100", "990102", "990102003", "990200", "99010", "980102")
    for office in (None, "", "office-1", "office-2")
]
SCOPES = [
    NOTHING,
    Scope.of("%", "office-1"),
    Scope.of("990000"),
    Scope.of("990100"),
    Scope.of("990102"),
    Scope.of("990102003"),
    Scope.of("990100", "office-1"),
    Scope.of("990102", "office-2"),
    Scope.of("990102", "' OR true --"),
    Scope.everything(),
]
TABLE = Table("place", MetaData(), Column("region", Text), Column("office", Text))


@pytest.fixture
async def rows(identity_database: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(identity_database)
    await connection.execute("CREATE TABLE place (region text, office text)")
    await connection.executemany("INSERT INTO place VALUES ($1, $2)", ROWS)
    yield connection
    await connection.execute("DROP TABLE place")
    await connection.close()


async def test_as_text_with_values_it_selects_what_it_covers(rows: Connection) -> None:
    for scope in SCOPES:
        condition, values = scope.sql("region", "office", first=2)
        found = await rows.fetch(f"SELECT * FROM place WHERE $1 AND {condition}", True, *values)  # noqa: S608
        expected = [row for row in ROWS if scope.covers(*row)]
        assert [tuple(row) for row in found] == expected, scope


async def test_as_an_expression_it_selects_what_it_covers(
    rows: Connection, identity_database: str
) -> None:
    url = identity_database.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        for scope in SCOPES:
            statement = select(TABLE).where(scope.where(TABLE.c.region, TABLE.c.office))
            found = [tuple(row) for row in await connection.execute(statement)]
            assert found == [row for row in ROWS if scope.covers(*row)], scope
    await engine.dispose()


async def test_as_text_with_named_values_it_selects_what_it_covers(
    rows: Connection, identity_database: str
) -> None:
    url = identity_database.replace("postgresql://", "postgresql+asyncpg://", 1)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        for scope in SCOPES:
            condition, values = scope.named("region", "office")
            statement = text(f"SELECT * FROM place WHERE {condition}")  # noqa: S608
            found = [tuple(row) for row in await connection.execute(statement, values)]
            assert found == [row for row in ROWS if scope.covers(*row)], scope
    await engine.dispose()
