"""Days of a clock one by one, and what they add up to.

Pure. It counts nothing of its own: `worktime.strip` says which day counts, this only sorts days by
why they do or do not, so that the parts always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from libs.common.worktime import Calendar, DayKind, Unit
from libs.common.worktime.counting import strip


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the strip.

    `ground` is the code of the exclusion it lies in, `name` the festival in Chinese, `ordinal`
    its number if it counted, `mark` one of start, due, stopped.
    """

    day: date
    kind: DayKind
    counted: bool
    ground: str | None
    name: str | None
    ordinal: int | None
    mark: str | None = None

    def marked(self, mark: str | None) -> Day:
        """The same day with a mark."""
        return replace(self, mark=mark) if mark else self


@dataclass(frozen=True, slots=True)
class Sum:
    """The days after a start, up to and including `upto`, by why they count or not.

    `days` = counted + weekends + holidays + excluded; `makeup` are among the counted.
    """

    upto: date
    days: int
    counted: int
    makeup: int
    weekends: int
    holidays: tuple[tuple[str, int], ...]
    excluded: tuple[tuple[str, int], ...]


def days_of(
    calendar: Calendar,
    unit: Unit,
    start: date,
    upto: date,
    spans: Sequence[tuple[date, date | None, str]],
) -> list[Day]:
    """Every day from `start`, which never counts, to `upto`.

    A pause takes away only what would have counted: a day off that lies in one stays a day off.
    """
    marks = strip(calendar, unit, start, upto, spans)
    return [
        Day(
            mark.day,
            mark.kind,
            mark.counted,
            mark.ground if _would_count(unit, mark.kind) else None,
            mark.name,
            mark.ordinal,
        )
        for mark in marks
    ]


def _would_count(unit: Unit, kind: DayKind) -> bool:
    return unit is not Unit.WORKING_DAY or kind in (DayKind.WORKING, DayKind.MAKEUP)


def add_up(unit: Unit, days: Sequence[Day], upto: date) -> Sum:
    """What the days after the first add up to."""
    after = [day for day in days[1:] if day.day <= upto]
    counted = [day for day in after if day.counted]
    holidays: dict[str, int] = {}
    excluded: dict[str, int] = {}
    weekends = 0
    for day in after:
        if day.counted:
            continue
        if _would_count(unit, day.kind):
            excluded[day.ground or ""] = excluded.get(day.ground or "", 0) + 1
        elif day.kind is DayKind.HOLIDAY:
            holidays[day.name or ""] = holidays.get(day.name or "", 0) + 1
        else:
            weekends += 1
    makeup = sum(day.kind is DayKind.MAKEUP for day in counted)
    return Sum(
        upto=upto,
        days=len(after),
        counted=len(counted),
        makeup=makeup if unit is Unit.WORKING_DAY else 0,
        weekends=weekends,
        holidays=tuple(holidays.items()),
        excluded=tuple(excluded.items()),
    )
