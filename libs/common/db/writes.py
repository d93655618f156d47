"""Rows of a command, read and written past SQLAlchemy but in the session's transaction.

Making and running a statement there costs several times what PostgreSQL takes. In a request's
`TransactionSession` nothing of SQLAlchemy is asked, and what is written goes down with the commit;
in any other session it is written at once. Must never begin or commit anything.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.statements import (
    Write,
    insert_sql,
    joined,
    json_text,
    row_values,
    update_sql,
)
from libs.common.db.transaction import TransactionSession

__all__ = [
    "Write",
    "found_row",
    "insert_sql",
    "joined",
    "json_text",
    "row_values",
    "the_row",
    "update_sql",
    "write",
]


async def write(session: AsyncSession, writes: Sequence[Write]) -> None:
    """Do all `writes`, of different rows, by one statement of the session's transaction.

    A `TransactionSession` does them no later than its commit, and raises there. Any other must
    have run a statement before: SQLAlchemy opens the transaction with its own first one.

    Raises:
        asyncpg.PostgresError: the driver's own, not wrapped; none of the writes was done.
    """
    if isinstance(session, TransactionSession):
        await session.hold(writes)
        return
    pooled = await (await session.connection()).get_raw_connection()
    driver: Any = pooled.driver_connection
    sql = joined(tuple(one.sql for one in writes))
    await driver.execute(sql, *(value for one in writes for value in one.values))


async def found_row(session: AsyncSession, sql: str, *values: Any) -> Sequence[Any] | None:
    """The one row that `sql`, with `$1`…, finds in the session's transaction, or None."""
    if isinstance(session, TransactionSession):
        await session.settle()
        found: Any = await session.driver.fetchrow(sql, *values)
        return found  # type: ignore[no-any-return]
    result = await (await session.connection()).exec_driver_sql(sql, values or None)
    return result.one_or_none()


async def the_row(session: AsyncSession, sql: str) -> Sequence[Any]:
    """As `found_row`, for a statement that always has one."""
    row = await found_row(session, sql)
    if row is None:
        raise LookupError(sql)
    return row
