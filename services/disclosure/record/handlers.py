"""Events of approval, trading and monitoring, made into public records and overdue counts.

One batch is one transaction of the consumer. Must never publish what `policy` does not name.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from libs.common.bus.batch import Horizons, Number
from libs.common.bus.outbox import Draft, emit_bulk
from libs.common.bus.protocol import TopicPartition
from libs.common.bus.subjects import Subject, acquired
from libs.common.db.engine import Connection, Pool
from libs.common.directory.projection import Heard
from libs.common.events import Event, recorded_id
from libs.common.events.contracts.disclosure import RecordPublished
from services.disclosure.applied import repository as applied
from services.disclosure.metrics import RECORDS
from services.disclosure.overdue import policy as overdue
from services.disclosure.overdue import repository as matters
from services.disclosure.record import repository
from services.disclosure.record.policy import Publication, publication, remembered
from services.disclosure.record.repository import NewRecord

TOPICS: Final = ("trading", "approval", "monitor")
PRUNE_SECONDS: Final = 60.0
COUNT: Final = "records"
"""The key of the subject's state that holds how many records it has: their sequence."""


@dataclass(slots=True)
class RecordEffects:
    """What one batch publishes and counts."""

    deadlines: Mapping[str, str]
    zone: ZoneInfo
    region: str
    records: list[NewRecord] = field(default_factory=list)
    changes: defaultdict[str, list[overdue.Change]] = field(
        default_factory=lambda: defaultdict(list)
    )
    decided: dict[str, date] = field(default_factory=dict)
    handled: Counter[overdue.Handled] = field(default_factory=Counter)
    ids: dict[Number, str] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Fold one event; the subject's state holds its codes and its number of records."""
        self.ids[event.subject, topic, event.sequence] = event.id
        self.heard.hear(event)
        known = remembered(subject.state or {}, event)
        published = publication(event, known)
        if published is not None:
            known[COUNT] = known.get(COUNT, 0) + 1
            self.records.append(self._record(event, published, known[COUNT]))
        if known:
            subject.state = known
        if (matter := overdue.handled(event, self.zone)) is not None:
            self.handled[matter] += 1
        if (decision := overdue.decided(event, self.zone)) is not None:
            self.decided[decision[0]] = decision[1]
        if (change := overdue.change(event, self.deadlines, self.zone)) is not None:
            self.changes[change.finding_id].append(change)

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """Which event had each number, as long as that is kept."""
        return await applied.ids(connection, numbers)

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Write records with an event for each, and move the counts."""
        await applied.remember(connection, self.ids)
        await self.heard.write(connection)
        await matters.count_handled(connection, self.handled)
        await matters.put_decisions(connection, self.decided)
        await self._change(connection)
        times = await repository.insert_records(connection, self.records)
        # A record that stood already was told already: telling it again would be a conflict.
        fresh = [record for record in self.records if record.id in times]
        await emit_bulk(connection, [self._draft(record, times[record.id]) for record in fresh])
        for record in fresh:
            RECORDS.labels(record.kind).inc()

    async def _change(self, connection: Connection) -> None:
        """Move overdue matters; the batch holds the lock of each finding."""
        known = await matters.matters(connection, sorted(self.changes))
        after = {
            finding: reduce(overdue.changed, changes, known.get(finding))
            for finding, changes in self.changes.items()
        }
        moved = [one for finding, one in after.items() if one and one != known.get(finding)]
        await matters.put(connection, moved)

    def _record(self, event: Event, published: Publication, sequence: int) -> NewRecord:
        region = event.region or self.region
        position = f"{published.kind}/{sequence}"
        return NewRecord(
            id=UUID(recorded_id(f"/{region}/disclosure", event.subject, position)),
            kind=published.kind,
            about=event.subject,
            sequence=sequence,
            region=region,
            office=event.department or "",
            regime=event.regime,
            happened_at=event.time,
            ground=published.ground,
            facts=dict(published.facts),
            causation=event.id,
        )

    def _draft(self, record: NewRecord, published_at: datetime) -> Draft:
        return Draft(
            RecordPublished(record_id=str(record.id), kind=record.kind, about=record.about),
            subject=record.about,
            sequence=record.sequence,
            source=f"/{record.region}/disclosure",
            time=published_at,
            regime=record.regime,
            region=record.region,
            department=record.office or None,
            causationid=record.causation,
        )


@dataclass(slots=True)
class RecordHandler:
    """What the disclosure service does with events.

    `deadlines`: rule id → matter of the limits whose overrun is public; `zone` of the civil
    months; `region` of the city, for events that name none; `elapsed` counts seconds, from
    whenever.
    """

    deadlines: Mapping[str, str]
    zone: ZoneInfo
    region: str
    elapsed: Callable[[], float] = time.monotonic
    _pruned: float = -PRUNE_SECONDS

    @property
    def topics(self) -> Sequence[str]:
        """The topics it reads."""
        return TOPICS

    def begin(self, horizons: Horizons) -> RecordEffects:
        """Start a batch."""
        return RecordEffects(self.deadlines, self.zone, self.region)

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        """Nothing becomes public by time alone; old numbers are forgotten, a few at a time."""
        now = self.elapsed()
        if now - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = now
        async with acquired(pool) as connection:
            await applied.prune(connection)
            await matters.prune_decisions(connection)
