"""Opening recorded files by name, and what is safe to take from them at once."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from sunlight.recording.faults import RecordingError, UnusableError

SUFFIXES: Final = (".xes", ".csv", ".jsonl", ".json")
MAX_LINE: Final = 8 * 1024 * 1024
CHUNK: Final = 256 * 1024


def suffix_of(path: Path) -> str:
    """The format suffix, with a trailing .gz taken off.

    Raises:
        RecordingError: not a file, or a suffix nobody reads (archives are not read).
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in SUFFIXES:
        raise RecordingError(
            f"{path}: read are {', '.join(SUFFIXES)}, each also with .gz; archives must be unpacked"
        )
    if not path.is_file():
        raise RecordingError(f"{path}: no such file")
    return suffix


def _unpacked(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(path, "rb"))


class Stream:
    """The bytes of one file, unpacked; faults of the packing become `UnusableError`."""

    def __init__(self, path: Path) -> None:
        self.offset = 0
        packed = path.name.lower().endswith(".gz")
        self._file: IO[bytes] = _unpacked(path) if packed else path.open("rb")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self) -> bytes:
        """The next some hundred thousand bytes, empty at the end."""
        return self._take(self._file.read, CHUNK)

    def readline(self, size: int = MAX_LINE) -> bytes:
        """A line with its end, or the first `size` bytes of a longer one; empty at the end."""
        return self._take(self._file.readline, size)

    def _take(self, call: Callable[[int], bytes], size: int) -> bytes:
        try:
            data = call(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnusableError(
                "gzip", "", f"broken gzip at byte {self.offset}: {error}"
            ) from error
        except OSError as error:
            raise UnusableError("file", "", f"cannot be read on: {error}") from error
        self.offset += len(data)
        return data


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `whole` is False when only its beginning was taken."""

    number: int
    text: bytes
    whole: bool


def lines(stream: Stream, limit: int = MAX_LINE) -> Iterator[Line]:
    """The lines of a file from 1; of one longer than `limit` only the beginning."""
    number = 0
    while data := stream.readline(limit):
        number += 1
        whole = data.endswith(b"\n") or len(data) < limit
        yield Line(number, data.rstrip(b"\r\n"), whole)
        while not whole:
            rest = stream.readline(limit)
            whole = rest.endswith(b"\n") or len(rest) < limit
