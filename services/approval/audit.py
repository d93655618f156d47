"""Who did what, when: one row per command, append-only also for the service's own role.

Written in the command's transaction. Must never be read by a use case to decide anything.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, DateTime, Identity, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.approval.actor import Actor
from services.approval.tables import Table


class Audit(Table, table=True):
    """A command that was done. `version` is the subject's after it; `detail` what no event says."""

    __tablename__ = "audit"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    post: str
    office: str
    action: str
    subject: str = Field(index=True)
    version: int
    detail: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


TABLE: Final = Audit.metadata.tables["audit"]
INSERT: Final = insert(TABLE)


def row_of(
    actor: Actor,
    action: str,
    subject: str,
    version: int,
    *,
    at: datetime,
    detail: Mapping[str, Any],
) -> dict[str, Any]:
    """The row of one command."""
    return {
        "at": at,
        "post": actor.post,
        "office": actor.office,
        "action": action,
        "subject": subject,
        "version": version,
        "detail": dict(detail),
    }
