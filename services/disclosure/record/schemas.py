"""What the API says of records.

Must never show the subject of a record: for a licence it is the applicant's case number.
"""

from collections.abc import Sequence
from datetime import datetime
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


class Tombstone(BaseModel):
    """What stays of a withdrawn record."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    region: str
    office: str
    published_at: datetime
    withdrawn_at: datetime
    withdrawal_ground: str = Field(description="law and article under which it was withdrawn")
    withdrawal_reason: str
