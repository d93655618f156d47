"""Databases for tests: one server a session, and of each migrated template a few copies.

Copying a template takes longer than most tests. A copy that a test is done with is put back as it
was, and taken by the next one; where that can't be done surely, it is dropped.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import asyncpg

from libs.common.db.embedded import EmbeddedPostgres

T = TypeVar("T")
_numbers = itertools.count(1)
# Whatever a migration could have made, as it stands: a test that changed any of it keeps its copy.
_SHAPE: Final = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT concat_ws(' ', 'c', n.nspname, c.relname, c.relkind, c.relacl, c.relrowsecurity)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|info)'
    UNION ALL SELECT concat_ws(' ', 'a', a.attrelid::regclass, a.attname, a.atttypid::regtype,
        a.attnotnull, a.atthasdef) FROM pg_attribute a WHERE a.attrelid >= 16384 AND a.attnum > 0
        AND EXISTS (SELECT FROM pg_class c WHERE c.oid = a.attrelid AND c.relkind IN ('r', 'v'))
    UNION ALL SELECT concat_ws(' ', 'p', p.oid::regprocedure, md5(p.prosrc)) FROM pg_proc p
        WHERE p.oid >= 16384
    UNION ALL SELECT concat_ws(' ', 'k', conrelid::regclass, conname, contype) FROM pg_constraint
        WHERE oid >= 16384
    UNION ALL SELECT concat_ws(' ', 't', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
        WHERE oid >= 16384 AND NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', 'n', nspname, nspacl) FROM pg_namespace
    UNION ALL SELECT concat_ws(' ', 's', setrole, setconfig) FROM pg_db_role_setting s
        JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
) AS shape(line)
"""
_OTHERS: Final = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES: Final = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|info)' ORDER BY 1
"""
_SEQUENCES: Final = """
SELECT format('%I.%I', schemaname, sequencename) AS name, last_value FROM pg_sequences ORDER BY 1
"""


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a loop of its own, also where this thread already runs one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@contextmanager
def fresh_database(server: EmbeddedPostgres, template: str | None = None) -> Iterator[str]:
    """The DSN of a new database, empty or as `template`; gone afterwards."""
    admin = server.dsn(database="postgres")
    copies = _COPIES[admin, template] if template else None
    name = copies.idle.pop() if copies and copies.idle else None
    if name is None:
        name = f"test_{next(_numbers)}"
        copy = f" TEMPLATE {template}" if template else ""
        run_apart(_execute(admin, f"CREATE DATABASE {name}{copy}"))
    dsn = server.dsn(database=name)
    if copies and copies.content is None:
        copies.content = run_apart(_content(dsn))
    try:
        yield dsn
    finally:
        if copies and copies.content and run_apart(_put_back(dsn, copies.content)):
            copies.idle.append(name)
        else:
            run_apart(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@dataclass(frozen=True)
class _Content:
    """What a template holds: its shape, the rows of tables that have any, how sequences stand."""

    shape: str
    rows: dict[str, str]
    sequences: dict[str, int | None]


@dataclass
class _Copies:
    """The copies of one template that no test has at the moment."""

    idle: list[str] = field(default_factory=list)
    content: _Content | None = None


_COPIES: Final = defaultdict[tuple[str, str | None], _Copies](_Copies)


async def _content(dsn: str) -> _Content:
    connection = await asyncpg.connect(dsn)
    try:
        return _Content(
            await connection.fetchval(_SHAPE),
            await _rows(connection),
            {row["name"]: row["last_value"] for row in await connection.fetch(_SEQUENCES)},
        )
    finally:
        await connection.close()


async def _rows(connection: Any, wanted: Collection[str] | None = None) -> dict[str, str]:
    """Table → its rows as JSON, of those that have any; of tables not `wanted` that they have."""
    parts = []
    for (name,) in await connection.fetch(_TABLES):
        whole = wanted is None or name in wanted
        rows = f"(SELECT json_agg(t)::text FROM {name} t)"  # noqa: S608
        any_row = f"CASE WHEN EXISTS (SELECT FROM {name}) THEN 'some' END"
        parts.append(f"SELECT '{name}', {rows if whole else any_row}")
    found = await connection.fetch(" UNION ALL ".join(parts)) if parts else []
    return {name: rows for name, rows in found if rows is not None}


async def _put_back(dsn: str, content: _Content) -> bool:
    """Make the database what its template is; False where it can't be told to be that."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.fetchval(_OTHERS)
        if await connection.fetchval(_SHAPE) != content.shape:
            return False
        # Triggers that keep a clock from going back are not for this.
        await connection.execute("SET session_replication_role = replica")
        await _rows_back(connection, content.rows)
        for row in await connection.fetch(_SEQUENCES):
            if row["last_value"] != content.sequences[row["name"]]:
                stood = content.sequences[row["name"]]
                start = f"SELECT setval('{row['name']}', {stood or 1}, {stood is not None})"
                await connection.execute(start)
    except (asyncpg.PostgresError, OSError):
        return False
    finally:
        await connection.close()
    return True


async def _rows_back(connection: Any, rows: dict[str, str]) -> None:
    now = await _rows(connection, rows)
    changed = {name for name in {*now, *rows} if now.get(name) != rows.get(name)}
    if not changed:
        return
    # Tables that refer to these are emptied with them.
    await connection.execute(f"TRUNCATE {', '.join(sorted(changed))} CASCADE")
    left = await _rows(connection, rows)
    for name in rows.keys() - left.keys():
        sql = f"INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1)"  # noqa: S608
        await connection.execute(sql, rows[name])


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
