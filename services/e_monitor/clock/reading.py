"""Reading clocks for people: a subject's dossier with the instants to judge it at, due lists.

Only reads, in the service's own role. Must never look at the wall clock: what is shown is how
things stand at the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from libs.common.bus import subjects as store
from libs.common.db.engine import Connection
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold, Judged
from libs.common.law.instants import from_micros
from libs.common.law.rule import Rule
from services.e_monitor.clock.explain import Explanation, explain
from services.e_monitor.clock.known import Known, Stops

_SUBJECT: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject WHERE subject = $1
"""
_EVENTS: Final = """
SELECT topic, sequence, id, type, time, recorded_time, region, department, facts
FROM observation WHERE subject = $1 ORDER BY time, recorded_time, topic, sequence LIMIT $2
"""
_NEXT: Final = """
SELECT subject, partition, sequences, blocked, state, next_check_at FROM subject
WHERE next_check_at <= $1 AND blocked = 0 ORDER BY next_check_at, subject LIMIT $2
"""


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


async def find(connection: Connection, fold: Fold, subject: str) -> SubjectView | None:
    """One subject; None when nothing was ever observed of it."""
    row = await connection.fetchrow(_SUBJECT, subject)
    if row is None:
        return None
    return _view(fold, row, await _known(connection, fold))


async def events_of(connection: Connection, subject: str, limit: int) -> list[Observed]:
    """What was observed of a subject, oldest first, at most `limit`."""
    return [
        Observed(**{**row, "facts": orjson.loads(row["facts"])})
        for row in await connection.fetch(_EVENTS, subject, limit)
    ]


async def due_by(
    connection: Connection, fold: Fold, upto: datetime, limit: int
) -> list[SubjectView]:
    """Subjects whose clocks can change by time alone up to `upto`, soonest first.

    A clock due on a day is looked at again at the first instant past it, so these are all that
    can be due by `upto`; a reminder brings others, which the caller judges and leaves out.
    """
    known = await _known(connection, fold)
    rows = await connection.fetch(_NEXT, upto, limit)
    return [_view(fold, row, known) for row in rows]
