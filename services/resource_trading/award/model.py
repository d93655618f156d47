"""The table of awards: one row per tender that has come to one.

Its tender is its root: whoever changes an award has locked the tender. Must never have a version of
its own.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.resource_trading.tables import Table


def _instant() -> Any:
    return Column(DateTime(timezone=True))


class Award(Table, table=True):
    """Who is publicised, who won, what was signed. Money in fen."""

    __tablename__ = "award"

    ref: str = Field(primary_key=True, foreign_key="tender.ref")
    publicity_from: datetime | None = Field(default=None, sa_column=_instant())
    publicity_until: datetime | None = Field(default=None, sa_column=_instant())
    candidates: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False)
    )
    winner: str | None = None
    award_price: int | None = Field(default=None, sa_column=Column(BigInteger))
    decided_at: datetime | None = Field(default=None, sa_column=_instant())
    notice_at: datetime | None = Field(default=None, sa_column=_instant())
    reported_at: datetime | None = Field(default=None, sa_column=_instant())
    signed_at: datetime | None = Field(default=None, sa_column=_instant())
    contract_price: int | None = Field(default=None, sa_column=Column(BigInteger))
    performance_bond: int | None = Field(default=None, sa_column=Column(BigInteger))
    refunded_at: datetime | None = Field(default=None, sa_column=_instant())
