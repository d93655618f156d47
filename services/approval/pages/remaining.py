"""How much time a due date leaves, as the queue says it. Pure.

Red and yellow belong to cards: what is past its date is dark here, with icon and word. Must never
decide when something is due: that comes from the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.worktime import Calendar, civil_day

SOON: Final = 3
"""Working days from which on a date is marked as near."""
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Remaining:
    """`mark`: overdue, soon or running; `word`: key of the sentence; `count`: its number."""

    mark: str
    word: str
    count: int = 0

    @property
    def key(self) -> str:
        """The text's key; English has its own for one."""
        return f"left.{self.word}_one" if self.count == 1 else f"left.{self.word}"


def remaining(
    calendar: Calendar, zone: ZoneInfo, day: date | None, until: datetime, now: datetime
) -> Remaining:
    """What is left at `now` of a date due by the end of `day`, or at `until` for one in hours.

    Counted in working days, the measure of an office; in days where only days off remain.
    """
    if day is None:
        return _hours(until, now)
    today = civil_day(now, zone)
    if today > day:
        over = calendar.working_days(day, today)
        return Remaining("overdue", "over" if over else "over_part", over)
    if today == day:
        return Remaining("soon", "today")
    left = calendar.working_days(today, day)
    if not left:
        return Remaining("soon", "days", (day - today).days)
    return Remaining("soon" if left <= SOON else "running", "left", left)


def _hours(until: datetime, now: datetime) -> Remaining:
    if now >= until:
        over = (now - until) // _HOUR
        return Remaining("overdue", "over_hours" if over else "over_part", over)
    left = (until - now) // _HOUR
    return Remaining("soon", "hours" if left else "last_hour", left)
