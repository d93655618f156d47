"""Every query on cases.

Must never commit: the edge does. Must never return a case of another office to a caller who asked
for one of their own.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.approval.case.model import Case
from services.approval.case.policy import State

_NEXT: Final = text("SELECT nextval('case_number'), city_now()")
_NOW: Final = func.city_now(type_=Case.__table__.c.received_at.type)  # type: ignore[attr-defined]
_LOCK: Final = select(Case, _NOW).with_for_update(of=Case)


async def next_number(session: AsyncSession) -> tuple[int, datetime]:
    """A number no other case has, and the city's time. Numbers of failed commands stay unused."""
    row = (await session.execute(_NEXT)).one()
    return int(row[0]), row[1]


async def save(session: AsyncSession, case: Case) -> None:
    """Insert a new case, or write what changed on a locked one."""
    session.add(case)
    await session.flush()


async def lock(session: AsyncSession, case_no: str, office: str) -> tuple[Case, datetime] | None:
    """The office's case, locked until the transaction ends, and the city's time; None: no such.

    A waiter sees the row, and the time, as they are after the one before it has committed.
    """
    statement = _LOCK.where(col(Case.case_no) == case_no, col(Case.office) == office)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1])


async def find(session: AsyncSession, case_no: str, office: str) -> Case | None:
    """The office's case as it is now."""
    statement = select(Case).where(col(Case.case_no) == case_no, col(Case.office) == office)
    return (await session.execute(statement)).scalar_one_or_none()


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
