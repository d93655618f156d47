"""Every query on overdue facts: asyncpg for the consumer, SQLAlchemy for readers.

Must never commit, and never give a reader a fact before its gate is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.bulk import execute_unnest
from libs.common.db.engine import Connection
from services.disclosure.overdue.policy import Answer, Fact, Handled, Matter

PRUNED_AT_ONCE: Final = 10_000

# Rows go in sorted by key: two workers that meet in one wait for each other, never in a ring.
_COUNT_HANDLED: Final = """
INSERT INTO office_month AS o (matter, region, office, month, handled)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::integer[])
ON CONFLICT (matter, region, office, month) DO UPDATE SET handled = o.handled + excluded.handled
"""
_FIND: Final = """
SELECT finding_id, rule, matter, region, office, about, occurred_at, month, over, unit, paused,
       state, changed_at, handling, opens_at, claim, cause, statement, answered_at, waived_for
FROM overdue WHERE finding_id = ANY($1::text[])
"""
_PUT: Final = """
INSERT INTO overdue (finding_id, rule, matter, region, office, about, occurred_at, month, over,
                     unit, paused, state, changed_at, handling, opens_at, claim, cause, statement,
                     answered_at, waived_for)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::date[], $9::integer[], $10::text[], $11::boolean[], $12::text[],
    $13::timestamptz[], $14::text[], $15::timestamptz[], $16::text[], $17::text[], $18::text[],
    $19::timestamptz[], $20::text[])
ON CONFLICT (finding_id) DO UPDATE
SET (rule, matter, region, office, about, occurred_at, month, over, unit, paused, state, changed_at,
     handling, opens_at, claim, cause, statement, answered_at, waived_for)
  = (excluded.rule, excluded.matter, excluded.region, excluded.office, excluded.about,
     excluded.occurred_at, excluded.month, excluded.over, excluded.unit, excluded.paused,
     excluded.state, excluded.changed_at, excluded.handling, excluded.opens_at, excluded.claim,
     excluded.cause, excluded.statement, excluded.answered_at, excluded.waived_for)
"""
_DECIDED: Final = """
INSERT INTO decision (about, month) SELECT * FROM unnest($1::text[], $2::date[])
ON CONFLICT (about) DO UPDATE SET month = excluded.month WHERE decision.month <> excluded.month
"""
_PRUNE_DECISIONS: Final = """
DELETE FROM decision WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM decision WHERE month < (SELECT city_now()) - interval '3 months'
    ORDER BY month LIMIT $1
))
"""
# A case that passed two limits is one matter; a fact that names none counts for itself. Counted is
# a finding whose gate is open, or of which no answer is asked; its gate's opening is a change too.
# greatest() passes over NULL. The clock stands apart, so that it is read once and not for each row.
_ONE: Final = """
WITH clock AS (SELECT city_now() AS now), gate AS (
    SELECT *, CASE WHEN opens_at <= now THEN opens_at END AS opened_at
    FROM overdue CROSS JOIN clock
), one AS (
    SELECT matter, region, office, month, state, coalesce(about, finding_id) AS about,
           state <> 'rescinded' AND (opened_at IS NOT NULL OR waived_for IS NOT NULL) AS counted,
           greatest(changed_at, opened_at) AS changed_at
    FROM gate
)
"""
# One matter: a limit that stands unanswered waits, though another of its limits is counted as done.
_MATTERS: Final = """
max(changed_at) AS changed_at, bool_or(state <> 'rescinded') AS told,
bool_or(counted) AS counts, bool_or(counted AND state = 'standing') AS stands,
bool_or(NOT counted AND state = 'standing') AS unanswered
"""
_NUMBERS: Final = """
count(*) FILTER (WHERE stands) AS standing,
count(*) FILTER (WHERE told AND NOT stands AND (unanswered OR NOT counts)) AS waiting,
max(changed_at) AS changed_at
"""
_BY_OFFICE: Final = f"""
{_ONE}, found AS (
    SELECT matter, region, office, about, bool_or(counted AND month = :month) AS of_month,
           {_MATTERS}
    FROM one WHERE state = 'standing' OR month = :month GROUP BY matter, region, office, about
), fact AS (
    SELECT matter, region, office, count(*) FILTER (WHERE of_month) AS occurred, {_NUMBERS}
    FROM found GROUP BY matter, region, office
), base AS (
    SELECT matter, region, office, handled FROM office_month WHERE month = :month
)
SELECT matter, region, office, CAST(:month AS date) AS month, coalesce(standing, 0) AS standing,
       coalesce(occurred, 0) AS occurred, coalesce(waiting, 0) AS waiting, handled, changed_at
