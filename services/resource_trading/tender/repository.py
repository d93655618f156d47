"""Every query on tenders and their awards.

Must never commit: the edge does.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.resource_trading.award.model import Award
from services.resource_trading.tables import AUDIT
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

AWARDED: Final = {State.PUBLICISED, State.DECIDED, State.NOTIFIED, State.CONTRACTED}
_NOW: Final = text("SELECT city_now()")
_CITY_NOW: Final = func.city_now(type_=Tender.__table__.c.bid_deadline.type)  # type: ignore[attr-defined]
_ROWS: Final = select(Tender, Award).outerjoin(Award, col(Award.ref) == col(Tender.ref))
# Built once: making a statement costs more than sending it.
_AUDIT: Final = insert(AUDIT)
_OURS: Final = (col(Tender.ref) == bindparam("number"), col(Tender.region) == bindparam("within"))
_FIND: Final = _ROWS.where(*_OURS)
_LOCK: Final = select(Tender, _CITY_NOW).where(*_OURS).with_for_update(of=Tender)


async def city_now(session: AsyncSession) -> datetime:
    """The city's time."""
    now: datetime = (await session.execute(_NOW)).scalar_one()
    return now


async def add(session: AsyncSession, tender: Tender, audited: Mapping[str, Any]) -> bool:
    """Insert a tender and its audit row; False when there is one of that number already."""
    row = insert(Tender).values(tender.model_dump()).on_conflict_do_nothing()
    added = await session.execute(row.returning(col(Tender.ref)))
    if added.first() is None:
        return False
    await session.execute(_AUDIT, audited)
    return True


async def save(
    session: AsyncSession, tender: Tender, award: Award | None, audited: Mapping[str, Any]
) -> None:
    """Write what changed on a locked tender and its award, and its audit row."""
    if award is not None:
        session.add(award)
    session.add(tender)
    await session.flush()
    await session.execute(_AUDIT, audited)


async def lock(
    session: AsyncSession, ref: str, region: str
) -> tuple[Tender, Award | None, datetime] | None:
    """The region's tender, locked until the transaction ends, its award and the city's time.

    A waiter sees all three as they are after the one before it has committed: the award is read
    by a statement of its own, because a waiting one keeps what it saw of tables it does not lock.
    """
    row = (await session.execute(_LOCK, {"number": ref, "within": region})).one_or_none()
    if row is None:
        return None
    award = await session.get(Award, ref) if row[0].state in AWARDED else None
    return row[0], award, row[1]


async def find(session: AsyncSession, ref: str, region: str) -> tuple[Tender, Award | None] | None:
    """The region's tender and its award as they are now."""
    row = (await session.execute(_FIND, {"number": ref, "within": region})).one_or_none()
    return None if row is None else (row[0], row[1])


async def page(
    session: AsyncSession, region: str, *, state: State | None, after: str | None, limit: int
) -> list[tuple[Tender, Award | None]]:
    """Up to `limit` tenders of a region by number, those after `after`."""
    statement = _ROWS.where(col(Tender.region) == region)
    if state is not None:
        statement = statement.where(col(Tender.state) == state)
    if after is not None:
        statement = statement.where(col(Tender.ref) > after)
    rows = await session.execute(statement.order_by(col(Tender.ref)).limit(limit))
    return [(row[0], row[1]) for row in rows]
