"""The table of idempotency keys, one in each service's schema, and its queries.

The claim is the row's insert: a second request with the same key waits in PostgreSQL for the
first one's transaction. Must never be written outside the command's transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import asyncpg
import orjson
from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.engine import Connection
from libs.common.db.statements import Write, json_text

KEPT: Final = timedelta(hours=24)
LOCK_WAIT: Final = "3s"
"""Shorter than a writer's transaction time-out, so that the waiter gets an answer of its own."""

IDEMPOTENCY_SQL: Final = """
CREATE TABLE idempotency_key (
    key text,
    route text,
    actor text,
    body_hash text NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, route, actor)
);
CREATE INDEX ix_idempotency_key_at ON idempotency_key (at);
"""
CLAIM: Final = """
INSERT INTO idempotency_key AS k (key, route, actor, body_hash)
VALUES ($1, $2, $3, $4)
ON CONFLICT (key, route, actor) DO UPDATE
   SET body_hash = excluded.body_hash, status = NULL, headers = NULL, body = NULL,
       at = excluded.at
 WHERE k.at < now() - make_interval(hours => 24)
RETURNING key
"""
FIND: Final = """
SELECT body_hash, status, headers::text AS headers, body FROM idempotency_key
 WHERE key = $1 AND route = $2 AND actor = $3
"""
KEEP: Final = """
UPDATE idempotency_key SET status = $4, headers = $5, body = $6
 WHERE key = $1 AND route = $2 AND actor = $3
"""
PRUNE: Final = text("DELETE FROM idempotency_key WHERE at < :before")


class KeyOfClaim(Protocol):
    """What names a row, and the hash of what was sent."""

    @property
    def key(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def body_hash(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """What the claim met: nothing (it is ours), an earlier answer, or a request at work."""

    body_hash: str | None = None
    stored: Stored | None = None
    busy: bool = False


def idempotency_table(metadata: MetaData, schema: str | None = None) -> Table:
    """The table, for a service's metadata; its first migration creates it with `IDEMPOTENCY_SQL`.

    `body` may hold personal data of the caller's own answer: it is deleted after `KEPT`.
    """
    return Table(
        "idempotency_key",
        metadata,
        Column("key", Text, primary_key=True),
        Column("route", Text, primary_key=True),
        Column("actor", Text, primary_key=True),
        Column("body_hash", Text, nullable=False),
        Column("status", Integer),
        Column("headers", JSONB),
        Column("body", LargeBinary),
        Column(
            "at", DateTime(timezone=True), nullable=False, server_default=text("now()"), index=True
        ),
        schema=schema,
    )


async def claim(connection: Connection, claimed: KeyOfClaim) -> Found:
    """Take the key, or say what stands there; waits for a request that is at work with it.

    The connection is in the command's transaction, whose lock time-out is `LOCK_WAIT`.
    """
    key = (claimed.key, claimed.route, claimed.actor)
    try:
        taken = await connection.fetchrow(CLAIM, *key, claimed.body_hash)
    except asyncpg.LockNotAvailableError:
        return Found(busy=True)
    if taken is not None:
        return Found()
    (row,) = await connection.fetch(FIND, *key)
    if row["status"] is None:
        return Found(body_hash=row["body_hash"], busy=True)
    answer = Stored(row["status"], orjson.loads(row["headers"]), row["body"])
    return Found(row["body_hash"], answer)


def kept(claimed: KeyOfClaim, answer: Stored) -> Write:
    """The answer beside the key; written with the command's last rows."""
    key = (claimed.key, claimed.route, claimed.actor)
    return Write(KEEP, (*key, answer.status, json_text(answer.headers), answer.body))


async def prune(session: AsyncSession, *, now: datetime) -> int:
    """Delete keys older than `KEPT`; returns how many. For the service's daily task."""
    deleted = await session.execute(PRUNE, {"before": now - KEPT})
    return int(getattr(deleted, "rowcount", 0))
