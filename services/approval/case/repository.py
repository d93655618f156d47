"""Every query on cases.

Must never commit: the edge does. Must never return a case of another office to a caller who asked
for one of their own.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.approval.case.model import Case
from services.approval.case.policy import State
from services.approval.tables import AUDIT

_TABLE: Final = Case.metadata.tables["case"]
_NEXT: Final = text("SELECT nextval('case_number'), city_now()")
_NOW: Final = func.city_now(type_=_TABLE.c.received_at.type)
# Built once: making a statement costs more than sending it.
_OURS: Final = (col(Case.case_no) == bindparam("number"), col(Case.office) == bindparam("of"))
_FIND: Final = select(Case).where(*_OURS)
_LOCK: Final = select(Case, _NOW).where(*_OURS).with_for_update(of=Case)
_AUDIT: Final = insert(AUDIT)
_CASE_ROW: Final = insert(_TABLE).values({c.name: bindparam(c.name) for c in _TABLE.c})
_AUDIT_ROW: Final = insert(AUDIT).values(
    {c.name: bindparam(f"audit_{c.name}") for c in AUDIT.c if c.name != "id"}
)
_ADD: Final = _AUDIT_ROW.add_cte(_CASE_ROW.cte("case_row"))


async def next_number(session: AsyncSession) -> tuple[int, datetime]:
    """A number no other case has, and the city's time. Numbers of failed commands stay unused."""
    row = (await session.execute(_NEXT)).one()
    return int(row[0]), row[1]


async def add(session: AsyncSession, case: Case, row: dict[str, Any]) -> None:
    """Insert a new case and its audit row, in one round trip."""
    values = {f"audit_{name}": value for name, value in row.items()}
    await session.execute(_ADD, {**values, **case.model_dump()})


async def save(session: AsyncSession, row: dict[str, Any]) -> None:
    """Write what changed on a locked case, and its audit row."""
    await session.flush()
    await session.execute(_AUDIT, row)


async def lock(session: AsyncSession, case_no: str, office: str) -> tuple[Case, datetime] | None:
    """The office's case, locked until the transaction ends, and the city's time; None: no such.

    A waiter sees the row, and the time, as they are after the one before it has committed.
    """
    row = (await session.execute(_LOCK, {"number": case_no, "of": office})).one_or_none()
    return None if row is None else (row[0], row[1])


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
