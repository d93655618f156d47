"""The table of idempotency keys, one in each service's schema, and its queries.

The claim is the row's insert: a second request with the same key waits in PostgreSQL for the
first one's transaction. Must never be written outside the command's transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

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
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

KEPT: Final = timedelta(hours=24)
LOCK_WAIT: Final = "3s"
"""Shorter than a writer's transaction time-out, so that the waiter gets an answer of its own."""
LOCK_NOT_AVAILABLE: Final = "55P03"

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
CLAIM: Final = text(
    """
    INSERT INTO idempotency_key AS k (key, route, actor, body_hash)
    VALUES (:key, :route, :actor, :body_hash)
    ON CONFLICT (key, route, actor) DO UPDATE
       SET body_hash = excluded.body_hash, status = NULL, headers = NULL, body = NULL,
           at = excluded.at
     WHERE k.at < now() - make_interval(hours => 24)
    RETURNING key
    """
)
FIND: Final = text(
    """
    SELECT body_hash, status, headers, body FROM idempotency_key
     WHERE key = :key AND route = :route AND actor = :actor
    """
)
KEEP: Final = text(
    """
    UPDATE idempotency_key SET status = :status, headers = cast(:headers AS jsonb), body = :body
     WHERE key = :key AND route = :route AND actor = :actor
    """
)
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


async def claim(session: AsyncSession, claimed: KeyOfClaim) -> Found:
    """Take the key, or say what stands there; waits for a request that is at work with it."""
    await session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
    try:
        taken = await session.execute(CLAIM, {**_row(claimed), "body_hash": claimed.body_hash})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            return Found(busy=True)
        raise
    if taken.first() is not None:
        return Found()
    row = (await session.execute(FIND, _row(claimed))).one()
    if row.status is None:
        return Found(body_hash=row.body_hash, busy=True)
    return Found(row.body_hash, Stored(row.status, row.headers, row.body))


async def keep(session: AsyncSession, claimed: KeyOfClaim, answer: Stored) -> None:
    """Store the answer beside the key; committed with the command."""
    values: dict[str, Any] = {
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "body": answer.body,
    }
    await session.execute(KEEP, {**_row(claimed), **values})


async def prune(session: AsyncSession, *, now: datetime) -> int:
    """Delete keys older than `KEPT`; returns how many. For the service's daily task."""
    deleted = await session.execute(PRUNE, {"before": now - KEPT})
    return int(getattr(deleted, "rowcount", 0))


def _row(claimed: KeyOfClaim) -> dict[str, str]:
    return {"key": claimed.key, "route": claimed.route, "actor": claimed.actor}
