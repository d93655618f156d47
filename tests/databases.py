"""Databases for tests: one server a session, one copy of a migrated template a test."""

import asyncio
import itertools
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg

from libs.common.db.embedded import EmbeddedPostgres

T = TypeVar("T")
_numbers = itertools.count(1)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a loop of its own, also where this thread already runs one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@contextmanager
def fresh_database(server: EmbeddedPostgres, template: str | None = None) -> Iterator[str]:
    """The DSN of a new database, empty or a copy of `template`; dropped afterwards."""
    name = f"test_{next(_numbers)}"
    admin = server.dsn(database="postgres")
    copy = f" TEMPLATE {template}" if template else ""
    run_apart(_execute(admin, f"CREATE DATABASE {name}{copy}"))
    try:
        yield server.dsn(database=name)
    finally:
        run_apart(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))
