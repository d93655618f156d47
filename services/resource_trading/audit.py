"""Who did what, when: one row per command, append-only also for the service's own role.

Written in the command's transaction. Must never be read by a use case to decide anything.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, DateTime, Identity, insert
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field

from services.resource_trading.actor import Actor
from services.resource_trading.tables import Table


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


_INSERT: Final = insert(Audit.metadata.tables["audit"])


async def record(
    session: AsyncSession,
    actor: Actor,
    action: str,
    subject: str,
    version: int,
    *,
    at: datetime,
    detail: dict[str, Any],
) -> None:
    """Add the row of one command."""
    row = {
        "at": at,
        "post": actor.post,
        "office": actor.office,
        "action": action,
        "subject": subject,
        "version": version,
        "detail": detail,
    }
    await session.execute(_INSERT, row)
