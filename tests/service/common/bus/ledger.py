"""A handler that writes down every effect, twice if it happens twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from libs.common.bus.batch import Horizons, Number
from libs.common.bus.protocol import TopicPartition
from libs.common.bus.subjects import Subject
from libs.common.db.bulk import copy_records, transpose
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event
from tests.service.common.bus.city import execute, fetch

TABLE = """
CREATE TABLE monitor.effect (
    n bigint GENERATED ALWAYS AS IDENTITY, subject text, topic text, sequence bigint, id text
);
GRANT SELECT, INSERT ON monitor.effect TO sunlight_monitor
"""
EMPTY = """
TRUNCATE monitor.effect, monitor.consumer_position, monitor.subject, monitor.parked,
  monitor.audit, monitor.outbox, approval.outbox, bus.log, bus.progress RESTART IDENTITY;
UPDATE bus.head SET next = 0, first = 0
"""
IDS = """
SELECT subject, topic, sequence, min(id) AS id FROM effect
JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS w(subject, topic, sequence)
USING (subject, topic, sequence) GROUP BY 1, 2, 3
"""

Refuses = Callable[[Event], bool]


class RefusedError(Exception):
    """The handler was told not to be able to handle an event."""


@dataclass
class Ledger:
    """Effects are rows of the table `effect`; a subject's state is the list of ids it has seen.

    What `refuses` says yes to raises in the fold, what `breaks` says yes to when writing.
    """

    refuses: Refuses = lambda event: False
    breaks: Refuses = lambda event: False
    topics: Sequence[str] = ("approval",)
    horizons: list[Horizons] = field(default_factory=list)
    swept: int = 0

    def begin(self, horizons: Horizons) -> LedgerEffects:
        """Start a batch."""
        self.horizons.append(horizons)
        return LedgerEffects(self)

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        """Count that time has passed; asks the database, as a real sweep does."""
        await pool.fetchval("SELECT 1")
        self.swept += 1


@dataclass
class LedgerEffects:
    """The effects of one batch."""

    ledger: Ledger
    rows: list[tuple[str, str, int, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Note the event."""
        if self.ledger.refuses(event):
            raise RefusedError(event.id)
        state = subject.state or {"seen": []}
        subject.state = {"seen": [*state["seen"], event.id]}
        self.rows.append((event.subject, topic, event.sequence, event.id))
        self.events.append(event)

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """Which event had each number."""
        rows = await connection.fetch(IDS, *transpose(numbers, 3))
        return {(row["subject"], row["topic"], row["sequence"]): row["id"] for row in rows}

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Write what was noted."""
        for one in self.events:
            if self.ledger.breaks(one):
                raise RefusedError(one.id)
        await copy_records(connection, "effect", ("subject", "topic", "sequence", "id"), self.rows)


async def effects(dsn: str, subject: str | None = None) -> list[tuple[str, int]]:
    """Every effect as (subject, sequence), in the order in which they happened per subject."""
    rows = await fetch(
        dsn,
        "SELECT subject, sequence FROM monitor.effect"
        " WHERE $1::text IS NULL OR subject = $1 ORDER BY subject, n",
        subject,
    )
    return [(str(row[0]), int(row[1])) for row in rows]


async def states(dsn: str) -> dict[str, list[str]]:
    """What each subject has seen, and whether it is blocked."""
    rows = await fetch(dsn, "SELECT subject, state, blocked FROM monitor.subject")
    return {
        row[0]: [*(orjson.loads(row[1])["seen"] if row[1] else []), *["blocked"] * bool(row[2])]
        for row in rows
    }


async def parked_rows(dsn: str, subject: str | None = None) -> list[tuple[int | None, str]]:
    """What is set aside, as (sequence, reason) by subject and number."""
    rows = await fetch(
        dsn,
        "SELECT sequence, reason FROM monitor.parked WHERE dropped_at IS NULL"
        " AND ($1::text IS NULL OR subject = $1) ORDER BY subject, sequence NULLS FIRST, id",
        subject,
    )
    return [(row[0], str(row[1])) for row in rows]


async def prepare(dsn: str) -> None:
    """Make the table."""
    await execute(dsn, TABLE)
