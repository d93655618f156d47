"""Every query on records and overdue counts: asyncpg for the consumer, SQLAlchemy for readers.

Must never commit: the batch or the request does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.bulk import execute_unnest, fetch_unnest
from libs.common.db.engine import Connection
from services.disclosure.record.model import OfficeMonth, Overdue, Record
from services.disclosure.record.overdue import Change, Handled

# Sorted by key everywhere: two workers that meet in a row wait for each other, and never both.
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
    """Overdue matters of one office: standing now, passed in `month`, and that month's base.

    `month` None: over all months. `handled` None: the base is not known.
    """

    matter: str
    region: str
    office: str
    month: date | None
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
    return {kind: count for kind, count in await session.execute(statement)}


async def overdue_by_office(session: AsyncSession, month: date) -> list[OfficeCount]:
    """Each office that has anything standing, or anything in `month`; most standing first."""
    facts = _facts(
        or_(col(Overdue.state) == "standing", col(Overdue.month) == month),
        occurred=and_(col(Overdue.month) == month, col(Overdue.state) != "rescinded"),
    )
    base = _base(col(OfficeMonth.month) == month)
    found = _summed(facts, base, by_month=False)
    return await _counts(session, found.order_by(text("standing DESC, occurred DESC, office")))


async def overdue_by_month(session: AsyncSession, limit: int) -> list[OfficeCount]:
    """Each office and month with overdue facts, last changed first; rescinded ones as zero."""
    facts = _facts(literal(value=True), occurred=col(Overdue.state) != "rescinded")
    found = _summed(facts, _base(literal(value=True)), by_month=True)
    changed = found.order_by(text("changed_at DESC, office, matter, month"))
    return await _counts(session, changed.having(text("max(changed_at) IS NOT NULL")).limit(limit))


def _facts(where: ColumnElement[bool], *, occurred: ColumnElement[bool]) -> Select[Any]:
    """Overdue facts counted per office and month."""
    standing = col(Overdue.state) == "standing"
    key = [col(name) for name in (Overdue.matter, Overdue.region, Overdue.office, Overdue.month)]
    return (
        select(
            *key,
            func.count().filter(standing).label("standing"),
            func.count().filter(occurred).label("occurred"),
            null().cast(Integer).label("handled"),
            func.max(col(Overdue.changed_at)).label("changed_at"),
        )
        .where(where)
        .group_by(*key)
    )


def _base(where: ColumnElement[bool]) -> Select[Any]:
    """What was handled, in the shape of `_facts`."""
    return select(
        col(OfficeMonth.matter),
        col(OfficeMonth.region),
        col(OfficeMonth.office),
        col(OfficeMonth.month),
        literal(0).label("standing"),
        literal(0).label("occurred"),
        col(OfficeMonth.handled).label("handled"),
        null().cast(col(Overdue.changed_at).type).label("changed_at"),
    ).where(where)