FROM fact FULL JOIN base USING (matter, region, office)
ORDER BY coalesce(standing, 0) DESC, coalesce(occurred, 0) DESC, coalesce(waiting, 0) DESC,
         region, office, matter
"""  # noqa: S608 - text of our own
_BY_MONTH: Final = f"""
{_ONE}, found AS (
    SELECT matter, region, office, about, month, {_MATTERS}
    FROM one GROUP BY matter, region, office, about, month
), fact AS (
    SELECT matter, region, office, month, count(*) FILTER (WHERE counts) AS occurred, {_NUMBERS}
    FROM found GROUP BY matter, region, office, month
)
SELECT matter, region, office, month, standing, occurred, waiting, handled, changed_at
FROM fact LEFT JOIN office_month USING (matter, region, office, month)
ORDER BY changed_at DESC, month DESC, region, office, matter LIMIT :limit
"""  # noqa: S608 - text of our own

_LATE: Final = """
SELECT count(DISTINCT d.about) FROM decision d JOIN overdue o ON o.about = d.about
WHERE d.month = :month AND o.matter = 'approval' AND o.state <> 'rescinded'
  AND o.changed_at >= :since
"""
_SHOWN: Final = """
FROM overdue WHERE opens_at <= city_now() AND state <> 'rescinded'
  AND (CAST(:office AS text) IS NULL OR office = :office)
"""
_FACTS: Final = f"""
SELECT public_id, matter, rule, region, office, occurred_at, state, over, unit, paused, handling,
       opens_at, claim, cause, statement, answered_at, waived_for
{_SHOWN}
  AND (CAST(:opened AS timestamptz) IS NULL OR (opens_at, public_id) < (:opened, :public_id))
ORDER BY opens_at DESC, public_id DESC LIMIT :limit
"""
_LATEST: Final = f"""
SELECT DISTINCT ON (region, office, matter)
       public_id, matter, rule, region, office, occurred_at, state, over, unit, paused, handling,
       opens_at, claim, cause, statement, answered_at, waived_for
{_SHOWN} AND state = 'standing'
ORDER BY region, office, matter, (answered_at IS NULL), opens_at DESC, public_id DESC
"""


@dataclass(frozen=True, slots=True)
class OfficeCount:
    """Overdue matters of one office, and the month's base.

    `standing` (not done yet) and `occurred` (passed in `month`) hold what the office has answered
    for, or has let its time to answer pass for, or is asked no more. `waiting` holds the matters
    that stand or passed in `month` and of which nothing is counted yet. `standing` and `waiting`
    are of all months in a list by office, of `month` in a list by month.
    `handled` None: the base is not known.
    """

    matter: str
    region: str
    office: str
    month: date
    standing: int
    occurred: int
    waiting: int
    handled: int | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An overdue fact that anyone may see, with the office's answer; never whose matter it is."""

    public_id: UUID
    matter: str
    rule: str
    region: str
    office: str
    occurred_at: datetime
    state: str
    over: int | None
    unit: str | None
    paused: bool | None
    handling: str | None
    opens_at: datetime
    claim: str | None
    cause: str | None
    statement: str | None
    answered_at: datetime | None
    waived_for: str | None


async def count_handled(connection: Connection, handled: Mapping[Handled, int]) -> None:
    """Add to the offices' bases."""
    rows = [(*_key(key), handled[key]) for key in sorted(handled)]
    await execute_unnest(connection, _COUNT_HANDLED, rows, 5)


