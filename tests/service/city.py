"""A city whose clock the tests move: it begins on Monday, 2 March 2026, 09:00 in Shanghai."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from libs.common.db import migrations
from libs.common.db.city_clock import city_now, create_city_clock, fast_forward
from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import fresh_database, run_apart

RULES = Path(__file__).parents[2] / "rules"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


async def _prepare(dsn: str, service: str) -> None:
    connection = await asyncpg.connect(dsn)
    await create_city_clock(connection, START)
    await connection.close()
    await migrations.upgrade(dsn, service)


@contextmanager
def migrated_city(postgres: EmbeddedPostgres, service: str) -> Iterator[str]:
    """The name of a database, to be copied, with the chain of `service` and the city's clock."""
    with fresh_database(postgres) as dsn:
        run_apart(_prepare(dsn, service))
        yield urlsplit(dsn).path.removeprefix("/")


async def move_to(dsn: str, instant: datetime) -> None:
    """Move the city's clock forward to `instant`."""
    connection = await asyncpg.connect(dsn)
    try:
        await fast_forward(connection, instant - await city_now(connection))
    finally:
        await connection.close()


async def move_by(dsn: str, days: float) -> None:
    """Move the city's clock forward by `days`."""
    connection = await asyncpg.connect(dsn)
    try:
        await fast_forward(connection, timedelta(days=days))
    finally:
        await connection.close()
