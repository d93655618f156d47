"""The queue's queries: an office's cases by what is to be done with them.

Must never return a case of another office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from services.approval.case.model import Case, CaseTable
from services.approval.case.policy import State

Key = tuple[datetime, str]
"""Where a page begins: the last row's place in the order, and its number."""
_TABLE: Final = CaseTable.metadata.tables["case"]
_number: Final = col(CaseTable.case_no)
_due: Final = col(CaseTable.due_at)
_COUNTS: Final = text("""
SELECT state, count(*) AS cases,
       count(*) FILTER (WHERE due_at <= :now) AS overdue,
       count(*) FILTER (WHERE due_at > :now AND due_at <= :evening) AS today,
       count(*) FILTER (WHERE state = 'accepted' AND due_at IS NULL) AS undated
  FROM "case" WHERE office = :office AND state <> 'closed' GROUP BY state
""")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open cases an office has: by state, past their date, due today, without a date."""

    by_state: dict[str, int]
    overdue: int
    today: int
    undated: int

    def of(self, states: Sequence[State]) -> int:
        """The cases in any of `states`."""
        return sum(self.by_state.get(state, 0) for state in states)


async def counts(session: AsyncSession, office: str, *, now: datetime, evening: datetime) -> Counts:
    """The numbers of an office; `evening` is the end of today."""
    values = {"office": office, "now": now, "evening": evening}
    rows = (await session.execute(_COUNTS, values)).all()
    return Counts(
        {row.state: row.cases for row in rows},
        sum(row.overdue for row in rows),
        sum(row.today for row in rows),
        sum(row.undated for row in rows),
    )


async def dated(
    session: AsyncSession,
    office: str,
    *,
    past: datetime | None,
    upto: datetime | None,
    after: Key | None,
    limit: int,
) -> list[Case]:
    """Cases with a date for the decision, soonest first; only past < date <= upto."""
    wanted: list[ColumnElement[bool]] = [_due.is_not(None)]
    if past is not None:
        wanted.append(_due > past)
    if upto is not None:
        wanted.append(_due <= upto)
    return await _page(session, _of(office).where(*wanted), _due, after, limit)


async def undated(
    session: AsyncSession, office: str, *, after: Key | None, limit: int
) -> list[Case]:
    """Accepted cases whose date can't be told from what is registered, oldest first."""
    wanted = _of(office).where(col(CaseTable.state) == State.ACCEPTED, _due.is_(None))
    return await _page(session, wanted, col(CaseTable.last_event_at), after, limit)


async def waiting(
    session: AsyncSession,
    office: str,
    states: Sequence[State],
    *,
    after: Key | None,
    limit: int,
) -> list[Case]:
    """Cases in `states`, those that rest longest first."""
    wanted = _of(office).where(col(CaseTable.state).in_([str(state) for state in states]))
    return await _page(session, wanted, col(CaseTable.last_event_at), after, limit)


async def search(
    session: AsyncSession, office: str, words: str, *, after: str | None, limit: int
) -> list[Case]:
    """Cases of any state whose number contains `words`, or whose item's code begins with them."""
    number = _number.contains(words, autoescape=True)
    item = col(CaseTable.item_code).startswith(words, autoescape=True)
    statement = _of(office).where(number | item).order_by(_number).limit(limit)
    if after is not None:
        statement = statement.where(_number > after)
    return [Case(*row) for row in await session.execute(statement)]


def _of(office: str) -> Select[Any]:
    return select(*_TABLE.c).where(col(CaseTable.office) == office)


async def _page(
    session: AsyncSession,
    statement: Select[Any],
    order: Mapped[Any],
    after: Key | None,
    limit: int,
) -> list[Case]:
    if after is not None:
        statement = statement.where(tuple_(order, _number) > after)
    rows = await session.execute(statement.order_by(order, _number).limit(limit))
    return [Case(*row) for row in rows]
