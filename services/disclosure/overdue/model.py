"""The tables of overdue facts, of how much each office handled, and of when a case was decided.

`about` and `finding_id` tell which case it is: they are never shown.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Text, text
from sqlmodel import Field

from services.disclosure.tables import Table


def _instant(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _code(*, nullable: bool = False) -> Any:
    return Column(Text, nullable=nullable)


class Overdue(Table, table=True):
    """An overdue fact (超期) with the office's answer.

    `month` is the first day of the civil month in which the limit was passed. `state`: `standing`
    (not done yet), `finished` (done late) or `closed` (set right): both still count in their
    month; `rescinded` counts nowhere. From `opens_at` on the fact counts, and is shown under
    `public_id`, which is random: a derived one could be tried out with case numbers.
    """

    __tablename__ = "overdue"
    __table_args__ = (
        Index("overdue_standing", "office", postgresql_where="state = 'standing'"),
        Index("overdue_of_month", "month", "office"),
        Index("overdue_changed", "changed_at"),
        Index("overdue_open", "opens_at", "public_id"),
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
    public_id: UUID = Field(
        sa_column_kwargs={"server_default": text("gen_random_uuid()")}, unique=True
    )
    about: str | None = Field(None, sa_column=_code(nullable=True))
    over: int | None = None
    unit: str | None = Field(None, sa_column=_code(nullable=True))
    paused: bool | None = Field(None, sa_column=Column(Boolean, nullable=True))
    handling: str | None = Field(None, sa_column=_code(nullable=True))
    opens_at: datetime | None = Field(None, sa_column=_instant(nullable=True))
    claim: str | None = Field(None, sa_column=_code(nullable=True))
    cause: str | None = Field(None, sa_column=_code(nullable=True))
    statement: str | None = Field(None, sa_column=_code(nullable=True))
    answered_at: datetime | None = Field(None, sa_column=_instant(nullable=True))
    waived_for: str | None = Field(None, sa_column=_code(nullable=True))


class OfficeMonth(Table, table=True):
    """How many cases an office decided, or tenders it published, in a month: the counts' base."""

    __tablename__ = "office_month"
    __table_args__ = (Index("office_month_month", "month"),)

    matter: str = Field(sa_column=Column(Text, primary_key=True))
    region: str = Field(primary_key=True)
    office: str = Field(primary_key=True)
    month: date = Field(sa_column=Column(Date, primary_key=True))
    handled: int


class Decision(Table, table=True):
    """In which month a case was decided, so that a late one is told from one in time."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_month", "month"),)

    about: str = Field(sa_column=Column(Text, primary_key=True))
    month: date = Field(sa_column=Column(Date, nullable=False))
