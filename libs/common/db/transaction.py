"""One transaction of an API writer, begun and committed on the driver itself.

Both client libraries' statements run in it: the driver's directly, for what every command does, and
SQLAlchemy's through the same connection, for what is easier said there. SQLAlchemy's own begin,
commit and connection cost more than a command's rows. Must never commit while its block may still
raise, nor call it committed when PostgreSQL rolled it back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session
from sqlalchemy.util import await_, greenlet_spawn

from libs.common.db.statements import Write, joined

if TYPE_CHECKING:
    from libs.common.db.engine import Connection


class RolledBackError(RuntimeError):
    """PostgreSQL answered COMMIT with ROLLBACK: a statement had failed and its error was lost."""


class _Half(Session):
    """SQLAlchemy's half of a transaction; it has a connection only once it is asked something."""

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection, **options: Any) -> None:
        super().__init__(**options)
        self.engine = engine
        self.pooled = pooled
        self.driver: Connection = pooled.driver_connection  # type: ignore[assignment]
        self.held: list[Write] = []
        self._connection: SyncConnection | None = None

    def get_bind(self, *_: Any, **__: Any) -> SyncConnection:
        """The transaction's connection, after what is held: each statement asks for it."""
        if self.held:
            await_(self.settle())
        if self._connection is None:
            connection = SyncConnection(self.engine, self.pooled)
            # The transaction is open already: SQLAlchemy shall begin and commit nothing.
            self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    async def settle(self) -> None:
        writes, self.held = self.held, []
        sql = joined(tuple([one.sql for one in writes]))
        await self.driver.execute(sql, *chain.from_iterable([one.values for one in writes]))


class TransactionSession(AsyncSession):
    """The session of one open transaction; made by `transaction`, which alone ends it."""

    sync_session_class = _Half
    sync_session: _Half

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection) -> None:
        super().__init__(engine=engine.sync_engine, pooled=pooled, expire_on_commit=False)

    @property
    def driver(self) -> Connection:
        """The connection, in the transaction; what is held has not reached it yet."""
        return self.sync_session.driver

    async def hold(self, writes: Sequence[Write]) -> None:
        """Write `writes` no later than at the commit, in one statement; what was held before, now.

        They are down before SQLAlchemy's next statement as well.
        """
        if self.sync_session.held:
            await self.sync_session.settle()
        self.sync_session.held.extend(writes)

    def hold_beside(self, write: Write) -> None:
        """Add a row that nothing else held touches to the statement to come."""
        self.sync_session.held.append(write)

    async def settle(self) -> None:
        """Write down all that is held or added."""
        half = self.sync_session
        if half.in_transaction():
            await self.flush()
        if half.held:
            await half.settle()


@asynccontextmanager
async def transaction(
    sessions: async_sessionmaker[AsyncSession], *, lock_wait: str | None = None
) -> AsyncIterator[TransactionSession]:
    """A transaction on a connection of `sessions`' engine: committed at the end of the block.

    `lock_wait` (`"3s"`) limits how long each of its statements waits for a lock. Rolled back if
    the block raises.

    Raises:
        asyncpg.PostgresError: the commit, or what was held until then, failed; nothing is kept.
        RolledBackError: an error of a statement was lost on the way; nothing is kept.
    """
    engine: AsyncEngine = sessions.kw["bind"]
    pooled = await engine.raw_connection()
    try:
        session = TransactionSession(engine, pooled)
        try:
            await session.driver.execute(_begin(lock_wait))
            yield session
            await session.settle()
            await _commit(session.driver)
        except BaseException:
            await _undo(session.driver)
            raise
        finally:
            if session.sync_session.in_transaction():
                await session.close()
    finally:
        await greenlet_spawn(pooled.close)


def _begin(lock_wait: str | None) -> str:
    return "BEGIN" if lock_wait is None else f"BEGIN; SET LOCAL lock_timeout = '{lock_wait}'"


async def _commit(driver: Connection) -> None:
    if await driver.execute("COMMIT") != "COMMIT":
        raise RolledBackError


async def _undo(driver: Connection) -> None:
    """Roll back; a connection that can't is closed, and the pool replaces it."""
    if driver.is_closed():
        return
    # Whatever the driver believes: a statement cut off half-way leaves it in doubt.
    try:
        await driver.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        driver.terminate()
    except BaseException:
        driver.terminate()
        raise
