"""The table of what is public.

Must never hold a name, a number or a telephone of a person: what stands here is shown to everyone.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text, UniqueConstraint
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
    `office` is empty where the event named none. `facts` hold only what `policy` lets through. Of a
    withdrawn record the tombstone stays: when, on what ground and why, and no facts.
    """

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("about", "sequence"),
        Index("record_newest", "published_at", "id"),
        Index("record_of_kind", "kind", "published_at", "id"),
        Index("record_of_office", "office", "published_at", "id"),
        Index("record_withdrawn", "withdrawn_at", postgresql_where="withdrawn_at IS NOT NULL"),
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
    withdrawn_at: datetime | None = Field(
        None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    withdrawal_ground: str | None = Field(None, sa_column=Column(Text, nullable=True))
    withdrawal_reason: str | None = Field(None, sa_column=Column(Text, nullable=True))
