"""Replays of the shared recordings for the oracle tests: each run once, by the command line."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, str]


@dataclass(frozen=True)
class Replayed:
    """What a replay left and printed."""

    folder: Path
    printed: str

    @property
    def summary(self) -> dict[str, Any]:
        """summary.json."""
        body: dict[str, Any] = json.loads((self.folder / "summary.json").read_text())
        return body

    def rows(self, name: str) -> list[Row]:
        """The rows of one of the files."""
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def clocks(self, rule: str) -> dict[str, Row]:
        """Subject → its clock under a rule that has one each."""
        return {row["subject"]: row for row in self.rows("clocks.csv") if row["rule"] == rule}


def replayed(folder: Path, mapping: str, *files: Path, more: tuple[str, ...] = ()) -> Replayed:
    """Run `sunlight replay` on `files`."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sunlight.main",
            "--lang",
            "en",
            "replay",
            *map(str, files),
            "--mapping",
            mapping,
            "--out",
            str(folder),
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return Replayed(folder, done.stdout)


def oracle(path: Path) -> dict[str, Row]:
    """Rows of an oracle file by case."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return {row["case_id"]: row for row in csv.DictReader(file)}
