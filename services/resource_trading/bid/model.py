"""The table of opened bids: one row per bid on a tender or lot.

Its tender is its root: whoever changes a bid has locked the tender, and `version` is what the
tender had at the bid's last change. Must never hold a bid before the opening, nor a mark but as its
keyed hash.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.resource_trading.tables import Table


class Bid(Table, table=True):
    """A bid as opened. Money in fen; `members` of a consortium (联合体), None where not known;
    `marks` maps each kind that is known to its marks; `score` in hundredths of a point."""

    __tablename__ = "bid"

    ref: str = Field(primary_key=True, foreign_key="tender.ref")
    bid_no: str = Field(primary_key=True)
    state: str
    version: int
    bidder: str
    members: list[str] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    amount: int | None = Field(default=None, sa_column=Column(BigInteger))
    bond_form: str | None = None
    marks: dict[str, list[dict[str, Any]]] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False)
    )
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    result: str | None = None
    ground: str | None = None
    rank_no: int | None = None
    score: int | None = None
