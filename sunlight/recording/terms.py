"""What one reading of a recording goes by: files, mapping, window. The same in every process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sunlight.recording.faults import RecordingError, Reject, UnusableError
from sunlight.recording.files import suffix_of
from sunlight.recording.kinds import Kind, Window
from sunlight.recording.mapping import RecordingMapping

_SUFFIXES: Final = {
    "xes": (".xes",),
    "csv": (".csv",),
    "cloudevents": (".jsonl",),
    "notice": (".jsonl",),
    "ocds": (".json", ".jsonl"),
}
_PLACES: Final = {".xes": "event", ".csv": "line", ".jsonl": "line", ".json": "release"}


@dataclass(frozen=True)
class Terms:
    """The terms of a reading. `workdir` takes temporary files and must exist."""

    files: tuple[Path, ...]
    suffixes: tuple[str, ...]
    mapping: RecordingMapping
    region: str | None
    as_stored: bool
    workdir: Path
    window: Window

    def kinds(self) -> list[Kind]:
        """The kinds of records, ready to read."""
        zone = ZoneInfo(self.mapping.zone)
        return [
            Kind(index, spec, zone, self.window) for index, spec in enumerate(self.mapping.records)
        ]

    def place(self, index: int, number: int) -> str:
        """The place of a record in its file, as a reject tells it."""
        return f"{_PLACES[self.suffixes[index]]} {number}"

    def reject(self, index: int, place: str, error: UnusableError, shown: str) -> Reject:
        """The reject of a record of the file `index`."""
        name = self.files[index].name
        return Reject(name, place, error.code, error.field, str(error), shown)


def fitting(path: Path, mapping: RecordingMapping) -> str:
    """The format suffix of a file. Raises RecordingError if the mapping reads another format."""
    suffix = suffix_of(path)
    if suffix not in _SUFFIXES[mapping.format]:
        wanted = " or ".join(_SUFFIXES[mapping.format])
        raise RecordingError(f"{path}: the mapping {mapping.name} reads {wanted}, each also .gz")
    return suffix
