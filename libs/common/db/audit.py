"""Who did what, when: one row per command, append-only also for the service's own role.

One table in each service's schema. Written in the command's transaction. Must never be read by a
use case to decide anything.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, MetaData, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from libs.common.db.statements import Write, insert_sql, json_text

AUDIT_SQL: Final = """
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    post varchar NOT NULL,
    office varchar NOT NULL,
    action varchar NOT NULL,
    subject varchar NOT NULL,
    version integer NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX ix_audit_subject ON audit (subject);
"""
_COLUMNS: Final = ("at", "post", "office", "action", "subject", "version", "detail")
_INSERT: Final = insert_sql("audit", _COLUMNS)


def audit_table(metadata: MetaData) -> Table:
    """The table, for a service's metadata; its first migration creates it with `AUDIT_SQL`.

    `version` is the subject's after the command; `detail` what no event says.
    """
    return Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("post", String, nullable=False),
        Column("office", String, nullable=False),
        Column("action", String, nullable=False),
        Column("subject", String, nullable=False, index=True),
        Column("version", Integer, nullable=False),
        Column("detail", JSONB, nullable=False),
    )


def audit_write(
    post: str,
    office: str,
    action: str,
    subject: str,
    version: int,
    *,
    at: datetime,
    detail: Mapping[str, Any],
) -> Write:
    """The row of one command."""
    return Write(_INSERT, (at, post, office, action, subject, version, json_text(dict(detail))))
