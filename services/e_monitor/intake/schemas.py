"""The intake's answers over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from libs.common.web.errors import in_language
from libs.common.web.language import Language
from libs.common.web.problem import ProblemField
from services.e_monitor.intake.service import Answer


class EventFault(ProblemField):
    """One thing that is wrong with an event."""

    code: str


class EventAnswer(BaseModel):
    """What became of one event; `pointer`s lead into the request body."""

    index: int = Field(description="place in the batch, from 0")
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    id: str | None = None
    subject: str | None = None
    sequence: int | None = Field(None, description="its number within its subject, from 1")
    errors: list[EventFault] = []

    @classmethod
    def of(cls, answer: Answer, language: Language, prefix: str = "") -> EventAnswer:
        """The answer in `language`; `prefix` is the event's place in the request body."""
        return cls(
            index=answer.index,
            status=answer.status,
            id=answer.id,
            subject=answer.subject,
            sequence=answer.sequence,
            errors=[
                EventFault(
                    code=fault.code,
                    pointer=prefix + fault.pointer,
                    message=in_language(fault.message, language),
                )
                for fault in answer.faults
            ],
        )


class SourceRow(BaseModel):
    """A source as its page shows it."""

    source: str
    title: dict[str, str]
    accepted: int
    duplicates: int
    conflicts: int
    rejected: int
    parked: int
    last_at: datetime | None
    allowance_working_days: int
