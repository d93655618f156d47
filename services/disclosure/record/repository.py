"""Every query on records and overdue counts: asyncpg for the consumer, SQLAlchemy for readers.

Must never commit: the batch or the request does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.bulk import execute_unnest, fetch_unnest
from libs.common.db.engine import Connection
from services.disclosure.record.model import Record
from services.disclosure.record.overdue import Change, Handled

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
_COUNT_HANDLED: Final = """
INSERT INTO office_month AS o (matter, region, office, month, handled)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::integer[])
ON CONFLICT (matter, region, office, month) DO UPDATE SET handled = o.handled + excluded.handled
"""
_TELL_OVERDUE: Final = """
INSERT INTO overdue (finding_id, rule, matter, region, office, occurred_at, month, state,
                     changed_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
                     $6::timestamptz[], $7::date[], $8::text[], $9::timestamptz[])
ON CONFLICT (finding_id) DO UPDATE
SET rule = excluded.rule, matter = excluded.matter, region = excluded.region,
    office = excluded.office, occurred_at = excluded.occurred_at, month = excluded.month,
    state = excluded.state, changed_at = excluded.changed_at
"""
_END_OVERDUE: Final = """
UPDATE overdue o SET state = w.state, changed_at = w.changed_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS w(finding_id, state, changed_at)
WHERE o.finding_id = w.finding_id AND o.state <> w.state
"""
_NOW: Final = text("SELECT city_now()")
_BY_OFFICE: Final = """
WITH fact AS (
    SELECT matter, region, office,
           count(*) FILTER (WHERE state = 'standing') AS standing,
           count(*) FILTER (WHERE month = :month AND state <> 'rescinded') AS occurred,
           max(changed_at) AS changed_at
    FROM overdue WHERE state = 'standing' OR month = :month
    GROUP BY matter, region, office
), base AS (
    SELECT matter, region, office, handled FROM office_month WHERE month = :month
)
SELECT matter, region, office, CAST(:month AS date) AS month, coalesce(standing, 0) AS standing,
       coalesce(occurred, 0) AS occurred, handled, changed_at
FROM fact FULL JOIN base USING (matter, region, office)
ORDER BY coalesce(standing, 0) DESC, coalesce(occurred, 0) DESC, region, office, matter
"""
_BY_MONTH: Final = """
WITH fact AS (
    SELECT matter, region, office, month,
           count(*) FILTER (WHERE state = 'standing') AS standing,
           count(*) FILTER (WHERE state <> 'rescinded') AS occurred,
           max(changed_at) AS changed_at
    FROM overdue GROUP BY matter, region, office, month
)
SELECT matter, region, office, month, standing, occurred, handled, changed_at
FROM fact LEFT JOIN office_month USING (matter, region, office, month)
ORDER BY changed_at DESC, month DESC, region, office, matter LIMIT :limit
"""


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


@dataclass(frozen=True, slots=True)
class OfficeCount:
    """Overdue matters of one office: still standing, passed in `month`, and that month's base.

    `standing` counts all months in a list by office, those of `month` in a list by month.
    `handled` None: the base is not known.
    """

    matter: str
    region: str
    office: str
    month: date
    standing: int
    occurred: int
    handled: int | None
    changed_at: datetime | None


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


async def count_handled(connection: Connection, handled: Mapping[Handled, int]) -> None:
    """Add to the offices' bases."""
    rows = [(*_key(key), handled[key]) for key in sorted(handled)]
    await execute_unnest(connection, _COUNT_HANDLED, rows, 5)


def _key(key: Handled) -> tuple[str, str, str, date]:
    return key.matter, key.region, key.office, key.month


async def change_overdue(connection: Connection, changes: Sequence[Change]) -> None:
    """Write overdue facts; an end of one that never was public changes nothing."""
    told, ended = [], []
    for change in sorted(changes, key=lambda change: change.finding_id):
        fact = change.fact
        if fact is None:
            ended.append((change.finding_id, change.state, change.at))
            continue
        told.append(
            (
                change.finding_id,
                fact.rule,
                fact.matter,
                fact.region,
                fact.office,
                fact.occurred_at,
                fact.month,
                change.state,
                change.at,
            )
        )
    await execute_unnest(connection, _TELL_OVERDUE, told, 9)
    await execute_unnest(connection, _END_OVERDUE, ended, 3)


async def now(session: AsyncSession) -> datetime:
    """The city's time."""
    instant: datetime = (await session.execute(_NOW)).scalar_one()
    return instant


async def find(session: AsyncSession, record_id: UUID) -> Record | None:
    """One record."""
    return await session.get(Record, record_id)


async def page(
    session: AsyncSession,
    *,
    kinds: Sequence[str] = (),
    office: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Record]:
    """Up to `limit` records, newest publication first, those after `after`."""
    statement = select(Record)
    if kinds:
        statement = statement.where(col(Record.kind).in_(kinds))
    if office is not None:
        statement = statement.where(col(Record.office) == office)
    key = tuple_(col(Record.published_at), col(Record.id))
    if after is not None:
        statement = statement.where(key < tuple_(literal(after[0]), literal(after[1])))
    newest = (col(Record.published_at).desc(), col(Record.id).desc())
    return list((await session.execute(statement.order_by(*newest).limit(limit))).scalars())


async def published_since(session: AsyncSession, since: datetime) -> dict[str, int]:
    """Kind → how many records were published at or after `since`."""
    statement = (
        select(col(Record.kind), func.count())
        .where(col(Record.published_at) >= since)
        .group_by(col(Record.kind))
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def overdue_by_office(session: AsyncSession, month: date) -> list[OfficeCount]:
    """Each office with anything standing, or anything in `month`; most standing first."""
    return await _counts(session, _BY_OFFICE, month=month)


async def overdue_by_month(session: AsyncSession, limit: int) -> list[OfficeCount]:
    """Up to `limit` offices' months with overdue facts, last changed first.

    A month whose facts were all rescinded stays, as zero, so that a reader sees the correction.
    """
    return await _counts(session, _BY_MONTH, limit=limit)


async def _counts(session: AsyncSession, statement: str, **values: Any) -> list[OfficeCount]:
    rows = await session.execute(text(statement), values)
    return [OfficeCount(**row) for row in rows.mappings()]
