"""What the API says of overdue matters.

Must never show which case or finding it is.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class OfficeCount(BaseModel):
    """Overdue matters of one office. `handled` is the month's base, null where not known.

    A matter is counted in `standing` and `occurred` once the office has answered for it, or its
    time to answer has passed, or no answer is asked any more; until then it is in `waiting` alone.
    """

    model_config = ConfigDict(from_attributes=True)

    matter: str
    region: str
    office: str
    month: date = Field(description="first day of the civil month")
    standing: int = Field(description="counted: over the limit and not done yet, all months")
    occurred: int = Field(description="counted: passed the limit in this month, done since or not")
    waiting: int = Field(
        description="not counted yet, awaiting the office's answer, not verified: "
        "over the limit and not done yet, or passed it in this month"
    )
    handled: int | None


class OverdueList(BaseModel):
    """Offices with overdue matters or with anything handled in the month."""

    items: Sequence[OfficeCount]


class OverdueFact(BaseModel):
    """One overdue fact with the office's answer, once it may be shown."""

    model_config = ConfigDict(from_attributes=True)

    public_id: UUID = Field(description="permanent, and derived from nothing")
    matter: str
    rule: str = Field(description="the limit that was passed")
    region: str
    office: str
    occurred_at: datetime = Field(description="the first instant past the limit")
    state: str = Field(description="standing, finished (done late), closed (set right)")
    over: int | None = Field(description="units past the limit, once done")
    unit: str | None
    paused: bool | None = Field(description="whether the clock was paused at any time")
    handling: str | None
    opens_at: datetime = Field(description="answered, or the time to answer had passed")
    claim: str | None = Field(description="delay, or clock_wrong; null: no answer")
    cause: str | None
    statement: str | None = Field(description="the office's own words")
    answered_at: datetime | None
    waived_for: str | None


class OverdueFactPage(BaseModel):
    """Newest first; `Link: rel="next"` where there are more."""

    items: Sequence[OverdueFact]
