"""What only the pages ask of the database. Must never write."""

from typing import Final, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.resource_trading.tender.model import Tender

_LOTS: Final = (
    select(col(Tender.ref), col(Tender.lot), col(Tender.state))
    .where(
        col(Tender.region) == bindparam("within"),
        col(Tender.tender_no) == bindparam("number"),
    )
    .order_by(col(Tender.ref))
    .limit(bindparam("most"))
)


class Lot(NamedTuple):
    """A lot of a tender: its address, its name and where it stands."""

    ref: str
    lot: str | None
    state: str


async def lots(session: AsyncSession, tender_no: str, region: str, most: int) -> list[Lot]:
    """Up to `most` lots of a tender, by number."""
    values = {"within": region, "number": tender_no, "most": most}
    rows = await session.execute(_LOTS, values)
    return [Lot(*row) for row in rows]
