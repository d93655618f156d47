"""Sorting more rows than memory holds: sorted runs on disk, merged when read.

Rows are tuples of plain values. Their first members are the key, which must be unique; the last
is the payload in bytes, which is never compared. Memory stays flat as the input grows.
"""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

Row = tuple[Any, ...]

RUN_BYTES: Final = 24 * 1024 * 1024
BATCH_BYTES: Final = 128 * 1024
MAX_RUNS: Final = 48
ROW_BYTES: Final = 250
"""What a row weighs in memory beside its payload, about."""
_LENGTH: Final = 8


def _write_batch(file: BinaryIO, batch: list[Row]) -> None:
    # With its length before it: marshal reads from bytes many times as fast as from a file.
    content = marshal.dumps(batch)
    file.write(len(content).to_bytes(_LENGTH))
    file.write(content)


def _write_run(path: Path, rows: Iterable[Row]) -> None:
    with path.open("wb") as file:
        batch: list[Row] = []
        held = 0
        for row in rows:
            batch.append(row)
            held += ROW_BYTES + len(row[-1])
            if held >= BATCH_BYTES:
                _write_batch(file, batch)
                batch, held = [], 0
        if batch:
            _write_batch(file, batch)


def _read_run(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        while length := file.read(_LENGTH):
            yield from marshal.loads(file.read(int.from_bytes(length)))  # noqa: S302 - our own file
    path.unlink()


class ExternalSort:
    """Takes rows in any order, gives them back sorted, once.

    A run is written when the rows held weigh `run_bytes`. Once settled, all rows are on disk and
    the sort itself can be pickled: another process may read them.
    """

    def __init__(self, folder: Path, name: str, *, run_bytes: int = RUN_BYTES) -> None:
        self._folder = folder
        self._name = name
        self._run_bytes = run_bytes
        self._rows: list[Row] = []
        self._held = 0
        self._runs: list[Path] = []
        self._made = 0

    def add(self, row: Row) -> None:
        """Take one row; its last member is its payload in bytes."""
        self._rows.append(row)
        self._held += ROW_BYTES + len(row[-1])
        if self._held >= self._run_bytes:
            self.settle()

    def settle(self) -> None:
        """Put every row held on disk."""
        if not self._rows:
            return
        self._rows.sort()
        path = self._new_run()
        _write_run(path, self._rows)
        self._rows = []
        self._held = 0
        self._runs.append(path)
        if len(self._runs) >= MAX_RUNS:
            self._join()

    def _new_run(self) -> Path:
        self._made += 1
        return self._folder / f"{self._name}.{self._made}.run"

    def _join(self) -> None:
        # Fewer, longer runs: open files and read batches stay bounded however long the input is.
        path = self._new_run()
        _write_run(path, heapq.merge(*map(_read_run, self._runs)))
        self._runs = [path]

    def rows(self) -> Iterator[Row]:
        """Every row, sorted; the temporary files go away as they are read."""
        if self._runs:
            self.settle()
            runs, self._runs = self._runs, []
            yield from heapq.merge(*map(_read_run, runs))
            return
        rows, self._rows = self._rows, []
        self._held = 0
        rows.sort()
        yield from rows
