"""A recording: files and a mapping in, contract events out in merged order.

It knows neither bus nor database. Three passes, each with flat memory: read and reject; gather
by subject and decide which record is which event; merge by recorded time. Nothing is published
before the whole recording has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.events import Event, encode, recorded_id
from sunlight.recording import cloud_events, rows, xes
from sunlight.recording.deriving import Deriver, Draft
from sunlight.recording.external_sort import ExternalSort
from sunlight.recording.faults import (
    Counts,
    RecordingError,
    Reject,
    RejectLog,
    UnusableError,
    excerpt,
)
from sunlight.recording.files import Stream, suffix_of
from sunlight.recording.kinds import Kind, Record, Window, from_micros
from sunlight.recording.mapping import RecordingMapping
from sunlight.recording.rows import Row

Progress = Callable[[str, int, int | None], None]
"""Called with the pass (read, derive, merge), how many are done, and of how many if known."""

_STEP: Final = 10_000
_SUFFIXES: Final = {
    "xes": (".xes",),
    "csv": (".csv",),
    "cloudevents": (".jsonl",),
    "notice": (".jsonl",),
    "ocds": (".json", ".jsonl"),
}
_PLACES: Final = {".xes": "event", ".csv": "line", ".jsonl": "line", ".json": "release"}


@dataclass(slots=True)
class EncodedEvent:
    """An event as it goes on the bus: structured CloudEvents JSON."""

    topic: str
    subject: str
    recorded: datetime
    value: bytes


class Recording:
    """Recorded files read under a mapping.

    `counts`, `rejects`, `marks`, `first` and `last` are complete once `prepare` has run, which
    `events` does by itself. `marks` counts, by field, values that were left out of an event
    because they could not be read. `workdir` takes temporary files and must exist.

    Raises:
        RecordingError: a file is not there, or the mapping reads another format.
    """

    def __init__(
        self,
        files: Sequence[Path],
        mapping: RecordingMapping,
        *,
        region: str | None,
        as_stored: bool,
        workdir: Path,
        progress: Progress,
        now: datetime,
    ) -> None:
        self._files = [Path(file) for file in files]
        self._suffixes = [_fitting(path, mapping) for path in self._files]
        self._mapping = mapping
        self._region = region or mapping.region
        self._as_stored = as_stored
        self._progress = progress
        self._window = Window.of(mapping, now)
        zone = ZoneInfo(mapping.zone)
        self._kinds = [
            Kind(index, spec, zone, self._window) for index, spec in enumerate(mapping.records)
        ]
        self._attributes = {
            rule.attribute for spec in mapping.records for rule in spec.events if rule.attribute
        }
        self._by_id = ExternalSort(workdir, "ids", 2)
        self._by_subject = ExternalSort(workdir, "subjects", 2)
        self._merged = ExternalSort(workdir, "events", 3)
        self._order = 0
        self._prepared = False
        self._made = 0
        self.counts = Counts()
        self.rejects = RejectLog(workdir)
        self.marks: Counter[str] = Counter()
        self.subjects = 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def events(self) -> Iterator[EncodedEvent]:
        """The contract events in the order they are to be published; can be taken once."""
        self.prepare()
        for done, row in enumerate(self._merged.rows(), start=1):
            _, _, _, topic, subject, recorded, value = row
            if done % _STEP == 0:
                self._progress("merge", done, self._made)
            yield EncodedEvent(topic, subject, from_micros(recorded), value)
        self._progress("merge", self._made, self._made)

    def prepare(self) -> None:
        """Read everything and decide what becomes of it; once."""
        if self._prepared:
            return
        self._prepared = True
        for index, path in enumerate(self._files):
            self._read(index, path)
        self._progress("read", self.counts.read, self.counts.read)
        self._drop_repeated_ids()
        self._derive()

    def _read(self, index: int, path: Path) -> None:
        stream = Stream(path)
        try:
            if self._suffixes[index] == ".xes":
                self._read_traces(index, stream)
            else:
                for row in self._rows(index, stream):
                    self._count_read()
                    self._take_row(index, row)
        except UnusableError as error:
            # What cannot be read on is one record more, cut off: the sums stay true.
            self._count_read()
            place = error.position or f"byte {stream.offset}"
            self._reject(index, place, error, "")
        finally:
            stream.close()

    def _rows(self, index: int, stream: Stream) -> Iterator[Row]:
        if self._mapping.format == "csv":
            return rows.csv_rows(stream, self._mapping.encoding)
        if self._mapping.format == "ocds":
            lines = self._suffixes[index] == ".jsonl"
            return rows.ocds_lines(stream) if lines else rows.ocds_rows(stream)
        return rows.json_rows(stream)

    def _count_read(self) -> None:
        self.counts.read += 1
        if self.counts.read % _STEP == 0:
            self._progress("read", self.counts.read, None)

    def _read_traces(self, index: int, stream: Stream) -> None:
        kind = self._kinds[0]
        number = 0
        for attributes, events in xes.traces(stream):
            named = {f"trace/{name}": value for name, value in attributes.items()}
            kept: list[tuple[Any, ...]] = []
            subject = ""
            for event in events:
                number += 1
                self._count_read()
                try:
                    subject = subject or kind.subject(named)
                    kept.append(tuple(kind.record(self._order, index, number, event)))
                    self._order += 1
                except UnusableError as error:
                    self._reject(index, f"event {number}", error, excerpt(event))
            if kept:
                wanted = {n: v for n, v in attributes.items() if n in self._attributes}
                row = (subject, kept[0][0], wanted, kept)
                self._by_subject.add(row, 200 + 400 * len(kept))

    def _take_row(self, index: int, row: Row) -> None:
        try:
            if row.fault is not None or row.fields is None:
                raise row.fault or UnusableError("record", "", "says nothing")
            subject, unique, record = self._record(index, row.number, row.fields)
        except UnusableError as error:
            place = f"{_PLACES[self._suffixes[index]]} {row.number}"
            self._reject(index, place, error, row.excerpt())
            return
        self._order += 1
        wanted = {n: row.fields[n] for n in self._attributes if n in row.fields}
        kept = (subject, record.order, wanted, [tuple(record)])
        size = 600 + 2 * len(str(record.fields))
        if unique is None:
            self._by_subject.add(kept, size)
        else:
            self._by_id.add((unique, record.order, kept, size), size)

    def _record(
        self, index: int, number: int, fields: dict[str, Any]
    ) -> tuple[str, str | None, Record]:
        if self._mapping.format == "cloudevents":
            return cloud_events.record_of(fields, self._order, index, number, self._window)
        for kind in self._kinds:
            if kind.matches(fields):
                subject = kind.subject(fields)
                record = kind.record(self._order, index, number, fields)
                unique = record.own_id
                # A release's id is unique within its contracting process only.
                if unique is not None and self._mapping.format == "ocds":
                    unique = f"{subject}\n{unique}"
                return subject, unique, record
        missing = next((name for name in self._kinds[0].spec.has if name not in fields), "")
        raise UnusableError("kind", missing, f"no record of this mapping: {missing} is missing")

    def _drop_repeated_ids(self) -> None:
        before, digest = "", b""
        for unique, _, kept, size in self._by_id.rows():
            record = Record._make(kept[3][0])
            if unique != before:
                before, digest = unique, record.digest
                self._by_subject.add(kept, size)
            elif record.digest == digest:
                self.counts.duplicates += 1
            else:
                message = f"the id {record.own_id!r} was already used with other content"
                self._reject_record(record, UnusableError("conflict", "id", message))

    def _derive(self) -> None:
        deriver = Deriver(self._mapping, self._kinds, self._window, self.marks)
        for subject, group in groupby(self._by_subject.rows(), key=itemgetter(0)):
            fragments = list(group)
            records = self._without_duplicates(fragments)
            if self._mapping.format == "cloudevents":
                accepted, drafts = len(records), [*map(cloud_events.draft_of, records)]
            else:
                attributes = [fragment[2] for fragment in fragments]
                accepted, drafts = deriver.drafts(subject, records, attributes, self._reject_record)
            self._accept(accepted, drafts)
            self._emit(subject, drafts)

    def _without_duplicates(self, fragments: list[tuple[Any, ...]]) -> list[Record]:
        """The records of a subject; the same content from a second file counts once.

        Within one file equal-looking records are different ones.
        """
        records = [Record._make(row) for fragment in fragments for row in fragment[3]]
        if len({record.file for record in records}) < 2:
            return records
        seen: dict[tuple[bytes, str | None], Counter[int]] = {}
        kept: list[Record] = []
        for record in records:
            by_file = seen.setdefault((record.digest, record.own_id), Counter())
            most = max(by_file.values(), default=0)
            by_file[record.file] += 1
            if by_file[record.file] > most:
                kept.append(record)
            else:
                self.counts.duplicates += 1
        return kept

    def _accept(self, accepted: int, drafts: list[Draft]) -> None:
        self.counts.accepted += accepted
        self.subjects += accepted > 0
        if not drafts:
            return
        earliest = from_micros(min(draft.time for draft in drafts))
        latest = from_micros(max(draft.time for draft in drafts))
        self.first = earliest if self.first is None else min(self.first, earliest)
        self.last = latest if self.last is None else max(self.last, latest)

    def _emit(self, subject: str, drafts: list[Draft]) -> None:
        if self._as_stored:
            drafts.sort(key=lambda draft: (draft.order, draft.rank))
        else:
            drafts.sort(key=itemgetter(0, 1, 2, 3))
        sequences: Counter[str] = Counter()
        for place, draft in enumerate(drafts):
            topic = self._mapping.topic or cloud_events.topic_of(draft.type)
            sequences[topic] += 1
            # A copy: what the encoder returns holds on to its working buffer, ten times the size.
            value = bytes(memoryview(encode(self._event(subject, draft, sequences[topic]))))
            first = draft.order if self._as_stored else draft.recorded
            row = (first, subject, place, topic, subject, draft.recorded, value)
            self._merged.add(row, 250 + len(value))
            self._made += 1
        if self.subjects % _STEP == 0:
            self._progress("derive", self.subjects, None)

    def _event(self, subject: str, draft: Draft, sequence: int) -> Event:
        mapping = self._mapping
        envelope = draft.envelope or {
            "source": mapping.source,
            "regime": mapping.regime,
            "region": self._region,
            "department": mapping.department,
        }
        return Event(
            id=recorded_id(envelope["source"], subject, draft.position),
            type=draft.type,
            subject=subject,
            time=from_micros(draft.time),
            recordedtime=from_micros(draft.recorded),
            sequence=sequence,
            data=draft.data,
            **envelope,
        )

    def _reject_record(self, record: Record, error: UnusableError) -> None:
        place = f"{_PLACES[self._suffixes[record.file]]} {record.number}"
        self._reject(record.file, place, error, excerpt(record.fields))

    def _reject(self, index: int, place: str, error: UnusableError, shown: str) -> None:
        self.counts.rejected += 1
        name = self._files[index].name
        self.rejects.append(Reject(name, place, error.code, error.field, str(error), shown))


def _fitting(path: Path, mapping: RecordingMapping) -> str:
    suffix = suffix_of(path)
    if suffix not in _SUFFIXES[mapping.format]:
        wanted = " or ".join(_SUFFIXES[mapping.format])
        raise RecordingError(f"{path}: the mapping {mapping.name} reads {wanted}, each also .gz")
    return suffix
