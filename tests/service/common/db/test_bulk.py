"""Bulk writes put many rows down in one statement and count them."""

import pytest

from libs.common.db.bulk import copy_records, execute_unnest, fetch_unnest, transpose
from libs.common.db.engine import Connection

UPDATE = "UPDATE t SET name = u.name FROM unnest($1::int[], $2::text[]) AS u(id, name)"


@pytest.fixture
async def table(owner: Connection) -> Connection:
    await owner.execute("CREATE TABLE t (id int PRIMARY KEY, name text)")
    return owner


async def test_copy_writes_every_record(table: Connection) -> None:
    records = [(number, f"名{number}") for number in range(5000)]

    assert await copy_records(table, "t", ["id", "name"], records) == 5000
    assert await table.fetchval("SELECT name FROM t WHERE id = 4999") == "名4999"


async def test_an_update_touches_only_the_rows_named(table: Connection) -> None:
    await copy_records(table, "t", ["id", "name"], [(1, "a"), (2, "b"), (3, "c")])

    changed = await execute_unnest(table, f"{UPDATE} WHERE t.id = u.id", [(1, "x"), (3, None)], 2)

    assert changed == 2
    rows = await table.fetch("SELECT id, name FROM t ORDER BY id")
    assert [tuple(row) for row in rows] == [(1, "x"), (2, "b"), (3, None)]


async def test_returned_rows_come_back(table: Connection) -> None:
    insert = "INSERT INTO t SELECT * FROM unnest($1::int[], $2::text[]) RETURNING id"

    rows = await fetch_unnest(table, insert, [(7, "x"), (8, "y")], 2)

    assert [row["id"] for row in rows] == [7, 8]


async def test_no_records_are_no_statement(table: Connection) -> None:
    assert await execute_unnest(table, "not even SQL", [], 2) == 0
    assert await fetch_unnest(table, "not even SQL", [], 2) == []


def test_records_of_the_wrong_width_are_refused() -> None:
    with pytest.raises(ValueError, match="3 values, the statement takes 2"):
        transpose([(1, 2, 3)], 2)


def test_records_of_uneven_width_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        transpose([(1, 2), (1,)], 2)
