"""Waiting for a database that is not there yet, as for a broker that was lost.

Where processes are started all at once a server, or the `migrate` that makes its roles and
tables, may come last. Must never wait for what no time can mend: a refused password ends at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import asyncpg
import structlog

from libs.common.bus.subjects import AWAY
from libs.common.db.engine import connect, service_dsn

FIRST: Final = 0.2
LONGEST: Final = 5.0
UNREACHED: Final = (*AWAY, asyncpg.InvalidCatalogNameError)
"""No server, or no such database in it."""
NOT_MIGRATED: Final = (
    asyncpg.InvalidParameterValueError,  # the service's role is not there
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InsufficientPrivilegeError,  # made, and not yet granted
)
T = TypeVar("T")
log = structlog.get_logger("process")


async def patiently(
    work: Callable[[], Coroutine[Any, Any, T]],
    *,
    told: Callable[[Exception], None],
    within: float | None = None,
    stopped: asyncio.Event | None = None,
) -> T | None:
    """Do the work, again while its database is not there, with a line (`told`) that says so.

    None once `stopped`, also in the middle of the work; after `within` seconds the last error is
    raised.
    """
    wait, deadline = FIRST, None if within is None else time.monotonic() + within
    ended = stopped or asyncio.Event()
    while not ended.is_set():
        try:
            return await _unless(ended, work())
        except asyncpg.ClientConfigurationError:
            raise
        except (*UNREACHED, *NOT_MIGRATED) as error:
            if deadline is not None and time.monotonic() + wait > deadline:
                raise
            told(error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), wait)
        wait = min(wait * 2, LONGEST)
    return None


async def _unless(ended: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The work's result; None, and the work given up, where `ended` comes first."""
    task, end = asyncio.create_task(work), asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({task, end}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        for one in (task, end):
            one.cancel()
        await asyncio.gather(task, end, return_exceptions=True)


def tells(service: str, dsn: str) -> Callable[[Exception], None]:
    """The line in the log: which service waits for which database, and why."""

    def told(error: Exception) -> None:
        waits = "migrations" if isinstance(error, NOT_MIGRATED) else "database"
        log.warning(
            "process.waits", service=service, waits_for=waits, at=place(dsn), error=repr(error)
        )

    return told


def place(dsn: str) -> str:
    """Where a database is, without whoever asks for it and their password."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2] or parts.query.partition("host=")[2]
    return f"{host}{parts.path}"


async def databases(services: Sequence[str], env: Mapping[str, str]) -> None:
    """Return once the database of each service answers to the service's own role."""
    for service in services:
        dsn = service_dsn(service, env)

        async def answers(dsn: str = dsn, service: str = service) -> bool:
            connection = await connect(dsn, service)
            await connection.close()
            return True

        await patiently(answers, told=tells(service, dsn))


async def server(service: str, dsn: str, *, within: float) -> None:
    """Return once the server of `dsn` answers, whether or not anything was made there yet.

    Raises what the last attempt did, after `within` seconds.
    """

    async def answers() -> bool:
        connection = await asyncpg.connect(dsn)
        await connection.close()
        return True

    await patiently(answers, told=tells(service, dsn), within=within)
