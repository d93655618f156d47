"""What could not be used of a recording: rejected records, and values left out.

Nothing is dropped in silence: a record is accepted, a duplicate, or listed here with its place.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

EXCERPT: Final = 200
KEPT_IN_MEMORY: Final = 10_000


class RecordingError(ValueError):
    """The recording cannot be read at all as asked: no such file, or not a format we read."""


class MappingError(ValueError):
    """A mapping is wrong; the message starts with file:line: field."""


class UnusableError(ValueError):
    """A record or a value in it cannot be used; becomes a `Reject`.

    `position` is given where the reader knows the place better than its caller.
    """

    def __init__(self, code: str, field: str, message: str, position: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.position = position


@dataclass(frozen=True, slots=True)
class Reject:
    """One row of rejects.csv. `position` is the place in the file (line, event, byte)."""

    file: str
    position: str
    code: str
    field: str
    message: str
    excerpt: str


@dataclass(slots=True)
class Counts:
    """Input records, never derived events: read = accepted + rejected + duplicates."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0


def excerpt(value: object) -> str:
    """The beginning of what was there, on one line and without control characters."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = text[: EXCERPT * 2]
    return "".join(sign if sign.isprintable() else " " for sign in text)[:EXCERPT].strip()


class RejectLog:
    """The rejects in the order they were found; beyond some thousands they go to a file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "rejects.spill"
        self._held: list[Reject] = []
        self._spill: BinaryIO | None = None
        self._spilled = 0

    def __len__(self) -> int:
        return self._spilled + len(self._held)

    def append(self, reject: Reject) -> None:
        """Add one."""
        self._held.append(reject)
        if len(self._held) >= KEPT_IN_MEMORY:
            self._flush()

    def _flush(self) -> None:
        if self._spill is None:
            self._spill = self._path.open("w+b")
        self._spill.seek(0, 2)
        for held in self._held:
            row = (held.file, held.position, held.code, held.field, held.message, held.excerpt)
            marshal.dump(row, self._spill)
        self._spilled += len(self._held)
        self._held.clear()

    def __iter__(self) -> Iterator[Reject]:
        if self._spill is not None:
            self._spill.flush()
            with self._path.open("rb") as file:
                for _ in range(self._spilled):
                    yield Reject(*marshal.load(file))  # noqa: S302 - our own temporary file
        yield from self._held

    def close(self) -> None:
        """Close the file behind the log; the log can still be read."""
        if self._spill is not None:
            self._spill.close()
