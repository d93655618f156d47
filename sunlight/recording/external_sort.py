"""Sorting more rows than memory holds: sorted runs on disk, merged when read.

Rows are tuples of plain values (text, bytes, numbers, None, lists, dicts) and sort by their first
`key` members, which must be unique; memory stays flat as the input grows.
"""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

Row = tuple[Any, ...]

RUN_BYTES: Final = 24 * 1024 * 1024
BATCH_BYTES: Final = 128 * 1024
MAX_RUNS: Final = 48


def _write_run(path: Path, rows: Iterable[tuple[Row, int]]) -> None:
    with path.open("wb") as file:
        batch: list[Row] = []
        held = 0
        for row, size in rows:
            batch.append(row)
            held += size
            if held >= BATCH_BYTES:
                marshal.dump(batch, file)
                batch, held = [], 0
        if batch:
            marshal.dump(batch, file)


def _read_run(path: Path) -> Iterator[Row]:
    end = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < end:
            yield from marshal.load(file)  # noqa: S302 - our own temporary file
    path.unlink()


class ExternalSort:
    """Takes rows in any order, gives them back sorted, once.

    `size` passed with a row is its rough weight in bytes; a run is written when the rows held
    weigh `run_bytes`.
    """

    def __init__(self, folder: Path, name: str, key: int, *, run_bytes: int = RUN_BYTES) -> None:
        self._folder = folder
        self._name = name
        self._key: Callable[[Row], Any] = itemgetter(*range(key))
        self._run_bytes = run_bytes
        self._rows: list[tuple[Row, int]] = []
        self._held = 0
        self._runs: list[Path] = []
        self._made = 0

    def add(self, row: Row, size: int) -> None:
        """Take one row of about `size` bytes."""
        self._rows.append((row, size))
        self._held += size
        if self._held >= self._run_bytes:
            self._spill()

    def _new_run(self) -> Path:
        self._made += 1
        return self._folder / f"{self._name}.{self._made}.run"

    def _spill(self) -> None:
        self._rows.sort(key=lambda held: self._key(held[0]))
        path = self._new_run()
        _write_run(path, self._rows)
        self._rows = []
        self._held = 0
        self._runs.append(path)
        if len(self._runs) >= MAX_RUNS:
            self._join()

    def _join(self) -> None:
        # Fewer, longer runs: open files and read batches stay bounded however long the input is.
        path = self._new_run()
        merged = heapq.merge(*map(_read_run, self._runs), key=self._key)
        weight = BATCH_BYTES // 256
        _write_run(path, ((row, weight) for row in merged))
        self._runs = [path]

    def rows(self) -> Iterator[Row]:
        """Every row, sorted; the temporary files go away as they are read."""
        if not self._runs:
            rows, self._rows = self._rows, []
            rows.sort(key=lambda held: self._key(held[0]))
            for row, _ in rows:
                yield row
            return
        if self._rows:
            self._spill()
        runs, self._runs = self._runs, []
        yield from heapq.merge(*map(_read_run, runs), key=self._key)
