"""Named stretches of a calendar strip, for screens too narrow to write a name on each day.

Pure. Must never decide what counts: that comes with the days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(slots=True)
class Run:
    """Consecutive days with one text (a ground or a name), or one marked day."""

    first: date
    last: date
    text: Any
    mark: str | None = None


def day_runs(days: Iterable[Any]) -> list[Run]:
    """Runs of days that have a ground or a name, and each marked day (`start`, `due`)."""
    runs: list[Run] = []
    for entry in days:
        day: date = _of(entry, "day")
        mark: str | None = _of(entry, "mark")
        text = _of(entry, "ground") or _of(entry, "name")
        if mark:
            runs.append(Run(day, day, None, mark))
        elif text and runs and runs[-1].text == text and day - runs[-1].last == timedelta(days=1):
            runs[-1].last = day
        elif text:
            runs.append(Run(day, day, text))
    return runs


def _of(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)
