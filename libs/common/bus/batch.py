"""A batch of records: decoded, put in order per subject, applied once, written together.

Used by the consuming loop and by the replay of parked subjects alike; knows nothing of transports
or of positions.
"""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import structlog

from libs.common.bus import subjects as store
from libs.common.bus.protocol import Incoming, TopicPartition, partition_of, read_horizon
from libs.common.bus.subjects import BLOCKED, FREE, HOLDING, Parked, Subject
from libs.common.db.engine import Connection, Pool
from libs.common.events import ContractError, Event, decode

log = structlog.get_logger("consumer")

Number = tuple[str, str, int]
"""Subject, topic, sequence: what identifies an event to a consumer."""
Horizons = Mapping[TopicPartition, datetime | None]
Delivered = tuple[Event, Incoming]


class Effects(Protocol):
    """The effects of one batch, gathered in memory and written at its end."""

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Fold one event, in order; an exception parks the event and its subject."""
        ...

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """The ids of events applied before, where kept."""
        ...

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Write everything, and set each subject's state and next check."""
        ...


@runtime_checkable
class Judging(Protocol):
    """Effects of a service that sets subjects aside by themselves, without an event."""

    def again(self, subject: Subject) -> None:
        """Handle such a subject (reason `unjudged`) anew."""
        ...


@runtime_checkable
class Choosing(Protocol):
    """A handler that is concerned with few subjects of its topics."""

    def wants(self, subject: str) -> bool:
        """Whether to read the subject's events; of the others only the position is kept."""
        ...


class Handler(Protocol):
    """What a service does with events."""

    @property
    def topics(self) -> Sequence[str]: ...

    def begin(self, horizons: Horizons) -> Effects:
        """Start a batch; `horizons` as they will stand when it commits."""
        ...

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        """Act on time having passed: called when a horizon has moved."""
        ...


@dataclass(slots=True)
class Batch:
    """Fetched records, decoded: where they begin and end, and the events by subject.

    `again` names subjects to be handled anew without an event.
    """

    begin: dict[TopicPartition, int] = field(default_factory=dict)
    end: dict[TopicPartition, int] = field(default_factory=dict)
    horizons: dict[TopicPartition, datetime] = field(default_factory=dict)
    events: dict[str, list[Delivered]] = field(default_factory=lambda: defaultdict(list))
    broken: list[Parked] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    count: int = 0


@dataclass(slots=True)
class Tally:
    """What became of the events of a batch."""

    applied: int = 0
    duplicates: int = 0
    parked: int = 0
    poison: int = 0


class PoisonedError(Exception):
    """An event could not be handled; the batch is to be done again without it."""

    def __init__(self, number: Number, told: str) -> None:
        super().__init__(told)
        self.number = number
        self.told = told


def read_batch(records: Sequence[Incoming], wants: Callable[[str], bool] | None = None) -> Batch:
    """Decode records; what can't be decoded is set aside under its key.

    Of subjects that nobody `wants` only the position is read.
    """
    batch = Batch(count=len(records))
    for record in records:
        place = TopicPartition(record.topic, record.partition)
        batch.begin.setdefault(place, record.offset)
        batch.end[place] = record.offset + 1
        if record.key is None:
            _read_horizon(batch, place, record)
            continue
        if wants is not None and not wants(record.key):
            continue
        told = _read_event(batch, record)
        if told:
            # No text of the database holds U+0000.
            name = record.key.replace("\0", "\ufffd")
            batch.broken.append(Parked(record, name, None, "poison", told))
    return batch


def _read_horizon(batch: Batch, place: TopicPartition, record: Incoming) -> None:
    try:
        horizon = read_horizon(record.value)
    except (ValueError, LookupError, TypeError) as error:
        # Without it time stands still until the next one, which harms nobody.
        log.error("consumer.no_horizon", topic=place.topic, error=repr(error))  # noqa: TRY400
        return
    batch.horizons[place] = max(horizon, batch.horizons.get(place, horizon))


def _read_event(batch: Batch, record: Incoming) -> str:
    try:
        event = decode(record.value)
    except ContractError as error:
        return str(error)
    if event.subject != record.key:
        return f"subject {event.subject!r} under the key {record.key!r}"
    batch.events[event.subject].append((event, record))
    return ""


