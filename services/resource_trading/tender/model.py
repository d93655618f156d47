"""The table of tenders: one row per lot, from publication to the end of its contract.

It is the root of its award too: both share one version and one sequence of events. Must never hold
a bid, a bidder or a count of either before the opening (招标投标法 22).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.resource_trading.tables import Table


def _instant(*, required: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=not required)


class Tender(Table, table=True):
    """A tender or one lot (标段) of it. `version` is the sequence of its last event and its ETag.

    `ref` is the tender number, with `~lot` where there are lots; `history` what its events said,
    [type, microseconds, data] each; `objections` maps the number of each open objection to what it
    is against.
    """

    __tablename__ = "tender"

    ref: str = Field(primary_key=True)
    tender_no: str
    lot: str | None = None
    region: str = Field(index=True)
    office: str
    kind: str
    mandatory: bool = Field(sa_column=Column(Boolean, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int
    documents_from: datetime = Field(sa_column=_instant(required=True))
    documents_until: datetime | None = Field(default=None, sa_column=_instant())
    bid_deadline: datetime = Field(sa_column=_instant(required=True))
    estimated_price: int | None = Field(default=None, sa_column=Column(BigInteger))
    bid_bond: int | None = Field(default=None, sa_column=Column(BigInteger))
    objections: dict[str, str] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False)
    )
    history: list[list[Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))

    @property
    def subject(self) -> str:
        """The subject of its events: `tender/<tender_no>`, or `tender/<tender_no>/<lot>`."""
        return "tender/" + self.ref.replace("~", "/")
