"""The reading pass: files in, records out, gathered by subject; what is unusable is rejected.

Records of one subject always lie in the same share, so that shares can be derived apart.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from sunlight.recording import cloud_events, rows, xes
from sunlight.recording.external_sort import RUN_BYTES, ExternalSort
from sunlight.recording.faults import Counts, RejectLog, UnusableError, excerpt
from sunlight.recording.files import Stream
from sunlight.recording.kinds import Record
from sunlight.recording.rows import Row
from sunlight.recording.terms import Terms

Progress = Callable[[str, int, int | None], None]
"""Called with the pass (read, derive, merge), how many are done, and of how many if known."""

STEP: Final = 10_000
SHARES: Final = 2


class Intake:
    """Reads the files of `terms`, in order; `shares` hold the records once `read` has run.

    A row of a share: subject, order, payload; the payload is the marshalled pair of the
    attributes of the case that the mapping names, and the records as plain tuples.
    """

    def __init__(
        self, terms: Terms, counts: Counts, rejects: RejectLog, progress: Progress
    ) -> None:
        self._terms = terms
        self._mapping = terms.mapping
        self._kinds = terms.kinds()
        self._attributes = {
            rule.attribute for spec in self._mapping.records for rule in spec.events
        } - {None}
        self._by_id = ExternalSort(terms.workdir, "ids")
        self._counts = counts
        self._rejects = rejects
        self._progress = progress
        self._order = 0
        self.shares = [
            ExternalSort(terms.workdir, f"subjects-{number}", run_bytes=RUN_BYTES // SHARES)
            for number in range(SHARES)
        ]

    def read(self) -> None:
        """Read every file to its end."""
        for index, path in enumerate(self._terms.files):
            self._read(index, path)
        self._progress("read", self._counts.read, self._counts.read)
        self._drop_repeated_ids()

    def _read(self, index: int, path: Path) -> None:
        stream = Stream(path)
        try:
            if self._terms.suffixes[index] == ".xes":
                self._read_traces(index, stream)
            else:
                for row in self._rows(index, stream):
                    self._count_read()
                    self._take_row(index, row)
        except UnusableError as error:
            # What cannot be read on is one record more, cut off: the sums stay true.
            self._count_read()
            self._reject(index, error.position or f"byte {stream.offset}", error, "")
        finally:
            stream.close()

    def _rows(self, index: int, stream: Stream) -> Iterator[Row]:
        if self._mapping.format == "csv":
            return rows.csv_rows(stream, self._mapping.encoding)
        if self._mapping.format == "ocds":
            lines = self._terms.suffixes[index] == ".jsonl"
            return rows.ocds_lines(stream) if lines else rows.ocds_rows(stream)
        return rows.json_rows(stream)

    def _count_read(self) -> None:
        self._counts.read += 1
        if self._counts.read % STEP == 0:
            self._progress("read", self._counts.read, None)

    def _read_traces(self, index: int, stream: Stream) -> None:
        kind = self._kinds[0]
        number = 0
        for attributes, events in xes.traces(stream):
            named = {f"trace/{name}": value for name, value in attributes.items()}
            records: list[Record] = []
            subject = ""
            for event in events:
                number += 1
                self._count_read()
                try:
                    subject = subject or kind.subject(named)
                    records.append(kind.record(self._order, index, number, event))
                    self._order += 1
                except UnusableError as error:
                    self._reject(index, self._terms.place(index, number), error, excerpt(event))
            if records:
                self._gather(subject, records[0].order, self._payload(attributes, records))

    def _payload(self, said: dict[str, Any], records: list[Record]) -> bytes:
        wanted = {name: said[name] for name in self._attributes if name in said}
        return marshal.dumps((wanted, list(map(tuple, records))))

    def _gather(self, subject: str, order: int, payload: bytes) -> None:
        share = crc32(subject.encode("utf-8", "surrogatepass")) % SHARES
        self.shares[share].add((subject, order, payload))

    def _take_row(self, index: int, row: Row) -> None:
        try:
            if row.fault is not None or row.fields is None:
                raise row.fault or UnusableError("record", "", "says nothing")
            subject, unique, record = self._record(index, row.number, row.fields)
        except UnusableError as error:
            self._reject(index, self._terms.place(index, row.number), error, row.excerpt())
            return
        self._order += 1
        payload = self._payload(row.fields, [record])
        if unique is None:
            self._gather(subject, record.order, payload)
        else:
            self._by_id.add((unique, record.order, subject, record.digest, payload))

    def _record(
        self, index: int, number: int, fields: dict[str, Any]
    ) -> tuple[str, str | None, Record]:
        if self._mapping.format == "cloudevents":
            return cloud_events.record_of(fields, self._order, index, number, self._terms.window)
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
        before: str | None = None
        kept = b""
        for unique, order, subject, digest, payload in self._by_id.rows():
            if unique != before:
                before, kept = unique, digest
                self._gather(subject, order, payload)
            elif digest == kept:
                self._counts.duplicates += 1
            else:
                self._reject_conflict(payload)

    def _reject_conflict(self, payload: bytes) -> None:
        (record,) = map(Record._make, marshal.loads(payload)[1])  # noqa: S302 - our own bytes
        message = f"the id {record.own_id!r} was already used with other content"
        error = UnusableError("conflict", "id", message)
        place = self._terms.place(record.file, record.number)
        self._reject(record.file, place, error, excerpt(record.fields))

    def _reject(self, index: int, place: str, error: UnusableError, shown: str) -> None:
        self._counts.rejected += 1
        self._rejects.append(self._terms.reject(index, place, error, shown))
