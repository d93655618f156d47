"""What only the pages ask of the database. Must never write."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.scope import Scope
from services.resource_trading.tender.policy import State
from services.resource_trading.tender.repository import AWARDS, TENDERS

_OF: Final = select(
    TENDERS.c.ref,
    TENDERS.c.lot,
    TENDERS.c.state,
    TENDERS.c.bid_deadline,
    TENDERS.c.objections,
    AWARDS.c.winner,
    AWARDS.c.award_price,
    AWARDS.c.contract_price,
).outerjoin_from(TENDERS, AWARDS, AWARDS.c.ref == TENDERS.c.ref)


class Lot(NamedTuple):
    """A lot of a tender: its address, its name, where it stands and what came of it. Fen."""

    ref: str
    lot: str | None
    state: str
    bid_deadline: datetime | None
    objections: dict[str, str]
    winner: str | None
    award_price: int | None
    contract_price: int | None

    @property
    def held(self) -> bool:
        """Whether an open objection stops it."""
        return bool(self.objections) and self.state != State.TERMINATED


async def lots(
    session: AsyncSession, tender_no: str, region: str, within: Scope, most: int
) -> list[Lot]:
    """Up to `most` lots of a region's tender that lie in the scope, by number."""
    statement = (
        _OF.where(TENDERS.c.tender_no == tender_no, TENDERS.c.region == region)
        .where(within.where(TENDERS.c.region, TENDERS.c.office))
        .order_by(TENDERS.c.ref)
        .limit(most)
    )
    return [Lot(*row) for row in await session.execute(statement)]