@dataclass(slots=True)
class Application:
    """One attempt to apply a batch inside a transaction.

    `poison` holds what earlier attempts could not handle, with the traceback of each.
    """

    effects: Effects
    poison: Mapping[Number, str]
    tally: Tally = field(default_factory=Tally)
    parked: list[Parked] = field(default_factory=list)
    known: Mapping[Number, str] = field(default_factory=dict)
    _breaks: dict[str, list[Incoming]] = field(default_factory=dict)

    async def run(self, connection: Connection, batch: Batch) -> Tally:
        """Apply everything and write it.

        Raises:
            PoisonedError: an event could not be handled; roll back and try again with it named.
        """
        self.parked += batch.broken
        self.tally.poison = len(batch.broken)
        for item in batch.broken:
            self._breaks.setdefault(item.subject, []).append(item.record)
        names = sorted({*batch.events, *self._breaks, *batch.again})
        if not names:
            return self.tally
        rows = await store.lock(connection, [(name, partition_of(name)) for name in names])
        events = dict(batch.events)
        await _take_held(connection, rows, events)
        await self._know(connection, rows, events)
        if isinstance(self.effects, Judging):
            for name in batch.again:
                self.effects.again(rows[name])
        for name, delivered in events.items():
            self._subject(rows[name], delivered)
        for name in self._breaks:
            rows[name].blocked = BLOCKED
        await self.effects.write(connection, rows)
        await store.save(connection, rows.values())
        if self.parked:
            await store.park(connection, self.parked)
        self.tally.parked = len(self.parked)
        return self.tally

    async def _know(
        self,
        connection: Connection,
        rows: Mapping[str, Subject],
        events: Mapping[str, Sequence[Delivered]],
    ) -> None:
        """Ask which events had the numbers that come again, before anything is applied."""
        again = [
            (name, record.topic, event.sequence)
            for name, delivered in events.items()
            for event, record in delivered
            if event.sequence <= rows[name].sequences.get(record.topic, 0)
        ]
        if again:
            self.known = await self.effects.known_ids(connection, again)

    def _subject(self, row: Subject, delivered: Sequence[Delivered]) -> None:
        """Apply a subject's events in the order of their numbers."""
        applied: dict[tuple[str, int], str] = {}
        breaks = self._breaks.get(row.subject)
        in_order = store.numbered(delivered) if len(delivered) > 1 else delivered
        for event, record in in_order:
            last = row.sequences.get(record.topic, 0)
            number = (event.subject, record.topic, event.sequence)
            if event.sequence <= last:
                before = applied.get(number[1:]) or self.known.get(number)
                self._again(row, event, record, before)
            elif row.blocked == BLOCKED or (breaks and _behind(record, breaks)):
                row.blocked = BLOCKED
                self._park(event, record, "behind", "")
            elif event.sequence == last + 1 and number not in self.poison:
                self._apply(row, event, record, number)
                applied[number[1:]] = event.id
            elif event.sequence == last + 1:
                row.blocked = BLOCKED
                self.tally.poison += 1
                self._park(event, record, "poison", self.poison[number])
            else:
                row.blocked = HOLDING
                self._park(event, record, "gap", f"number {event.sequence} came after {last}")

    def _apply(self, row: Subject, event: Event, record: Incoming, number: Number) -> None:
        try:
            self.effects.apply(row, event, record.topic)
        except Exception as error:
            raise PoisonedError(number, traceback.format_exc()) from error
        row.sequences[record.topic] = event.sequence
        self.tally.applied += 1

    def _park(self, event: Event, record: Incoming, reason: str, told: str) -> None:
        self.parked.append(Parked(record, event.subject, event.sequence, reason, told))

    def _again(self, row: Subject, event: Event, record: Incoming, before: str | None) -> None:
        """A number that came before: the same id is a duplicate, another one a conflict."""
        if before is None or before == event.id:
            self.tally.duplicates += 1
            return
        row.blocked = BLOCKED
        self.tally.poison += 1
        log.error("consumer.conflict", topic=record.topic, sequence=event.sequence)
        told = f"number {event.sequence} was event {before}; now it is {event.id}"
        self._park(event, record, "conflict", told)


def _behind(record: Incoming, breaks: Sequence[Incoming]) -> bool:
    """Whether a record comes after one that could not be read; topics can't be compared."""
    return any(item.topic != record.topic or item.offset < record.offset for item in breaks)


async def _take_held(
    connection: Connection, rows: Mapping[str, Subject], events: dict[str, list[Delivered]]
) -> None:
    waiting = [name for name in events if rows[name].blocked == HOLDING]
    if not waiting:
        return
    for record in await store.take_held(connection, waiting):
        event = decode(record.value)
        events[event.subject] = [*events[event.subject], (event, record)]
    for name in waiting:
        rows[name].blocked = FREE
