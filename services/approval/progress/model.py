"""The table of wrong tries, so that all processes agree. Must never hold a code that was tried."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.approval.tables import Table

_INSTANT: Any = DateTime(timezone=True)


class ProgressTry(Table, table=True):
    """Wrong tries on one case number, whether there is such a case or not."""

    __tablename__ = "progress_try"
    __table_args__ = (Index("progress_try_last", "last_at"),)

    case_no: str = Field(primary_key=True)
    wrong: list[datetime] = Field(sa_column=Column(ARRAY(_INSTANT), nullable=False))
    last_at: datetime = Field(sa_column=Column(_INSTANT, nullable=False))
    closed_until: datetime | None = Field(default=None, sa_column=Column(_INSTANT))
