"""Every query on bids.

Must never commit: the edge does. Whoever writes a bid has locked its tender.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.writes import Write, insert_sql, row_values
from services.resource_trading.bid.model import Bid

_COLUMNS: Final = tuple(column.name for column in Bid.metadata.tables["bid"].c)
_JSON: Final = frozenset({"members", "marks"})
_KEY: Final = ("ref", "bid_no")
_CHANGES: Final = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)
_UPSERT: Final = (
    f"{insert_sql('bid', _COLUMNS)} ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {_CHANGES}"
)
_RAISE: Final = "UPDATE tender SET version = $2 WHERE ref = $1"


def saved(bid: Bid) -> Write:
    """A new bid, or what changed on one."""
    return Write(_UPSERT, row_values(bid, _COLUMNS, _JSON))


def raised(ref: str, version: int) -> Write:
    """A locked tender's next version."""
    return Write(_RAISE, (ref, version))


async def find(session: AsyncSession, ref: str, bid_no: str) -> Bid | None:
    """One bid, apart from the session: `saved` writes it."""
    statement = select(Bid).where(col(Bid.ref) == ref, col(Bid.bid_no) == bid_no)
    bid = (await session.execute(statement)).scalar_one_or_none()
    if bid is not None:
        session.expunge(bid)
    return bid


async def page(session: AsyncSession, ref: str, after: str | None, limit: int) -> list[Bid]:
    """Up to `limit` bids of a tender by number, those after `after`."""
    statement = select(Bid).where(col(Bid.ref) == ref)
    if after is not None:
        statement = statement.where(col(Bid.bid_no) > after)
    rows = await session.execute(statement.order_by(col(Bid.bid_no)).limit(limit))
    return list(rows.scalars())
