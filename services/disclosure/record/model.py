"""The tables of what is public: records, overdue facts, and how much each office handled.

Must never hold a name, a number or a telephone of a person: what stands here is shown to everyone.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.disclosure.tables import Table


def _instant() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _code() -> Any:
    return Column(Text, nullable=False)


class Record(Table, table=True):
    """One published record (公开记录).

    `about` and `sequence`: the subject it is about and its number among that subject's records.
    `office` is empty where the event named none. `facts` hold only what `policy` lets through.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("about", "sequence"),
        Index("record_newest", "published_at", "id"),
        Index("record_of_kind", "kind", "published_at", "id"),
        Index("record_of_office", "office", "published_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_column=_code())
    about: str
    sequence: int
    region: str
    office: str
    regime: str | None = None
    happened_at: datetime = Field(sa_column=_instant())
    published_at: datetime = Field(sa_column=_instant())
    ground: str
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class Overdue(Table, table=True):
    """A public overdue fact (超期): counted, never shown alone.

    `month` is the first day of the civil month in which the limit was passed. `state`: `standing`,
    `closed` (set right, still counts in its month) or `rescinded` (counts nowhere).
    """

    __tablename__ = "overdue"
    __table_args__ = (
        Index("overdue_standing", "office", postgresql_where="state = 'standing'"),
        Index("overdue_of_month", "month", "office"),
    )

    finding_id: str = Field(primary_key=True)
    rule: str
    matter: str = Field(sa_column=_code())
    region: str
    office: str
    occurred_at: datetime = Field(sa_column=_instant())
    month: date = Field(sa_column=Column(Date, nullable=False))
    state: str = Field(sa_column=_code())
    changed_at: datetime = Field(sa_column=_instant())


class OfficeMonth(Table, table=True):
    """How many cases an office decided, or tenders it published, in a month: the counts' base."""

    __tablename__ = "office_month"
    __table_args__ = (Index("office_month_month", "month"),)

    matter: str = Field(sa_column=Column(Text, primary_key=True))
    region: str = Field(primary_key=True)
    office: str = Field(primary_key=True)
    month: date = Field(sa_column=Column(Date, primary_key=True))
    handled: int
