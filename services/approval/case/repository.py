"""Every query on cases.

Must never commit: the edge does. Must never return a case outside of the scope it was asked for.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.writes import (
    Write,
    found_row,
    insert_sql,
    row_values,
    the_row,
    update_sql,
)
from libs.common.identity.scope import Scope
from services.approval.case.model import Case, CaseTable
from services.approval.case.policy import State
from services.approval.case.sought import Sought, within_found

_TABLE: Final = CaseTable.metadata.tables["case"]
_COLUMNS: Final = tuple(_TABLE.c.keys())
_JSON: Final = frozenset({"deadlines", "history"})
_INSERT: Final = insert_sql('"case"', _COLUMNS)
_UPDATE: Final = update_sql('"case"', _COLUMNS)
# The id comes before the time: `emit` says why.
_NEXT: Final = "SELECT nextval('case_number'), pg_current_xact_id(), city_now()"
_LOCK: Final = f"""
SELECT {", ".join(_COLUMNS)}, pg_current_xact_id(), city_now()
  FROM "case" WHERE case_no = $1 AND {{within}} FOR UPDATE
"""  # noqa: S608 - names from code
_FIND: Final = f'SELECT {", ".join(_COLUMNS)} FROM "case" WHERE case_no = $1 AND '  # noqa: S608


async def next_number(session: AsyncSession) -> tuple[int, datetime]:
    """A number no other case has, and the city's time. Numbers of failed commands stay unused."""
    number, _, now = await the_row(session, _NEXT)
    return number, now


def saved(case: Case) -> Write:
    """A new case, or what changed on a locked one."""
    sql = _INSERT if case.version == 1 else _UPDATE
    return Write(sql, row_values(case, _COLUMNS, _JSON))


async def lock(session: AsyncSession, case_no: str, scope: Scope) -> tuple[Case, datetime] | None:
    """The case, locked until the transaction ends, and the city's time; None: none in the scope.

    A waiter sees the row, and the time, as they are after the one before it has committed.
    """
    condition, limits = scope.sql("region", "office", first=2)
    row = await found_row(session, _LOCK.format(within=condition), case_no, *limits)
    if row is None:
        return None
    *values, _, now = row
    return Case(*values), now


async def find(session: AsyncSession, case_no: str, scope: Scope) -> Case | None:
    """The case as it is now; None where there is none within the scope."""
    condition, values = scope.sql("region", "office", first=2)
    row = await found_row(session, _FIND + condition, case_no, *values)
    return None if row is None else Case(*row)


def within(scope: Scope) -> Select[Any]:
    """The cases of a scope, for conditions, an order and a limit."""
    return select(*_TABLE.c).where(scope.where(col(CaseTable.region), col(CaseTable.office)))


async def by_due(
    session: AsyncSession,
    scope: Scope,
    *,
    state: State | None,
    sought: Sought,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Case]:
    """Up to `limit` cases of a scope that have a date, soonest due first, those after `after`."""
    statement = _wanted(scope, state, sought).where(col(CaseTable.due_at).is_not(None))
    order = (col(CaseTable.due_at), col(CaseTable.case_no))
    if after is not None:
        statement = statement.where(tuple_(*order) > after)
    rows = await session.execute(statement.order_by(*order).limit(limit))
    return [Case(*row) for row in rows]


async def page(
    session: AsyncSession,
    scope: Scope,
    *,
    state: State | None,
    sought: Sought,
    after: str | None,
    limit: int,
) -> list[Case]:
    """Up to `limit` cases of a scope by case number, those after `after`."""
    statement = _wanted(scope, state, sought)
    if after is not None:
        statement = statement.where(col(CaseTable.case_no) > after)
    statement = statement.order_by(col(CaseTable.case_no)).limit(limit)
    return [Case(*row) for row in await session.execute(statement)]


def _wanted(scope: Scope, state: State | None, sought: Sought) -> Select[Any]:
    statement, found = within(scope), within_found(sought)
    if state is not None:
        statement = statement.where(col(CaseTable.state) == state)
    return statement if found is None else statement.where(found)
