"""Records of tenders (OCDS, notices) as histories for the trading service, by a mapping.

Reads as a replay does; nothing is decided here, and nothing is published. Must never hold more of a
record than what becomes events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from services.resource_trading.history.errors import TooManyRecords, UnknownMapping
from services.resource_trading.history.told import History, Read, Reject, Told
from sunlight.importing.file import FileRefusedError
from sunlight.importing.lots import SEPARATOR, Lots
from sunlight.recording import MappingError, RecordingError, RecordingMapping, load_mapping, shipped
from sunlight.recording import rows as reading
from sunlight.recording.deriving import Deriver
from sunlight.recording.faults import UnusableError
from sunlight.recording.files import Stream
from sunlight.recording.kinds import Kind, Record, Window, from_micros
from sunlight.recording.rows import Row
from sunlight.recording.terms import fitting

OCDS: Final = "tenders-ocds"
NOTICES: Final = "tenders-notices"
PREFIX: Final = "tenders-"
"""Mappings of this beginning read tenders; only these may a request name."""
MOST: Final = 500_000
"""Records of one import: they are held until all of them are read."""
MOST_ASKED: Final = 1_000
"""Records of one request, those in its packages counted."""
Progress: TypeAlias = Callable[[str, int, int | None], None]
Place: TypeAlias = tuple[str, str]


def usual_mapping(path: Path) -> str:
    """The shipped mapping that a file's name suggests."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return NOTICES if suffixes and suffixes[-1] == ".jsonl" else OCDS


def read_records(mapping: str, records: Sequence[Any], now: datetime) -> Read:
    """The records of a request as histories. Raises UnknownMapping, TooManyRecords."""
    if mapping not in shipped() or not mapping.startswith(PREFIX):
        raise UnknownMapping(name=mapping)
    found = TenderReading(load_mapping(mapping), now)
    rows = ((n, row) for n, record in enumerate(records, 1) for row in found.rows_of(n, record))
    for taken, (number, row) in enumerate(rows):
        if taken == MOST_ASKED:
            raise TooManyRecords(most=MOST_ASKED)
        found.take(("", str(number)), row)
    return found.histories()


