"""Every query over joins: keys that two sides write, and the claims that wait for a ground.

Both sides upsert the same row of a key, so whoever comes second waits for the first to commit
and sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.db.bulk import execute_unnest, transpose
from libs.common.db.engine import Connection
from services.e_monitor.clock import repository as subjects

_MEET: Final = """
INSERT INTO match AS m (rule, key, ground, check_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT (rule, key) DO UPDATE SET ground = coalesce(m.ground, excluded.ground),
  check_at = CASE WHEN m.ground IS NULL AND excluded.ground IS NOT NULL THEN '-infinity'
    ELSE least(m.check_at, excluded.check_at) END
"""
_CLAIM: Final = """
INSERT INTO match_claim (rule, claim, occurrence, key, claimed_at, region, department)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[],
  $6::text[], $7::text[])
ON CONFLICT DO NOTHING
"""
_DUE: Final = """
SELECT rule, key FROM match WHERE check_at <= $1 AND (rule, key) > ($2, $3)
ORDER BY rule, key LIMIT $4
"""
_FREE: Final = """
SELECT m.rule, m.key FROM match m
JOIN unnest($1::text[], $2::text[]) AS w(rule, key) ON m.rule = w.rule AND m.key = w.key
WHERE m.check_at <= $3 ORDER BY m.rule, m.key FOR UPDATE OF m SKIP LOCKED
"""
# Nothing is looked at again that is due at the end of time; whoever replays the subject says when.
_SET_ASIDE: Final = """
UPDATE match SET check_at = 'infinity' WHERE rule = $1 AND key = $2
"""
_AGAIN: Final = """
UPDATE match m SET check_at = '-infinity' FROM match_claim c
WHERE c.rule = m.rule AND c.key = m.key AND c.claim = ANY($1::text[]) AND m.check_at = 'infinity'
"""
_CLAIMANTS: Final = "SELECT DISTINCT claim FROM match_claim WHERE rule = $1 AND key = $2 ORDER BY 1"
# Every key of a claim, also those that are not due: one ground explains it. Locked, so that a
# second sweep that looks at another key of the same claim sees what the first concluded.
_CLAIMS: Final = """
SELECT rule, claim, occurrence, key, claimed_at, region, department, standing FROM match_claim c
WHERE (rule, claim, occurrence) IN (
  SELECT d.rule, d.claim, d.occurrence FROM match_claim d
  JOIN unnest($1::text[], $2::text[]) AS w(rule, key) ON d.rule = w.rule AND d.key = w.key)
ORDER BY rule, claim, occurrence, key FOR UPDATE OF c
"""
_GROUNDS: Final = """
SELECT m.rule, m.key FROM match m
JOIN unnest($1::text[], $2::text[]) AS w(rule, key) ON m.rule = w.rule AND m.key = w.key
WHERE m.ground IS NOT NULL
"""
_PARKED: Final = """
SELECT DISTINCT w.word FROM unnest($1::text[]) AS w(word) JOIN parked p
ON p.topic = ANY($2::text[]) AND p.dropped_at IS NULL
  AND position(convert_to(w.word, 'UTF8') IN p.raw) > 0
"""
_SETTLED: Final = """
UPDATE match m SET check_at = w.check_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS w(rule, key, check_at)
WHERE m.rule = w.rule AND m.key = w.key
"""
_STANDING: Final = """
UPDATE match_claim c SET standing = w.standing
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[])
  AS w(rule, claim, occurrence, standing)
WHERE c.rule = w.rule AND c.claim = w.claim AND c.occurrence = w.occurrence
"""

Key = tuple[str, str]
"""Rule (with its version) and what both sides name, such as `licence_no/A-17`."""


class Claim(NamedTuple):
    """One side's event, under one of its keys; the other side's is its ground."""

    rule: str
    claim: str
    occurrence: int
    key: str
    claimed_at: datetime
    region: str | None
    department: str | None
    standing: bool = False


async def meet(
    connection: Connection, keys: Sequence[tuple[str, str, str | None, datetime | None]]
) -> None:
    """Write keys (rule, key, ground, when to look), in an order all transactions share."""
    await execute_unnest(connection, _MEET, sorted(keys, key=lambda row: (row[0], row[1])), 4)


async def claim(connection: Connection, claims: Sequence[Claim]) -> None:
    """Write claims; after `meet` of their keys."""
    await execute_unnest(connection, _CLAIM, [row[:7] for row in claims], 7)


async def due(connection: Connection, upto: datetime, after: Key, page: int) -> list[Key]:
    """Keys to look at by `upto`, those that come after `after`."""
    rows = await connection.fetch(_DUE, upto, *after, page)
    return [(row["rule"], row["key"]) for row in rows]


async def free(connection: Connection, keys: Sequence[Key], upto: datetime) -> list[Key]:
    """Those of the keys still to be looked at, locked; what another transaction has is left out."""
    rows = await connection.fetch(_FREE, *transpose(keys, 2), upto)
    return [(row["rule"], row["key"]) for row in rows]


async def set_aside(connection: Connection, key: Key, told: str) -> None:
    """Set aside a key that can't be concluded on, with the subjects that claim under it."""
    for row in await connection.fetch(_CLAIMANTS, *key):
        await subjects.set_aside(connection, row["claim"], told)
    await connection.execute(_SET_ASIDE, *key)


async def again(connection: Connection, claims: Sequence[str]) -> None:
    """Look anew at what was set aside of these subjects."""
    await connection.execute(_AGAIN, list(claims))


async def claims_on(connection: Connection, keys: Sequence[Key]) -> list[Claim]:
    """The claims under any of these keys, locked, with a row for every key they have."""
    rows = await connection.fetch(_CLAIMS, *transpose(keys, 2))
    return [Claim(*row) for row in rows]


async def grounded(connection: Connection, keys: Sequence[Key]) -> set[Key]:
    """Which of these keys have a ground, as committed now."""
    rows = await connection.fetch(_GROUNDS, *transpose(keys, 2))
    return {(row["rule"], row["key"]) for row in rows}


async def named_by_parked(
    connection: Connection, words: Sequence[str], topics: Sequence[str]
) -> set[str]:
    """Which of these texts stand in an event that is set aside."""
    rows = await connection.fetch(_PARKED, list(words), list(topics))
    return {row["word"] for row in rows}


async def settled(
    connection: Connection,
    keys: Sequence[tuple[str, str, datetime | None]],
    standing: Sequence[tuple[str, str, int, bool]],
) -> None:
    """Keys with when to look again (None: when something comes), and how claims stand now."""
    await execute_unnest(connection, _SETTLED, keys, 3)
    await execute_unnest(connection, _STANDING, standing, 4)
