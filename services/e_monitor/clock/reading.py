"""Reading clocks for people: a subject's dossier with the instants to judge it at, due lists.

Only reads, in the service's own role, and only subjects within the scope of whoever looks. Must
never look at the wall clock: what is shown is how things stand at the horizon.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from libs.common.bus import subjects as store
from libs.common.db.engine import Connection
from libs.common.identity.scope import Scope
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold, Judged
from libs.common.law.instants import from_micros
from libs.common.law.rule import Rule
from services.e_monitor.clock.explain import Explanation, explain
from services.e_monitor.clock.known import Known, Stops

# A subject belongs to the region and office that its latest event names; where none names a region
# it is nobody's.
_PLACE: Final = """
JOIN LATERAL (
  SELECT o.region, o.department FROM observation o
  WHERE o.subject = s.subject AND o.region IS NOT NULL
  ORDER BY o.time DESC, o.recorded_time DESC, o.topic, o.sequence DESC LIMIT 1
) place ON {within}
"""
_SUBJECT: Final = """
SELECT s.subject, s.partition, s.sequences, s.blocked, s.state, s.next_check_at
FROM subject s {place} WHERE s.subject = $1
"""
_EVENTS: Final = """
SELECT topic, sequence, id, type, time, recorded_time, region, department, facts
FROM observation WHERE subject = $1 ORDER BY time, recorded_time, topic, sequence LIMIT $2
"""
_THESE: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE subject = ANY($1::text[])
"""

CHUNK: Final = 50
"""Subjects unpacked before others get a turn."""


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A subject with what is known of it, and to when."""

    fold: Fold
    subject: str
    partition: int
    topics: frozenset[str]
    blocked: bool
    dossier: Dossier
    known: Known

    def known_to(self, rule: Rule) -> datetime | None:
        """To when everything that could stop the rule's clock is known."""
        return self.known.to(rule, self.partition, self.topics)

    def judged(self) -> list[Judged]:
        """Every clock that stands, judged at what is known; without a horizon, at its start."""
        first = from_micros(self.dossier.first or 0)
        return self.fold.judged(self.dossier, lambda rule: self.known_to(rule) or first)

    def explained(self, judged: Judged) -> Explanation:
        """One clock, explained."""
        at = self.known_to(judged.rule)
        return explain(self.fold, self.subject, self.dossier, judged, at)

    def explanations(self, rule: str | None = None) -> list[Explanation]:
        """Every clock of the subject, or those of one rule, by rule and occurrence."""
        found = [self.explained(item) for item in self.judged() if rule in (None, item.rule.id)]
        return sorted(found, key=lambda told: (told.rule, told.occurrence))


@dataclass(frozen=True, slots=True)
class Observed:
    """One event of a subject as it was observed."""

    topic: str
    sequence: int
    id: str
    type: str
    time: datetime
    recorded_time: datetime
    region: str | None
    department: str | None
    facts: dict[str, Any]


def _view(fold: Fold, row: Any, known: Known) -> SubjectView:
    found = store.read(row)
    return SubjectView(
        fold=fold,
        subject=found.subject,
        partition=found.partition,
        topics=frozenset(found.sequences),
        blocked=found.blocked == store.BLOCKED,
        dossier=Dossier.unpack(found.state or {}),
        known=known,
    )


async def _known(connection: Connection, fold: Fold) -> Known:
    return Known(Stops(fold.book), await store.horizons(connection))


def _place(within: Scope, *, first: int) -> tuple[str, list[str]]:
    """The join that leaves out subjects beyond the scope, with its values."""
    if within.whole:
        return "", []
    condition, values = within.sql("place.region", "place.department", first=first)
    return _PLACE.format(within=condition), values


async def find(
    connection: Connection, within: Scope, fold: Fold, subject: str
) -> SubjectView | None:
    """One subject; None when nothing was ever observed of it, or it lies beyond the scope."""
    place, values = _place(within, first=2)
    row = await connection.fetchrow(_SUBJECT.format(place=place), subject, *values)
    if row is None:
        return None
    return _view(fold, row, await _known(connection, fold))


async def events_of(connection: Connection, subject: str, limit: int) -> list[Observed]:
    """What was observed of a subject that `find` has shown, oldest first, at most `limit`."""
    return [
        Observed(**{**row, "facts": orjson.loads(row["facts"])})
        for row in await connection.fetch(_EVENTS, subject, limit)
    ]


async def views(
    connection: Connection, fold: Fold, subjects: Sequence[str]
) -> AsyncIterator[SubjectView]:
    """Some subjects, whatever their place: only for who asks the scope of each of them.

    They are fetched a few at a time, and others get a turn between them.
    """
    known = await _known(connection, fold)
    for begin in range(0, len(subjects), CHUNK):
        for row in await connection.fetch(_THESE, list(subjects[begin : begin + CHUNK])):
            yield _view(fold, row, known)
        await asyncio.sleep(0)
