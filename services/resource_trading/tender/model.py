"""A tender as it stands now, and the table of tenders: one row per lot, to the end of its contract.

It is the root of its award too: both share one version and one sequence of events. Must never hold
a bid, a bidder or a count of either before the opening (招标投标法 22).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.resource_trading.tables import Table


def _instant() -> Any:
    return Column(DateTime(timezone=True))


class TenderTable(Table, table=True):
    """The table of tenders. What `Tender` says of a field holds here too."""

    __tablename__ = "tender"
    __table_args__ = (Index("tender_of_number", "tender_no"),)

    ref: str = Field(primary_key=True)
    tender_no: str
    lot: str | None = None
    region: str = Field(index=True)
    office: str
    kind: str | None = None
    mandatory: bool | None = Field(default=None, sa_column=Column(Boolean))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int
    documents_from: datetime | None = Field(default=None, sa_column=_instant())
    documents_until: datetime | None = Field(default=None, sa_column=_instant())
    bid_deadline: datetime | None = Field(default=None, sa_column=_instant())
    estimated_price: int | None = Field(default=None, sa_column=Column(BigInteger))
    bid_bond: int | None = Field(default=None, sa_column=Column(BigInteger))
    objections: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False)
    )
    history: list[list[Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    origin: str | None = None


@dataclass(slots=True)
class Tender:
    """A tender or one lot (标段) of it: the columns of `TenderTable`, in their order.

    `version` is the sequence of its last event and its ETag. `ref` is the tender number, with
    `~lot` where there are lots; `history` what its events said, [type, microseconds, data] each;
    `objections` maps the number of each open objection to what it is against. `origin` names the
    system that keeps an imported tender: only then may what a tender needs be unknown.

    A plain object, because the table's own class takes ten times as long to make and to change.
    """

    ref: str
    tender_no: str
    lot: str | None
    region: str
    office: str
    kind: str | None
    mandatory: bool | None
    state: str
    version: int
    documents_from: datetime | None
    documents_until: datetime | None
    bid_deadline: datetime | None
    estimated_price: int | None = None
    bid_bond: int | None = None
    objections: dict[str, str] = field(default_factory=dict)
    history: list[list[Any]] = field(default_factory=list)
    origin: str | None = None

    @property
    def subject(self) -> str:
        """The subject of its events: `tender/<tender_no>`, or `tender/<tender_no>/<lot>`."""
        return "tender/" + self.ref.replace("~", "/")
