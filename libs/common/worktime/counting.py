"""Counting legal periods in days, months and years, with time that does not count.

The first day never counts (民法典 201); a pause from day a to day b takes the days d, a < d <= b.
Pure arithmetic over civil days: it must never see an instant, a zone or today's date.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from libs.common.worktime.calendar import Calendar, DayKind

Exclusion = tuple[date, date | None]
"""(pause, resume]: days d with pause < d <= resume do not count; None: still open, runs on."""


class Unit(StrEnum):
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    HOUR = "hour"
    MONTH = "month"
    YEAR = "year"


# Reading a member off the enum class costs more than the whole count.
_WORKING_DAY = Unit.WORKING_DAY
_CALENDAR_DAY = Unit.CALENDAR_DAY


@dataclass(frozen=True, slots=True)
class DayMark:
    """One day of a clock's calendar strip.

    `ordinal` is its number in the count if it `counted`. `ground` is that of the exclusion which
    takes it away; a day that neither counts nor has a ground is the first day or, by its `kind`, a
    day off, which no exclusion takes away a second time. `name` is the festival, `mark` what a
    reader wants pointed out of it: one of start, due, stopped.
    """

    day: date
    kind: DayKind
    counted: bool
    ground: str | None
    name: str | None
    ordinal: int | None
    mark: str | None = None

    def marked(self, mark: str | None) -> Self:
        """The same day with a mark."""
        return replace(self, mark=mark) if mark else self


def union(exclusions: Iterable[Exclusion]) -> list[Exclusion]:
    """The same days as sorted, disjoint, non-touching exclusions; empty ones are dropped."""
    merged: list[Exclusion] = []
    for pause, resume in sorted(exclusions, key=_pause):
        if resume is not None and resume <= pause:
            continue
        if not merged:
            merged.append((pause, resume))
            continue
        start, end = merged[-1]
        if end is None:
            break
        if pause > end:
            merged.append((pause, resume))
        elif resume is None or resume > end:
            merged[-1] = (start, resume)
    return merged


def elapsed(
    calendar: Calendar, unit: Unit, start: date, at: date, exclusions: Sequence[Exclusion] = ()
) -> int:
    """Days d with start < d <= at that the unit counts and that lie in no exclusion.

    0 if `at` is not after `start`. WORKING_DAY and CALENDAR_DAY only, else ValueError.
    """
    counted = _count(calendar, unit, start, at)
    if exclusions and counted:
        return counted - excluded(calendar, unit, start, at, exclusions)
    return counted


def excluded(
    calendar: Calendar, unit: Unit, start: date, at: date, exclusions: Sequence[Exclusion] = ()
) -> int:
    """Days the unit counts in (start, at] that the exclusions take away, each once."""
    counted = 0
    for pause, resume in exclusions if len(exclusions) < 2 else union(exclusions):
        counted += _count(
            calendar,
            unit,
            max(pause, start),
            at if resume is None else min(resume, at),
        )
    return counted


def due_date(
    calendar: Calendar,
    unit: Unit,
    start: date,
    length: int,
    exclusions: Sequence[Exclusion] = (),
    *,
    roll: bool = False,
) -> date | None:
    """The last day of a period of `length` units after `start`; length 0 is `start` itself.

    Days: the N-th counted day. Months and years: the same day number, else the month's last day
    (民法典 202), later by the calendar days excluded before it. `roll`: then the next day that is
    no day off (民法典 203). None while an open exclusion holds the period. ValueError for hours
    (see due_instant) and negative lengths.
    """
    if length < 0:
        raise ValueError(f"length must not be negative, not {length}")
    if unit is not _WORKING_DAY and unit is not _CALENDAR_DAY:
        length = (_months_after(start, unit, length) - start).days
        unit = _CALENDAR_DAY
    due = _nth_counted(calendar, unit, start, length, exclusions) if length else start
    return calendar.roll_forward(due) if roll and due is not None else due


def is_provisional(
    calendar: Calendar, unit: Unit, start: date, due: date | None, roll: bool
) -> bool:
    """Whether `due` rests on days whose days off aren't known yet.

    A working-day clock rests on every day from the one after `start` to `due`, a rolled clock of
    another unit on `due` alone, any other clock on none. A held clock (`due` None) has nothing to
    be provisional.
    """
    if due is None:
        return False
    if unit is _WORKING_DAY and due > start:
        return not calendar.covers(start + timedelta(days=1), due)
    return roll and unit is not Unit.HOUR and not calendar.covers(due, due)


def strip(
    calendar: Calendar,
    unit: Unit,
    start: date,
    upto: date,
    exclusions: Sequence[tuple[date, date | None, str]] = (),
) -> list[DayMark]:
    """Every day from `start`, which never counts, to `upto`, as the calendar strip shows it.

    Exclusions are (pause, resume, ground); where they overlap the first given names the ground.
    """
    marks: list[DayMark] = []
    ordinal = 0
    for offset in range((upto - start).days + 1):
        day = start + timedelta(days=offset)
        would = offset > 0 and _count(calendar, unit, day - timedelta(days=1), day) == 1
        ground = _ground(day, exclusions) if would else None
        counted = would and ground is None
        ordinal += counted
        marks.append(
            DayMark(
                day=day,
                kind=calendar.kind(day),
                counted=counted,
                ground=ground,
                name=calendar.holiday_name(day),
                ordinal=ordinal if counted else None,
            )
        )
    return marks


def _pause(exclusion: Exclusion) -> date:
    return exclusion[0]


def _count(calendar: Calendar, unit: Unit, after: date, upto: date) -> int:
    if unit is _WORKING_DAY:
        return calendar.working_days(after, upto)
    if unit is _CALENDAR_DAY:
        return (upto - after).days if upto > after else 0
    raise ValueError(f"days can't be counted in {unit}")


def _nth_counted(
    calendar: Calendar, unit: Unit, start: date, n: int, exclusions: Sequence[Exclusion]
) -> date | None:
    for pause, resume in exclusions if len(exclusions) < 2 else union(exclusions):
        before = _count(calendar, unit, start, pause)
        if before >= n:
            break
        if resume is None:
            return None
        n -= before
        start = max(start, pause, resume)
    if unit is _WORKING_DAY:
        return calendar.working_day_after(start, n)
    return start + timedelta(days=n)


def _months_after(start: date, unit: Unit, length: int) -> date:
    if unit is Unit.HOUR:
        raise ValueError("hours run from an instant; use due_instant")
    months = start.month - 1 + length * (12 if unit is Unit.YEAR else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _ground(day: date, exclusions: Sequence[tuple[date, date | None, str]]) -> str | None:
    for pause, resume, ground in exclusions:
        if pause < day and (resume is None or day <= resume):
            return ground
    return None
