"""When people work in the made-up city: hours of its working days. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.worktime import Calendar

ZONE: Final = ZoneInfo("Asia/Shanghai")
DEMO_START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
"""The instant at which a demonstration's clock begins."""
OPENS: Final = time(9, 0)
OPEN_MINUTES: Final = 8 * 60
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The city's working days, by the national calendar."""

    calendar: Calendar

    def within(self, day: date, draw: Random) -> datetime:
        """An instant within the office hours of `day`."""
        start = datetime.combine(day, OPENS, ZONE)
        return start + timedelta(seconds=draw.randrange(60, OPEN_MINUTES * 60))

    def later(self, after: datetime, draw: Random, least: int, most: int) -> datetime:
        """Some instant `least` to `most` working days after `after`, never before it."""
        days = draw.randint(least, most)
        if days == 0:
            return after + timedelta(minutes=draw.randint(5, 60))
        return self.within(
            self.calendar.working_day_after(after.astimezone(ZONE).date(), days), draw
        )

    def days_from(self, first: date) -> Iterator[date]:
        """Working days from `first` on, itself included where it is one."""
        day = first - _DAY
        while True:
            day = self.calendar.working_day_after(day, 1)
            yield day
