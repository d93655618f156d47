"""Every query on tenders and their awards.

Must never commit: the edge does. Must never return a tender outside the scope it was asked for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.writes import Write, found_row, insert_sql, row_values, the_row, update_sql
from libs.common.identity.scope import Scope
from services.resource_trading.award.model import Award, AwardTable
from services.resource_trading.tender.model import Tender, TenderTable
from services.resource_trading.tender.policy import State

AWARDED: Final = frozenset({State.PUBLICISED, State.DECIDED, State.NOTIFIED, State.CONTRACTED})
TENDERS: Final = TenderTable.metadata.tables["tender"]
AWARDS: Final = AwardTable.metadata.tables["award"]
_TENDER: Final = tuple(TENDERS.c.keys())
_AWARD: Final = tuple(AWARDS.c.keys())
_TENDER_JSON: Final = frozenset({"objections", "history"})
_AWARD_JSON: Final = frozenset({"candidates"})
_INSERT: Final = f"{insert_sql('tender', _TENDER)} ON CONFLICT DO NOTHING RETURNING ref"
_UPDATE: Final = update_sql("tender", _TENDER)
_CHANGES: Final = ", ".join(f"{name} = excluded.{name}" for name in _AWARD if name != "ref")
_UPSERT: Final = f"{insert_sql('award', _AWARD)} ON CONFLICT (ref) DO UPDATE SET {_CHANGES}"
# The id comes before the time: `emit` says why.
_NOW: Final = "SELECT pg_current_xact_id(), city_now()"
_LOCK: Final = f"""
SELECT {", ".join(_TENDER)}, pg_current_xact_id(), city_now()
  FROM tender WHERE ref = $1 AND {{within}} FOR UPDATE
"""  # noqa: S608 - names from code
_AWARD_OF: Final = f"SELECT {', '.join(_AWARD)} FROM award WHERE ref = $1"  # noqa: S608
_FIND: Final = f"""
SELECT {", ".join(f"t.{name}" for name in _TENDER)}, {", ".join(f"a.{name}" for name in _AWARD)}
  FROM tender t LEFT JOIN award a ON a.ref = t.ref WHERE t.ref = $1 AND {{within}}
"""  # noqa: S608
# Built once: making a statement costs more than sending it.
_ROWS: Final = select(*TENDERS.c, *AWARDS.c).outerjoin_from(
    TENDERS, AWARDS, AWARDS.c.ref == TENDERS.c.ref
)


class Rows(NamedTuple):
    """A tender and, once it has one, its award."""

    tender: Tender
    award: Award | None


async def city_now(session: AsyncSession) -> datetime:
    """The city's time."""
    now: datetime = (await the_row(session, _NOW))[1]
    return now


async def add(session: AsyncSession, tender: Tender) -> bool:
    """Insert a tender; False when there is one of that number already."""
    return await found_row(session, _INSERT, *row_values(tender, _TENDER, _TENDER_JSON)) is not None


def saved(tender: Tender, award: Award | None) -> list[Write]:
    """What changed on a locked tender and its award."""
    rows = [Write(_UPDATE, row_values(tender, _TENDER, _TENDER_JSON))]
    if award is not None:
        rows.append(Write(_UPSERT, row_values(award, _AWARD, _AWARD_JSON)))
    return rows


async def lock(
    session: AsyncSession, ref: str, within: Scope
) -> tuple[Tender, Award | None, datetime] | None:
    """A tender of the scope, locked until the transaction ends, its award and the city's time.

    A waiter sees all three as they are after the one before it has committed: the award is read
    by a statement of its own, because a waiting one keeps what it saw of tables it does not lock.
    """
    condition, values = within.sql("region", "office", first=2)
    row = await found_row(session, _LOCK.format(within=condition), ref, *values)
    if row is None:
        return None
    *fields, _, now = row
    tender = Tender(*fields)
    held = await found_row(session, _AWARD_OF, ref) if tender.state in AWARDED else None
    return tender, None if held is None else Award(*held), now


async def find(session: AsyncSession, ref: str, within: Scope) -> Rows | None:
    """A tender of the scope and its award as they are now."""
    condition, values = within.sql("t.region", "t.office", first=2)
    row = await found_row(session, _FIND.format(within=condition), ref, *values)
    return None if row is None else _rows(row)


async def within(
    session: AsyncSession, scope: Scope, *, state: State | None, after: str | None, limit: int
) -> list[Rows]:
    """Up to `limit` tenders of a scope by number, those after `after`."""
    statement = _ROWS.where(scope.where(col(TenderTable.region), col(TenderTable.office)))
    if state is not None:
        statement = statement.where(TENDERS.c.state == state)
    if after is not None:
        statement = statement.where(TENDERS.c.ref > after)
    rows = await session.execute(statement.order_by(TENDERS.c.ref).limit(limit))
    return [_rows(row) for row in rows]


async def page(
    session: AsyncSession, region: str, *, state: State | None, after: str | None, limit: int
) -> list[Rows]:
    """As `within`, of a region and those within it."""
    return await within(session, Scope.of(region), state=state, after=after, limit=limit)


def _rows(row: Sequence[Any]) -> Rows:
    told = row[len(_TENDER) :]
    return Rows(Tender(*row[: len(_TENDER)]), None if told[0] is None else Award(*told))
