"""The queue's queries: an office's cases by what is to be done with them.

Must never return a case outside of the scope it was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from libs.common.identity.scope import Scope
from services.approval.case.model import Case, CaseTable
from services.approval.case.policy import State
from services.approval.case.repository import within

Key = tuple[datetime, str]
"""Where a page begins: the last row's place in the order, and its number."""
_number: Final = col(CaseTable.case_no)
_due: Final = col(CaseTable.due_at)
_COUNTS: Final = """
SELECT state, count(*) AS cases,
       count(*) FILTER (WHERE due_at <= :now) AS overdue,
       count(*) FILTER (WHERE due_at > :now AND due_at <= :evening) AS today,
       count(*) FILTER (WHERE state = 'accepted' AND due_at IS NULL) AS undated
  FROM "case" WHERE state = ANY(:open) AND {within} GROUP BY state
"""
_OPEN: Final = [str(state) for state in State if state is not State.CLOSED]


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


async def counts(
    session: AsyncSession, scope: Scope, *, now: datetime, evening: datetime
) -> Counts:
    """The numbers of a scope; `evening` is the end of today."""
    within, limits = scope.named("region", "office")
    values = {"open": _OPEN, "now": now, "evening": evening, **limits}
    statement = text(_COUNTS.format(within=within))
    rows = (await session.execute(statement, values)).all()
    return Counts(
        {row.state: row.cases for row in rows},
        sum(row.overdue for row in rows),
        sum(row.today for row in rows),
        sum(row.undated for row in rows),
    )


async def dated(
    session: AsyncSession,
    scope: Scope,
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
    return await _page(session, within(scope).where(*wanted), _due, after, limit)


async def undated(
    session: AsyncSession, scope: Scope, *, after: Key | None, limit: int
) -> list[Case]:
    """Accepted cases whose date can't be told from what is registered, oldest first."""
    wanted = within(scope).where(col(CaseTable.state) == State.ACCEPTED, _due.is_(None))
    return await _page(session, wanted, col(CaseTable.last_event_at), after, limit)


async def waiting(
    session: AsyncSession,
    scope: Scope,
    states: Sequence[State],
    *,
    after: Key | None,
    limit: int,
) -> list[Case]:
    """Cases in `states`, those that rest longest first."""
    wanted = within(scope).where(col(CaseTable.state).in_([str(state) for state in states]))
    return await _page(session, wanted, col(CaseTable.last_event_at), after, limit)


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
