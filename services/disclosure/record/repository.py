"""Every query on records: asyncpg for the consumer, SQLAlchemy for readers.

Must never commit: the batch or the request does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.bulk import fetch_unnest
from libs.common.db.engine import Connection
from services.disclosure.record.model import Record

# Rows go in sorted by key: two workers that meet in one wait for each other, never in a ring.
_INSERT: Final = """
INSERT INTO record (id, kind, about, sequence, region, office, regime, happened_at, published_at,
                    ground, facts)
SELECT w.id, w.kind, w.about, w.sequence, w.region, w.office, w.regime, w.happened_at, city_now(),
       w.ground, w.facts
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[],
            $8::timestamptz[], $9::text[], $10::jsonb[])
  AS w(id, kind, about, sequence, region, office, regime, happened_at, ground, facts)
ON CONFLICT DO NOTHING
RETURNING id, published_at
"""
_NOW: Final = text("SELECT city_now()")


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to be written; `causation` is the id of the event it was made from."""

    id: UUID
    kind: str
    about: str
    sequence: int
    region: str
    office: str
    regime: str | None
    happened_at: datetime
    ground: str
    facts: dict[str, Any]
    causation: str


async def insert_records(
    connection: Connection, records: Sequence[NewRecord]
) -> dict[UUID, datetime]:
    """Write records; the instant of publication of each that did not stand already."""
    rows = [
        (
            record.id,
            record.kind,
            record.about,
            record.sequence,
            record.region,
            record.office,
            record.regime,
            record.happened_at,
            record.ground,
            orjson.dumps(record.facts).decode(),
        )
        for record in records
    ]
    return {row[0]: row[1] for row in await fetch_unnest(connection, _INSERT, rows, 10)}


async def now(session: AsyncSession) -> datetime:
    """The city's time."""
    instant: datetime = (await session.execute(_NOW)).scalar_one()
    return instant


async def find(session: AsyncSession, record_id: UUID) -> Record | None:
    """One record."""
    return await session.get(Record, record_id)


async def locked(session: AsyncSession, record_id: UUID) -> Record | None:
    """One record, locked until the command ends."""
    return await session.get(Record, record_id, with_for_update=True)


async def of_subject(session: AsyncSession, about: str, kinds: Sequence[str]) -> list[Record]:
    """What stands of one subject's records, newest first."""
    statement = select(Record).where(
        col(Record.about) == about, col(Record.kind).in_(kinds), col(Record.withdrawn_at).is_(None)
    )
    found = await session.execute(statement.order_by(col(Record.sequence).desc()))
    return list(found.scalars())


async def tombstones(session: AsyncSession, *, kinds: Sequence[str], limit: int) -> list[Record]:
    """Up to `limit` withdrawn records, newest withdrawal first."""
    statement = select(Record).where(
        col(Record.withdrawn_at).is_not(None), col(Record.kind).in_(kinds)
    )
    newest = (col(Record.withdrawn_at).desc(), col(Record.id).desc())
    return list((await session.execute(statement.order_by(*newest).limit(limit))).scalars())


async def page(
    session: AsyncSession,
    *,
    kinds: Sequence[str] = (),
    office: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Record]:
    """Up to `limit` records, newest publication first, those after `after`.

    Never a withdrawn one.
    """
    statement = select(Record).where(col(Record.withdrawn_at).is_(None))
    if kinds:
        statement = statement.where(col(Record.kind).in_(kinds))
    if office is not None:
        statement = statement.where(col(Record.office) == office)
    key = tuple_(col(Record.published_at), col(Record.id))
    if after is not None:
        statement = statement.where(key < tuple_(literal(after[0]), literal(after[1])))
    newest = (col(Record.published_at).desc(), col(Record.id).desc())
    return list((await session.execute(statement.order_by(*newest).limit(limit))).scalars())
