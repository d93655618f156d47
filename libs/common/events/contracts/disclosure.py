"""Events of disclosure (信息公开): what was published and withdrawn."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.events.payload import Code, Codes, Payload

RecordKind = Annotated[
    Code, Codes(("tender_notice", "candidates", "award", "decision", "overdue", "contract"))
]


class RecordPublished(Payload, type="cn.sunlight.disclosure.record.published.v1"):
    """A record became public (公开)."""

    record_id: Code
    kind: RecordKind
    about: Code | None = Field(None, description="the subject the record is about")


class RecordWithdrawn(Payload, type="cn.sunlight.disclosure.record.withdrawn.v1"):
    """A record was withdrawn; its tombstone stays (撤回)."""

    record_id: Code
    reason: Code