class TenderReading:
    """Reads records under one mapping; `now` is the latest believable instant.

    `take` each record, then ask for the `histories` once. Of two records with one id and the same
    content the second is a duplicate; with other content it is rejected.
    """

    def __init__(self, mapping: RecordingMapping, now: datetime) -> None:
        self.mapping = mapping
        zone, window = ZoneInfo(mapping.zone), Window.of(mapping, now)
        self._kinds = [Kind(n, spec, zone, window) for n, spec in enumerate(mapping.records)]
        self._marks: Counter[str] = Counter()
        self._deriver = Deriver(mapping, self._kinds, window, self._marks)
        self._lots = Lots() if mapping.format == "ocds" else None
        self._of: dict[str, list[Record]] = {}
        self._digests: dict[str, bytes] = {}
        self._gone: dict[int, UnusableError] = {}
        self._read = Read()

    def read_file(self, path: Path, progress: Progress) -> None:
        """Take every record of a file. Raises FileRefusedError for one that can't be read so."""
        try:
            suffix = fitting(path, self.mapping)
        except RecordingError as error:
            reason = str(error).removeprefix(f"{path}: ")
            zh = f"不能按 {self.mapping.name} 读取:{reason}"
            raise FileRefusedError(path, zh, reason) from error
        stream = Stream(path)
        word = "release" if suffix == ".json" else "line"
        try:
            for row in self._rows(stream, suffix):
                self.take((path.name, f"{word} {row.number}"), row)
                if self._read.read % 1000 == 0:
                    progress("read", self._read.read, None)
        except UnusableError as error:
            # What can't be read on is one record more, cut off: the sums stay true.
            self._read.read += 1
            place = (path.name, error.position or f"byte {stream.offset}")
            self._reject(place, error, "")
        finally:
            stream.close()

    def rows_of(self, number: int, record: Any) -> Iterable[Row]:
        """The records in a member of a request: a package of OCDS has several."""
        found = reading.releases(record) if self._lots is not None else [record]
        for one in found:
            if isinstance(one, dict):
                yield Row(number, one, None, lambda one=one: str(one)[:200])  # type: ignore[misc]
            else:
                fault = UnusableError("not-an-object", "", f"{type(one).__name__}, not an object")
                yield Row(number, None, fault, lambda one=one: str(one)[:200])  # type: ignore[misc]

    def take(self, place: Place, row: Row) -> None:
        """Take one record, which stands at `place`: file and position."""
        read = self._read
        read.read += 1
        if read.read > MOST:
            raise FileRefusedError(
                Path(place[0]), f"超过 {MOST} 条,请拆分", f"more than {MOST} records: split it"
            )
        number = read.read
        try:
            if row.fault is not None or row.fields is None:
                raise row.fault or UnusableError("record", "", "says nothing")
            parts = self._lots.split(row.fields) if self._lots else [row.fields]
            made = [self._record(number, part) for part in parts]
            known = self._known(*made[0])
        except UnusableError as error:
            self._reject(place, error, row.excerpt())
            return
        if known:
            read.duplicates += 1
            return
        read.places[number] = (*place, row.excerpt())
        for subject, record in made:
            self._of.setdefault(subject, []).append(record)

    def histories(self) -> Read:
        """Everything that was taken, by tender."""
        for subject, records in self._of.items():
            self._derive(subject, records)
        self._reject_gone()
        self._read.left_out = dict(self._marks)
        return self._read

    def _rows(self, stream: Stream, suffix: str) -> Iterable[Row]:
        if self._lots is None:
            return reading.json_rows(stream)
        return reading.ocds_lines(stream) if suffix == ".jsonl" else reading.ocds_rows(stream)

    def _record(self, number: int, fields: dict[str, Any]) -> tuple[str, Record]:
        for kind in self._kinds:
            if kind.matches(fields):
                return kind.subject(fields), kind.record(number, 0, number, fields)
        missing = next((name for name in self._kinds[0].spec.has if name not in fields), "")
        raise UnusableError("kind", missing, f"no record of this mapping: {missing} is missing")

    def _known(self, subject: str, record: Record) -> bool:
        """Whether the record was taken before. Raises UnusableError where it said other things."""
        if record.own_id is None:
            return False
        # A release's id is unique within its contracting process only.
        unique = f"{subject}{SEPARATOR}{record.own_id}"
        held = self._digests.get(unique)
        if held is None:
            self._digests[unique] = record.digest
        elif held != record.digest:
            message = f"the id {record.own_id!r} was already used with other content"
            raise UnusableError("conflict", "id", message)
        return held is not None

    def _derive(self, subject: str, records: list[Record]) -> None:
        def reject(record: Record, error: UnusableError) -> None:
            self._gone.setdefault(record.order, error)

        _, drafts = self._deriver.drafts(subject, records, (), reject)
        number, _, lot = subject.partition(SEPARATOR)
        told = [
            Told(one.type, from_micros(one.time), from_micros(one.recorded), one.data, one.order)
            for one in drafts
        ]
        if told:
            self._read.histories.append(History(number, lot or None, told))

    def _reject_gone(self) -> None:
        """List the records of which nothing could be derived; of others a part is left out."""
        taken = {told.record for history in self._read.histories for told in history.told}
        for number, error in sorted(self._gone.items()):
            if number in taken:
                self._marks[error.field or "lot"] += 1
            else:
                file, position, shown = self._read.places.pop(number)
                self._reject((file, position), error, shown)

    def _reject(self, place: Place, error: UnusableError, shown: str) -> None:
        told = (error.code, error.field, str(error))
        self._read.rejects.append(Reject(*place, *told, shown))


def mapping_for(name: str | None, files: Sequence[Path]) -> RecordingMapping:
    """The mapping of that name or file; without one the shipped one that the files suggest.

    Raises FileRefusedError where it is wrong, or the files suggest different ones.
    """
    usual = {usual_mapping(path) for path in files}
    if name is None and len(usual) > 1:
        raise FileRefusedError(
            files[0], "文件格式不同,请用 --mapping 指明或分别导入", "files differ: name a --mapping"
        )
    try:
        mapping = load_mapping(name or usual.pop())
    except MappingError as error:
        reason = str(error).removeprefix(f"{name}: ")
        raise FileRefusedError(Path(name or ""), reason, reason) from error
    if mapping.format not in ("ocds", "notice"):
        zh, en = "导入只读 ocds 与 notice", "only ocds and notice are imported"
        raise FileRefusedError(Path(mapping.name), zh, en)
    return mapping
