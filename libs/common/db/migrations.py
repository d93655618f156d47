"""One Alembic chain per service, run by the database's owner inside one transaction.

Each chain has its version table in the service's schema. A chain's `env.py` is two lines:

    from libs.common.db.migrations import run_environment
    run_environment()

Must never leave a service's role as owner of a table, nor wait long for a lock.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command, context, op
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from libs.common.db.city_clock import create_city_clock
from libs.common.db.engine import BUS, IDENTITY, SCHEMAS, Connection, refuse_old_server, role_of
from libs.common.db.grants import grant_sql, prepare_sql

ROOT = Path(__file__).parents[3]
CHAINS = {
    "approval": ROOT / "services/approval/migrations",
    "trading": ROOT / "services/resource_trading/migrations",
    "monitor": ROOT / "services/e_monitor/migrations",
    "disclosure": ROOT / "services/disclosure/migrations",
    BUS: ROOT / "libs/common/bus/migrations",
    IDENTITY: ROOT / "libs/common/identity/migrations",
}
LOCK_TIMEOUT = "5s"


def config(service: str) -> Config:
    """Alembic's configuration of a service's chain, without any ini file."""
    role_of(service)
    chain = Config()
    chain.set_main_option("script_location", str(CHAINS[service]).replace("%", "%%"))
    chain.set_main_option("path_separator", "os")
    chain.attributes["service"] = service
    return chain


def head(service: str) -> str | None:
    """The newest revision of a chain; None for a chain without revisions."""
    return ScriptDirectory.from_config(config(service)).get_current_head()


async def upgrade(dsn: str, service: str, revision: str = "head") -> None:
    """Create schema, role and city clock where missing, migrate, and grant the role its rights.

    All or nothing; safe to run from several processes at once.
    """
    chain = config(service)

    def migrate(connection: SyncConnection) -> None:
        chain.attributes["connection"] = connection
        command.upgrade(chain, revision)

    async with _owner(dsn, service).begin() as connection:
        await _run_raw(connection, lambda raw: raw.execute(prepare_sql(service)))
        await _run_raw(connection, create_city_clock)
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.run_sync(migrate)
        await _run_raw(connection, lambda raw: raw.execute(grant_sql(service)))


async def upgrade_all(dsn: str, services: tuple[str, ...] = SCHEMAS) -> None:
    """Migrate every chain of `services` that exists into one database."""
    for service in services:
        if (CHAINS[service] / "env.py").exists():
            await upgrade(dsn, service)


async def current(dsn: str, service: str) -> str | None:
    """The revision that the database has; None before the first migration."""

    def revision(connection: SyncConnection) -> str | None:
        return _migration_context(connection, service).get_current_revision()

    async with _owner(dsn, service).connect() as connection:
        return await connection.run_sync(revision)


async def check(dsn: str, service: str, metadata: MetaData) -> list[str]:
    """What the models of `metadata` say and the migrated database does not; empty when equal.

    Models carry no schema. Tables and indexes that only the migrations know are left out.
    """

    def differences(connection: SyncConnection) -> list[str]:
        return [
            repr(entry)
            for entry in compare_metadata(_migration_context(connection, service), metadata)
        ]

    async with _owner(dsn, service).connect() as connection:
        return await connection.run_sync(differences)


def run_environment() -> None:
    """What each chain's `env.py` calls: migrate on the connection that `upgrade` has opened."""
    service = context.config.attributes["service"]
    context.configure(
        connection=context.config.attributes["connection"], version_table_schema=service
    )
    context.run_migrations()


def script(sql: str) -> None:
    """Run several statements of a migration at once, `:` and `%` taken literally."""
    connection = op.get_bind()
    connection.execute(text("SELECT 1"))  # opens the driver's transaction
    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(lambda raw: raw.execute(sql))


def _owner(dsn: str, service: str) -> AsyncEngine:
    async def creator() -> Connection:
        settings = {"search_path": f"{service}, city", "timezone": "UTC"}
        connection = await asyncpg.connect(dsn, server_settings=settings)
        await refuse_old_server(connection)
        return connection

    return create_async_engine("postgresql+asyncpg://", async_creator=creator, poolclass=NullPool)


async def _run_raw(connection: AsyncConnection, run: Callable[[Connection], Any]) -> None:
    await connection.execute(text("SELECT 1"))  # opens the driver's transaction
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await run(driver)


def _migration_context(connection: SyncConnection, service: str) -> MigrationContext:
    options = {"version_table_schema": service, "include_object": _known_to_models}
    return MigrationContext.configure(connection, opts=options)


def _known_to_models(
    _object: Any, _name: str | None, kind: str, reflected: bool, compare_to: Any
) -> bool:
    return kind == "column" or not reflected or compare_to is not None
