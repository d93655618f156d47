"""What the days of a clock add up to.

Pure. It counts nothing of its own: `worktime.strip` says which day counts, this only sorts days by
why they do or do not, so that the parts always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from libs.common.worktime import DayKind, Unit
from libs.common.worktime.counting import DayMark


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


def _would_count(unit: Unit, kind: DayKind) -> bool:
    return unit is not Unit.WORKING_DAY or kind in (DayKind.WORKING, DayKind.MAKEUP)


def add_up(unit: Unit, days: Sequence[DayMark], upto: date) -> Sum:
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
