"""The stories planted in the city's history, each beside a near twin that is in order. Pure.

An overdue permit and one whose clock rested lawfully; a department's licences without a case and
others with one; candidates public for too short and for long enough; bidders whose files and bonds
agree and others who share only what the tenderer and a guarantor gave them. Told is what happened;
what is wrong with it the monitor finds. All come to light in the last days of the history.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from sunlight.city.hours import DEMO_START, ZONE, Hours
from sunlight.city.items import ITEMS, Item

HISTORY_DAYS: Final = 30
LAST: Final = HISTORY_DAYS
"""The working day, from 0, on whose morning the history ends: what is found then stands first."""
ENDS: Final = time(9, 30)
PERMIT_DAY: Final = 9
"""When both permits are applied for and accepted: twenty working days before the last night."""
REST_DAYS: Final = (3, 15)
"""How many working days after acceptance the twin's clock rests, and goes on."""
DECIDED_AFTER: Final = 18
"""How many working days after acceptance the twin is decided: six of them count."""
TENDER_DAY: Final = 12
OPENING: Final = time(9, 5)


@dataclass(frozen=True, slots=True)
class Permit:
    """An application that is planted. `rests`: its clock lawfully does, and it is decided."""

    item: Item
    at: time
    rests: bool


def _item(title: str) -> Item:
    return next(item for item in ITEMS if item.title == title)


OVERDUE: Final = Permit(_item("公共场所卫生许可"), time(9, 40), rests=False)
RESTED: Final = Permit(_item("户外招牌设置许可"), time(10, 20), rests=True)
PERMITS: Final = (OVERDUE, RESTED)
COLLUDING: Final = "02"
CLEAN: Final = "03"
"""How the numbers of the two tenders end."""


def history_days(hours: Hours) -> list[date]:
    """The working days that are lived through quickly when the city is new."""
    return list(itertools.islice(hours.days_from(DEMO_START.date()), HISTORY_DAYS))


def day_of(hours: Hours, place: int) -> date:
    """A working day of the history, from 0; `LAST` is the one after it."""
    first = hours.calendar.roll_forward(DEMO_START.date())
    return hours.calendar.working_day_after(first, place) if place else first


def permits(day: date, hours: Hours) -> tuple[Permit, ...]:
    """The permits that are applied for on `day`."""
    return PERMITS if day == day_of(hours, PERMIT_DAY) else ()


def permit(item: Item, day: date, hours: Hours) -> Permit | None:
    """The story of an application for `item` on `day`; on its day nobody else applies for it."""
    return next((story for story in permits(day, hours) if story.item == item), None)


def at(hours: Hours, place: int, clock: time) -> datetime:
    """An instant of a working day of the history."""
    return datetime.combine(day_of(hours, place), clock, ZONE)


def tender_numbers(day: date, hours: Hours) -> tuple[str, ...]:
    """The tenders of the stories that are published on `day`."""
    if day != day_of(hours, TENDER_DAY):
        return ()
    return tuple(f"YGZB-{day:%Y%m%d}-{ending}" for ending in (COLLUDING, CLEAN))
