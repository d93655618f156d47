"""Cross-subject joins: a licence and the case it must come from.

Both sides write the same row, so the second sees the first whatever the order of their
transactions. Nothing here ever concludes that something is missing; only the sweep does, once
every topic involved is complete past the moment in question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from libs.common.bus import subjects as store
from libs.common.db.bulk import execute_unnest
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from services.e_monitor.finding import service as finding_service
from services.e_monitor.finding.policy import Standing, finding_id
from services.e_monitor.finding.repository import Found

DETECTOR: Final = "licence_without_case"
TOPICS: Final = ("approval", "registry")
LICENCE: Final = "cn.sunlight.registry.licence.issued.v1"
RECEIVED: Final = "cn.sunlight.approval.case.received.v1"
DECIDED: Final = "cn.sunlight.approval.case.decided.v1"

_CLAIM: Final = """
INSERT INTO match AS m (rule, key, claim, claimed_at, claim_region, claim_department, check_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[],
  $6::text[], $7::timestamptz[])
ON CONFLICT (rule, key) DO UPDATE SET claim = excluded.claim, claimed_at = excluded.claimed_at,
  claim_region = excluded.claim_region, claim_department = excluded.claim_department,
  check_at = CASE WHEN m.ground IS NULL OR m.standing THEN excluded.check_at END
WHERE m.claim IS NULL
"""
_GROUND: Final = """
INSERT INTO match AS m (rule, key, ground)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (rule, key) DO UPDATE SET ground = excluded.ground,
  check_at = CASE WHEN m.standing THEN m.claimed_at END
WHERE m.ground IS NULL
"""
_PENDING: Final = """
SELECT rule, key, claim, claimed_at, claim_region, claim_department, ground, standing FROM match
WHERE check_at <= $1 ORDER BY check_at LIMIT 1000 FOR UPDATE SKIP LOCKED
"""
_SETTLED: Final = """
UPDATE match m SET check_at = NULL, standing = w.standing
FROM unnest($1::text[], $2::text[], $3::boolean[]) AS w(rule, key, standing)
WHERE m.rule = w.rule AND m.key = w.key
"""


@dataclass
class Joins:
    """The join rows that a batch writes."""

    fold: Fold
    claims: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    grounds: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)

    @cached_property
    def _rules(self) -> list[Pattern]:
        return [
            rule
            for rule in self.fold.book.rules
            if isinstance(rule, Pattern) and rule.detector == DETECTOR
        ]

    def apply(self, event: Event, topic: str) -> None:
        """Note what an event says of a licence or of a case."""
        if event.type not in {LICENCE, RECEIVED, DECIDED}:
            return
        for rule in self._rules:
            if event.type == LICENCE:
                key = _key_of_claim(event)
                self.claims[rule.key, key] = (
                    rule.key,
                    key,
                    event.subject,
                    event.time,
                    event.region,
                    event.department,
                    event.recordedtime,
                )
            else:
                for key in _keys_of_ground(event):
                    self.grounds[rule.key, key] = (rule.key, key, event.subject)

    async def write(self, connection: Connection) -> None:
        """Write both sides, in key order so that two batches never wait for each other."""
        sides = [(name, _CLAIM, 7, row) for name, row in self.claims.items()]
        sides += [(name, _GROUND, 3, row) for name, row in self.grounds.items()]
        if len(self.claims) and len(self.grounds):
            for _, sql, width, row in sorted(sides, key=lambda side: side[0]):
                await execute_unnest(connection, sql, [row], width)
            return
        for sql, width, found in ((_CLAIM, 7, self.claims), (_GROUND, 3, self.grounds)):
            rows = [found[name] for name in sorted(found)]
            await execute_unnest(connection, sql, rows, width)


def _key_of_claim(event: Event) -> str:
    case_no = event.data.get("case_no")
    return f"case/{case_no}" if case_no else f"licence/{event.data['licence_no']}"


def _keys_of_ground(event: Event) -> list[str]:
    keys = []
    if event.data.get("case_no"):
        keys.append(f"case/{event.data['case_no']}")
    if event.data.get("licence_no"):
        keys.append(f"licence/{event.data['licence_no']}")
    return keys


async def sweep_joins(pool: Pool, fold: Fold, partitions: int) -> None:
    """Conclude on joins whose moment every topic involved has passed, in all its partitions."""
    while True:
        async with store.acquired(pool) as connection, connection.transaction():
            upto = await _complete_to(connection, partitions)
            rows = [] if upto is None else await connection.fetch(_PENDING, upto)
            if not rows:
                return
            await _conclude(connection, fold, rows)


async def _complete_to(connection: Connection, partitions: int) -> datetime | None:
    known = [
        at for place, at in (await store.horizons(connection)).items() if place.topic in TOPICS
    ]
    if len(known) < len(TOPICS) * partitions:
        return None
    instants = [at for at in known if at is not None]
    return min(instants) if len(instants) == len(known) else None


async def _conclude(connection: Connection, fold: Fold, rows: list[Any]) -> None:
    found, gone, settled = [], [], []
    for row in rows:
        rule = fold.book.by_key.get(row["rule"])
        missing = row["ground"] is None and isinstance(rule, Pattern)
        settled.append((row["rule"], row["key"], missing))
        if missing and isinstance(rule, Pattern):
            found.append(Found(_standing(rule, row), row["claim_region"], row["claim_department"]))
        elif row["standing"]:
            name = row["rule"].partition("@")[0]
            gone.append((finding_id(name, row["claim"], 1), "case_found"))
    await finding_service.settle(connection, found, gone)
    await execute_unnest(connection, _SETTLED, settled, 3)


def _standing(rule: Pattern, row: Any) -> Standing:
    return Standing(
        rule=rule.id,
        rule_version=rule.version,
        subject=row["claim"],
        occurrence=1,
        stage=rule.severity if rule.severity in {"yellow", "red"} else "detected",
        severity=rule.severity,
        occurred_at=row["claimed_at"],
        evidence={"law": f"{rule.law.text} {rule.law.article}", "looked_for": row["key"]},
        public=False,
    )
