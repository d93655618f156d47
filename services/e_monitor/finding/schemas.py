"""What the API shows of findings. Times RFC 3339; texts in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.law.fold import Fold
from services.e_monitor import addresses
from services.e_monitor.finding import reading


class Finding(BaseModel):
    """A finding as it stands: a process fact or a lead (线索), never a verdict.

    `stage` detected, yellow, red; `severity` info, yellow, red, lead; `status` open, assigned,
    explained, corrected, verified, closed, waived, escalated, rescinded. `why` is the page with
    the clock's arithmetic.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    rule: str
    rule_version: str
    title: dict[str, str]
    subject: str
    occurrence: int
    stage: str
    severity: str
    status: str
    occurred_at: datetime
    detected_at: datetime
    evidence: dict[str, Any]
    region: str | None
    department: str | None
    version: int
    rescinded_at: datetime | None
    reason: str | None
    why: str = Field(description="address of the page that explains it")


class Change(BaseModel):
    """One entry of a finding's history."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    at: datetime
    change: str
    stage: str
    severity: str
    occurred_at: datetime
    evidence: dict[str, Any]
    reason: str | None
    post: str | None = Field(None, description="who took the step; None: the platform itself")
    office: str | None = None
    note: str | None = Field(None, description="what the post noted for those who handle it next")


class FindingWithHistory(Finding):
    """A finding and everything that happened to it, oldest first."""

    history: list[Change]


class FindingPage(BaseModel):
    """Findings, newest first; the next page is in `Link`."""

    items: list[Finding]


class Horizon(BaseModel):
    """To when the data is complete: of every topic our rules wait for, and of each.

    None, or a topic left out: a partition has announced nothing yet.
    """

    complete_to: datetime | None
    topics: dict[str, datetime]


def shown(finding: reading.Finding, law: Fold) -> Finding:
    """A finding with its rule's title and the address of its explanation."""
    return Finding.model_validate(_values(finding, law))


def shown_with_history(
    finding: reading.Finding, law: Fold, history: list[reading.Change]
) -> FindingWithHistory:
    """As `shown`, with the history."""
    return FindingWithHistory.model_validate({**_values(finding, law), "history": history})


def _values(finding: reading.Finding, law: Fold) -> dict[str, Any]:
    values = {name: getattr(finding, name) for name in reading.FIELDS}
    return {
        **values,
        "title": title_of(law, finding.rule),
        "why": addresses.why(finding.subject, finding.rule, finding.occurrence),
    }


def title_of(law: Fold, rule: str) -> dict[str, str]:
    """The title of a rule; the id of one that is no longer installed."""
    versions = law.book.by_id.get(rule)
    return versions[-1].title.model_dump() if versions else {"zh": rule, "en": rule}
