"""An award as it stands now, and the table of awards: one row per tender that has come to one.

Its tender is its root: whoever changes an award has locked the tender. Must never have a version of
its own.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.resource_trading.tables import Table


def _instant() -> Any:
    return Column(DateTime(timezone=True))


class AwardTable(Table, table=True):
    """The table of awards."""

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


@dataclass(slots=True)
class Award:
    """Who is publicised, who won, what was signed: the columns of `AwardTable`. Money in fen."""

    ref: str
    publicity_from: datetime | None = None
    publicity_until: datetime | None = None
    candidates: list[dict[str, Any]] = field(default_factory=list)
    winner: str | None = None
    award_price: int | None = None
    decided_at: datetime | None = None
    notice_at: datetime | None = None
    reported_at: datetime | None = None
    signed_at: datetime | None = None
    contract_price: int | None = None
    performance_bond: int | None = None
    refunded_at: datetime | None = None
