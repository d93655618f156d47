"""What the API says of records and overdue counts.

Must never show the subject of a record: for a licence it is the applicant's case number.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["tender_notice", "candidates", "award", "contract", "decision"]


class Record(BaseModel):
    """One public record. `facts` depend on the kind; money in integer fen, times with offset."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    region: str
    office: str = Field(description="code of the office; empty where the event named none")
    regime: str | None
    happened_at: datetime
    published_at: datetime
    ground: str = Field(description="law and article under which it is public")
    facts: dict[str, Any]


class RecordPage(BaseModel):
    """Newest first; `Link: rel="next"` where there are more."""

    items: Sequence[Record]


class OfficeCount(BaseModel):
    """Overdue matters of one office. `handled` is the month's base, null where not known."""

    model_config = ConfigDict(from_attributes=True)

    matter: str
    region: str
    office: str
    month: date = Field(description="first day of the civil month")
    standing: int = Field(description="over the limit and not set right, all months")
    occurred: int = Field(description="passed the limit in this month")
    handled: int | None


class OverdueList(BaseModel):
    """Offices with overdue matters or with anything handled in the month."""

    items: Sequence[OfficeCount]
