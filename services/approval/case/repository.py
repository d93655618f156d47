"""Every query on cases.

Must never commit: the edge does. Must never return a case of another office to a caller who asked
for one of their own.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.writes import Write, insert_sql, row_values, update_sql
from services.approval.case.model import Case
from services.approval.case.policy import State

_TABLE: Final = Case.metadata.tables["case"]
_COLUMNS: Final = tuple(column.name for column in _TABLE.c)
_JSON: Final = frozenset({"deadlines", "history"})
_INSERT: Final = insert_sql('"case"', _COLUMNS)
_UPDATE: Final = update_sql('"case"', _COLUMNS)
# The id comes before the time: `emit` says why.
_ID: Final = func.pg_current_xact_id()
_NOW: Final = func.city_now(type_=_TABLE.c.received_at.type)
_NEXT: Final = text("SELECT nextval('case_number'), pg_current_xact_id(), city_now()")
# Built once: making a statement costs more than sending it.
_OURS: Final = (col(Case.case_no) == bindparam("number"), col(Case.office) == bindparam("of"))
_FIND: Final = select(Case).where(*_OURS)
_LOCK: Final = select(Case, _ID, _NOW).where(*_OURS).with_for_update(of=Case)


async def next_number(session: AsyncSession) -> tuple[int, datetime]:
    """A number no other case has, and the city's time. Numbers of failed commands stay unused."""
    row = (await session.execute(_NEXT)).one()
    return int(row[0]), row[2]


def saved(case: Case) -> Write:
    """A new case, or what changed on a locked one."""
    sql = _INSERT if case.version == 1 else _UPDATE
    return Write(sql, row_values(case, _COLUMNS, _JSON))


async def lock(session: AsyncSession, case_no: str, office: str) -> tuple[Case, datetime] | None:
    """The office's case, locked until the transaction ends, and the city's time; None: no such.

    A waiter sees the row, and the time, as they are after the one before it has committed.
    """
    row = (await session.execute(_LOCK, {"number": case_no, "of": office})).one_or_none()
    if row is None:
        return None
    case, _, now = row
    session.expunge(case)  # `saved` writes it, so the session must not
    return case, now


async def find(session: AsyncSession, case_no: str, office: str) -> Case | None:
    """The office's case as it is now."""
    return (await session.execute(_FIND, {"number": case_no, "of": office})).scalar_one_or_none()


async def page(
    session: AsyncSession, office: str, *, state: State | None, after: str | None, limit: int
) -> list[Case]:
    """Up to `limit` cases of an office by case number, those after `after`."""
    statement = select(Case).where(col(Case.office) == office)
    if state is not None:
        statement = statement.where(col(Case.state) == state)
    if after is not None:
        statement = statement.where(col(Case.case_no) > after)
    statement = statement.order_by(col(Case.case_no)).limit(limit)
    return list((await session.execute(statement)).scalars())
