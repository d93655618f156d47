"""Every query on tenders and their awards.

Must never commit: the edge does.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.resource_trading.award.model import Award
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

AWARDED: Final = {State.PUBLICISED, State.DECIDED, State.NOTIFIED, State.CONTRACTED}
# The id comes before the time: `emit` says why.
_ID: Final = func.pg_current_xact_id()
_NOW: Final = text("SELECT pg_current_xact_id(), city_now()")
_CITY_NOW: Final = func.city_now(type_=Tender.__table__.c.bid_deadline.type)  # type: ignore[attr-defined]
_ROWS: Final = select(Tender, Award).outerjoin(Award, col(Award.ref) == col(Tender.ref))
# Built once: making a statement costs more than sending it.
_OURS: Final = (col(Tender.ref) == bindparam("number"), col(Tender.region) == bindparam("within"))
_FIND: Final = _ROWS.where(*_OURS)
_LOCK: Final = select(Tender, _ID, _CITY_NOW).where(*_OURS).with_for_update(of=Tender)


async def city_now(session: AsyncSession) -> datetime:
    """The city's time."""
    now: datetime = (await session.execute(_NOW)).one()[1]
    return now


async def add(session: AsyncSession, tender: Tender) -> bool:
    """Insert a tender; False when there is one of that number already."""
    row = insert(Tender).values(tender.model_dump()).on_conflict_do_nothing()
    added = await session.execute(row.returning(col(Tender.ref)))
    return added.first() is not None


async def save(session: AsyncSession, tender: Tender, award: Award | None) -> None:
    """Write what changed on a locked tender and its award."""
    if award is not None:
        session.add(award)
    session.add(tender)
    await session.flush()


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
    return row[0], award, row[2]


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
