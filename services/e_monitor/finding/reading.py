"""Reading findings for people: lists, one with its history, counts, what changed since.

Only reads, and every query takes the scope of whoever looks: a row outside it is neither shown nor
counted. A finding proposes; nothing here says more than the row does.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from libs.common.db.engine import Connection
from libs.common.identity.area import area
from services.e_monitor.finding.sight import Sight

_COLUMNS: Final = """
f.id, f.rule, f.rule_version, f.subject, f.occurrence, f.stage, f.severity, f.status, f.occurred_at,
f.detected_at, f.evidence, f.region, f.department, f.version, f.rescinded_at, f.reason
"""
_STANDS: Final = "f.status NOT IN ('rescinded', 'waived', 'closed')"
_PAGE: Final = """
SELECT {columns} FROM finding f WHERE {where}
ORDER BY f.detected_at DESC, f.id LIMIT {limit}
"""
_ONE: Final = "SELECT {columns} FROM finding f WHERE f.id = $1 AND {within}"
_HISTORY: Final = """
SELECT version, at, change, stage, severity, occurred_at, evidence, reason, post, office, note
FROM finding_history WHERE finding = $1 ORDER BY version
"""
_COUNTS: Final = """
SELECT f.department, f.region, f.rule, f.severity, f.status,
  f.evidence->>'state' = 'overdue' AS overdue, count(*) AS findings
FROM finding f WHERE {stands} AND {within} GROUP BY 1, 2, 3, 4, 5, 6
"""
_BY_DAY: Final = """
SELECT f.department, (f.occurred_at AT TIME ZONE $1)::date AS day, count(*) AS findings
FROM finding f WHERE {stands} AND f.severity <> 'lead' AND f.occurred_at >= $2 AND {within}
GROUP BY 1, 2
"""
_CHANGED: Final = """
SELECT {columns}, h.at, h.change FROM finding_history h JOIN finding f ON f.id = h.finding
WHERE (h.at, h.finding) > ($1, $2) AND h.version = f.version AND {within}
ORDER BY h.at, h.finding LIMIT $3
"""
CHUNK: Final = 500
FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as it stands."""

    id: UUID
    rule: str
    rule_version: str
    subject: str
    occurrence: int
    stage: str
    severity: str
    status: str
    occurred_at: datetime
    detected_at: datetime
    evidence: dict[str, Any]
    region: str | None
    department: str | None
    version: int
    rescinded_at: datetime | None
    reason: str | None


FIELDS: Final = tuple(field.name for field in fields(Finding))


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a finding's history."""

    version: int
    at: datetime
    change: str
    stage: str
    severity: str
    occurred_at: datetime
    evidence: dict[str, Any]
    reason: str | None
    post: str | None = None
    office: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A finding that changed at an instant (of the city's clock), as it stands now."""

    at: datetime
    change: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Filter:
    """What findings to list; None means any. Without a status only those that stand.

    A region takes in those within it: 990100 all that begin with 9901. Several statuses are
    joined by commas.
    """

    rule: str | None = None
    severity: str | None = None
    stage: str | None = None
    status: str | None = None
    department: str | None = None
    region: str | None = None
    subject: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings stand of one kind, in one department and region."""

    department: str | None
    region: str | None
    rule: str
    severity: str
    status: str
    overdue: bool
    findings: int


def _read(row: Any) -> Finding:
    values = {name: row[name] for name in FIELDS}
    return Finding(**{**values, "evidence": orjson.loads(row["evidence"])})


async def page(
    connection: Connection,
    within: Sight,
    wanted: Filter,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Finding]:
    """Findings, newest first, after (detected_at, id) of the last one seen."""
    where, values = _conditions(wanted)
    condition, places = within.sql(first=len(values) + 1)
    where.append(condition)
    values += places
    if after is not None:
        detected, seen = len(values) + 1, len(values) + 2
        where.append(
            f"(f.detected_at < ${detected} OR (f.detected_at = ${detected} AND f.id > ${seen}))"
        )
        values += after
    sql = _PAGE.format(columns=_COLUMNS, where=" AND ".join(where), limit=f"${len(values) + 1}")
    return [_read(row) for row in await connection.fetch(sql, *values, limit)]


def _conditions(wanted: Filter) -> tuple[list[str], list[Any]]:
    """SQL conditions with their values; names come from here, only values from outside."""
    where: list[str] = []
    values: list[Any] = []
    for name in ("rule", "severity", "stage", "department", "subject"):
        value = getattr(wanted, name)
        if value is not None:
            values.append(value)
            where.append(f"f.{name} = ${len(values)}")
    if wanted.state is not None:
        values.append(wanted.state)
        where.append(f"f.evidence->>'state' = ${len(values)}")
    if wanted.status is not None:
        values.append(wanted.status.split(","))
        where.append(f"f.status = ANY(${len(values)}::text[])")
    if wanted.region is not None:
        # What is no code of a region takes in what begins with it, as recordings may name them.
        values.append(area(wanted.region) or wanted.region)
        where.append(f"starts_with(f.region, ${len(values)})")
    if wanted.status is None:
        where.append("f.status <> 'rescinded'" if not wanted.state else _STANDS)
    return where, values


async def find(connection: Connection, within: Sight, finding: UUID) -> Finding | None:
    """One finding, rescinded ones too."""
    condition, places = within.sql(first=2)
    sql = _ONE.format(columns=_COLUMNS, within=condition)
    row = await connection.fetchrow(sql, finding, *places)
    return None if row is None else _read(row)


async def history(connection: Connection, finding: UUID) -> list[Change]:
    """Everything that happened to a finding, oldest first; of one that `find` has shown."""
    return [
        Change(**{**row, "evidence": orjson.loads(row["evidence"])})
        for row in await connection.fetch(_HISTORY, finding)
    ]


async def counts(connection: Connection, within: Sight) -> list[Count]:
    """How many findings stand, by department, region, rule, severity, status and being overdue."""
    condition, places = within.sql()
    rows = await connection.fetch(_COUNTS.format(stands=_STANDS, within=condition), *places)
    return [Count(**{**row, "overdue": bool(row["overdue"])}) for row in rows]


async def by_day(
    connection: Connection, within: Sight, zone: str, since: datetime
) -> list[tuple[str | None, date, int]]:
    """(department, civil day in `zone`, findings) of what occurred since, leads left out."""
    condition, places = within.sql(first=3)
    sql = _BY_DAY.format(stands=_STANDS, within=condition)
    return [tuple(row) for row in await connection.fetch(sql, zone, since, *places)]


async def changed(
    connection: Connection, within: Sight, since: datetime, after: UUID = FIRST
) -> list[Changed]:
    """The next findings whose last change came after `since`, oldest change first.

    At most `CHUNK`: with so many there may be more, from the last one's instant and `after` it.
    """
    condition, places = within.sql(first=4)
    sql = _CHANGED.format(columns=_COLUMNS, within=condition)
    rows = await connection.fetch(sql, since, after, CHUNK, *places)
    return [Changed(row["at"], row["change"], _read(row)) for row in rows]
