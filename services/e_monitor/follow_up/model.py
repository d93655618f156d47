"""The table of what was done about findings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel


def _instant() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=True)


class FollowUp(SQLModel, table=True):
    """The handling of one finding, as it stands; the finding's history has every step.

    `finding_version` and `status` are the finding's own. The posts say who did a step, so that
    nobody verifies their own work; no name of a person is kept.
    """

    __tablename__ = "follow_up"

    finding: UUID = Field(primary_key=True)
    answer_by: date | None = None
    claim: str | None = None
    cause: str | None = None
    statement: str | None = None
    answered_at: datetime | None = Field(default=None, sa_column=_instant())
    answered_post: str | None = None
    corrected_at: datetime | None = Field(default=None, sa_column=_instant())
    corrected_post: str | None = None
    verified_at: datetime | None = Field(default=None, sa_column=_instant())
    verified_post: str | None = None
    closed_at: datetime | None = Field(default=None, sa_column=_instant())
