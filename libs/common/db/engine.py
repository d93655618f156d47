"""Connections of a service: its schema, its role, its time limits, on either client library.

asyncpg is for consumers and other hot paths, the SQLAlchemy engine for API writers.
Must never connect a service with more rights than its own role has.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from libs.common.db.errors import DatabaseError, ServerTooOldError

SERVICES = ("approval", "trading", "monitor", "disclosure")
BUS = "bus"
IDENTITY = "identity"
SCHEMAS = (*SERVICES, BUS, IDENTITY)
OLDEST_SERVER = 17
WRITER_TIMEOUT = "5s"  # the relay's horizon relies on no writer living longer

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:  # generic only in the type stubs
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool


def role_of(service: str) -> str:
    """The database role of a service: it owns nothing, so it can't change its own tables."""
    if service not in SCHEMAS:
        raise ValueError(f"unknown service {service!r}: one of {', '.join(SCHEMAS)}")
    return f"sunlight_{service}"


def service_dsn(service: str, env: Mapping[str, str]) -> str:
    """`DATABASE_URL_<SERVICE>`, else `DATABASE_URL`; raises DatabaseError when neither is set."""
    role_of(service)
    own = f"DATABASE_URL_{service.upper()}"
    dsn = env.get(own) or env.get("DATABASE_URL")
    if not dsn:
        raise DatabaseError(f"no database for {service}: set {own} or DATABASE_URL")
    return dsn.replace("postgresql+asyncpg://", "postgresql://", 1)


def server_settings(service: str, application: str | None = None) -> dict[str, str]:
    """The session settings that every connection of `service` starts with."""
    return {
        "search_path": f"{service}, city",
        "role": role_of(service),
        "application_name": application or f"sunlight-{service}",
        "timezone": "UTC",
    }


async def connect(
    dsn: str,
    service: str,
    *,
    application: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Connection:
    """One asyncpg connection without a transaction limit; `settings` add to the session's."""
    session = {**server_settings(service, application), **(settings or {})}
    connection = await asyncpg.connect(dsn, server_settings=session)
    await refuse_old_server(connection)
    return connection


async def pool(
    dsn: str,
    service: str,
    *,
    min_size: int = 1,
    max_size: int = 8,
    application: str | None = None,
    settings: Mapping[str, str] | None = None,
) -> Pool:
    """An open asyncpg pool; the caller closes it."""
    session = {**server_settings(service, application), **(settings or {})}
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        server_settings=session,
        init=refuse_old_server,
    )


def engine(
    dsn: str, service: str, *, pool_size: int = 8, application: str | None = None
) -> AsyncEngine:
    """The SQLAlchemy engine of API writers: each transaction ends within `WRITER_TIMEOUT`."""
    limit = {"transaction_timeout": WRITER_TIMEOUT}

    async def creator() -> Connection:
        return await connect(dsn, service, application=application, settings=limit)

    made = create_async_engine(
        "postgresql+asyncpg://", async_creator=creator, pool_size=pool_size, max_overflow=0
    )
    event.listen(made.sync_engine, "checkout", _refuse_closed)
    return made


def _refuse_closed(connection: Any, _record: Any, _pooled: Any) -> None:
    """Have the pool replace a connection that the server has ended.

    The driver knows when its socket was closed; asking the server (`pool_pre_ping`) costs each
    transaction three round trips.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def session_factory(of: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(of, expire_on_commit=False)


async def refuse_old_server(connection: Connection) -> None:
    """Raise ServerTooOldError below `OLDEST_SERVER`, and close the connection."""
    try:
        check_version(connection.get_server_version().major)
    except ServerTooOldError:
        await connection.close()
        raise


def check_version(major: int) -> None:
    """Raise ServerTooOldError for a PostgreSQL major version that lacks what the platform uses."""
    if major < OLDEST_SERVER:
        raise ServerTooOldError(
            f"the server is PostgreSQL {major}; PostgreSQL {OLDEST_SERVER} or newer is needed "
            "(transaction_timeout keeps the outbox's horizon true)"
        )
