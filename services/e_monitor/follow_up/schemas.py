"""What the API takes and shows of the handling of a finding. Times RFC 3339."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from libs.common.telemetry.logs import mask

MAX_NOTE = 2000


def _of_no_person(text: str) -> str:
    if mask(text) != text:
        raise ValueError(
            "请勿写入身份证号或电话号码 / must not contain an identity or telephone number"
        )
    return text


Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NOTE),
    AfterValidator(_of_no_person),
]
Statement = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_of_no_person),
]
CauseCode = Literal["window", "department", "applicant", "excluded_time", "outage"]
WaiverReason = Literal["force_majeure", "outage", "applicant", "law_unclear"]
RescindReason = Literal["clock_wrong", "data_wrong"]


class Body(BaseModel):
    """The base of all commands: what they do not know is refused."""

    model_config = ConfigDict(extra="forbid")


class Assign(Body):
    """交办: by when the office is to answer."""

    answer_by: date
    note: Note | None = None


class Answer(Body):
    """说明: what held it up; `clock_wrong` asks for a correction of the clock, not for mercy.

    `statement` is published beside the overdue fact; `note` stays inside.
    """

    claim: Literal["delay", "clock_wrong"] = "delay"
    cause: CauseCode
    statement: Statement
    note: Note | None = None


class Say(Body):
    """A step that may bear a note."""

    note: Note | None = None


class Explained(Body):
    """A step that must say why."""

    note: Note


class Waive(Body):
    """免予处置, on a ground that is counted and on the record."""

    reason: WaiverReason
    note: Note


class Rescind(Body):
    """撤销: the clock or the data were wrong."""

    reason: RescindReason
    note: Note


class FollowUp(BaseModel):
    """How far the handling of a finding is, and what the caller may do next."""

    model_config = ConfigDict(from_attributes=True)

    finding: UUID
    status: str
    version: int
    answer_by: date | None = None
    claim: str | None = None
    cause: str | None = None
    statement: str | None = None
    answered_at: datetime | None = None
    corrected_at: datetime | None = None
    verified_at: datetime | None = None
    closed_at: datetime | None = None
    allowed: list[str] = Field(default_factory=list)


class WorkItem(BaseModel):
    """A finding that waits for somebody."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    rule: str
    title: dict[str, str]
    subject: str
    stage: str
    severity: str
    status: str
    version: int
    occurred_at: datetime
    region: str | None
    department: str | None
    answer_by: date | None


class WorkList(BaseModel):
    """What waits for the caller, oldest first; the next page is in `Link`."""

    items: list[WorkItem]
