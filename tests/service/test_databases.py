"""A database that a test is done with is as new for the next one, or is not given to it."""

from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import fresh_database, run_apart
from tests.service.city import move_by

COUNT = "SELECT count(*) FROM approval.outbox"
PUT = """
INSERT INTO approval.outbox (topic, subject, value, release_at)
VALUES ('approval', 'case/1', '', NULL) RETURNING id
"""
AHEAD = "SELECT ahead FROM city.clock"


async def ask(dsn: str, sql: str) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture
def template(postgres: EmbeddedPostgres, migrated: Callable[[str], str]) -> Iterator[str]:
    """A template of this test's own, so that no other test's copy is met."""
    with fresh_database(postgres, migrated("approval")) as dsn:
        yield dsn.partition("?")[0].rpartition("/")[2]


def twice(postgres: EmbeddedPostgres, template: str, sql: str) -> tuple[str, str, Any]:
    """Two databases after each other, the first changed by `sql`; their names, what it answers."""
    with fresh_database(postgres, template) as first:
        run_apart(ask(first, sql))
    with fresh_database(postgres, template) as second:
        return first, second, run_apart(ask(second, COUNT))


def test_rows_are_gone_and_numbers_begin_anew(postgres: EmbeddedPostgres, template: str) -> None:
    with fresh_database(postgres, template) as first:
        number = run_apart(ask(first, PUT))
    with fresh_database(postgres, template) as second:
        assert second == first
        assert run_apart(ask(second, COUNT)) == 0
        assert run_apart(ask(second, PUT)) == number


def test_a_clock_that_was_moved_stands_as_before(postgres: EmbeddedPostgres, template: str) -> None:
    with fresh_database(postgres, template) as first:
        before = run_apart(ask(first, AHEAD))
        run_apart(move_by(first, 3))
    with fresh_database(postgres, template) as second:
        assert (second, run_apart(ask(second, AHEAD))) == (first, before)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE approval.extra (id int)",
        "ALTER TABLE approval.outbox ADD COLUMN extra int",
        "REVOKE SELECT ON approval.outbox FROM sunlight_approval",
        "ALTER TABLE city.clock DISABLE TRIGGER keep_clock",
        "CREATE OR REPLACE FUNCTION city.city_now() RETURNS timestamptz LANGUAGE sql"
        " AS 'SELECT now()'",
    ],
)
def test_one_whose_tables_were_changed_is_not_used_again(
    postgres: EmbeddedPostgres, template: str, sql: str
) -> None:
    first, second, count = twice(postgres, template, sql)
    assert second != first
    assert count == 0


async def test_whoever_is_still_connected_is_cut_off(
    postgres: EmbeddedPostgres, template: str
) -> None:
    with fresh_database(postgres, template) as first:
        late = await asyncpg.connect(first)
        await late.execute("BEGIN; LOCK TABLE approval.outbox")
    late.terminate()
    with fresh_database(postgres, template) as second:
        assert (second, run_apart(ask(second, COUNT))) == (first, 0)