def _key(key: Handled) -> tuple[str, str, str, date]:
    return key.matter, key.region, key.office, key.month


async def matters(connection: Connection, ids: Sequence[str]) -> dict[str, Matter]:
    """Finding → how it stands, of those that ever were public."""
    rows = await connection.fetch(_FIND, ids) if ids else []
    return {row["finding_id"]: _matter(dict(row)) for row in rows}


def _matter(row: Mapping[str, Any]) -> Matter:
    fact = Fact(**{name: row[name] for name in Fact.__dataclass_fields__})
    answer = row["claim"] and Answer(row["claim"], row["cause"], row["statement"])
    names = ("finding_id", "state", "changed_at", "handling", "opens_at", "answered_at")
    told = {name: row[name] for name in names}
    return Matter(fact=fact, answer=answer, waived_for=row["waived_for"], **told)


async def put(connection: Connection, changed: Sequence[Matter]) -> None:
    """Write matters as they now stand."""
    rows = [_row(matter) for matter in sorted(changed, key=lambda matter: matter.finding_id)]
    await execute_unnest(connection, _PUT, rows, 20)


def _row(matter: Matter) -> tuple[Any, ...]:
    fact, answer = matter.fact, matter.answer
    return (
        matter.finding_id,
        fact.rule,
        fact.matter,
        fact.region,
        fact.office,
        fact.about,
        fact.occurred_at,
        fact.month,
        fact.over,
        fact.unit,
        fact.paused,
        matter.state,
        matter.changed_at,
        matter.handling,
        matter.opens_at,
        answer and answer.claim,
        answer and answer.cause,
        answer and answer.statement,
        matter.answered_at,
        matter.waived_for,
    )


async def put_decisions(connection: Connection, decided: Mapping[str, date]) -> None:
    """Write in which month cases were decided."""
    await execute_unnest(connection, _DECIDED, sorted(decided.items()), 2)


async def prune_decisions(connection: Connection) -> None:
    """Forget up to PRUNED_AT_ONCE decisions of months long past."""
    await connection.execute(_PRUNE_DECISIONS, PRUNED_AT_ONCE)


async def by_office(session: AsyncSession, month: date) -> list[OfficeCount]:
    """Each office with anything standing, waiting, or in `month`; most standing first."""
    return await _counts(session, _BY_OFFICE, month=month)


async def by_month(session: AsyncSession, limit: int) -> list[OfficeCount]:
    """Up to `limit` offices' months with overdue facts, last changed first.

    A month whose facts were all rescinded stays, as zero, so that a reader sees the correction.
    """
    return await _counts(session, _BY_MONTH, limit=limit)


async def _counts(session: AsyncSession, statement: str, **values: Any) -> list[OfficeCount]:
    rows = await session.execute(text(statement), values)
    return [OfficeCount(**row) for row in rows.mappings()]


async def late(session: AsyncSession, month: date, since: datetime) -> int:
    """How many cases decided in `month` passed a public limit; `since` is the month's begin.

    A case that was decided late is told so after the decision, so its finding changed since then.
    """
    found = await session.execute(text(_LATE), {"month": month, "since": since})
    return int(found.scalar_one())


async def facts(
    session: AsyncSession,
    *,
    office: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Shown]:
    """Up to `limit` facts whose gate is open, newest first, those after `after`."""
    opened, public_id = after or (None, None)
    values = {"office": office, "opened": opened, "public_id": public_id, "limit": limit}
    rows = await session.execute(text(_FACTS), values)
    return [Shown(**row) for row in rows.mappings()]


async def latest(session: AsyncSession) -> dict[tuple[str, str, str], Shown]:
    """Matter, region, office → the newest fact still standing whose gate is open, answers first."""
    rows = await session.execute(text(_LATEST), {"office": None})
    found = [Shown(**row) for row in rows.mappings()]
    return {(fact.matter, fact.region, fact.office): fact for fact in found}
