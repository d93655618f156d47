"""Why a case is due when it is: the start, the days that count, the article. For the applicant.

Must never count by itself: dates are the law's own, days the calendar's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from libs.common.law.clock import Pause, exclusions_of
from libs.common.law.fold import Fold, Judged
from libs.common.law.lawful import dossier_of
from libs.common.law.rule import Deadline
from libs.common.worktime import Calendar, DayKind, Unit
from libs.common.worktime.counting import strip
from services.approval.case.model import Case

LONGEST: Final = 200
"""Days shown one by one."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip; `ground` and `name` in both languages."""

    day: date
    kind: DayKind
    counted: bool
    ground: str | None
    name: str | None
    ordinal: int | None
    mark: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """A date under one rule. `due` is an instant for hours, None while a pause holds it.

    `counted` is the unit that the strip counts; it is empty for hours and for very long periods.
    """

    rule: Deadline
    started: date | datetime
    due: date | datetime | None
    limit: int
    unit: str
    counted: str
    excluded: int
    grounds: tuple[str, ...]
    days: tuple[Day, ...]
    provisional: bool


def why(law: Fold, case: Case, rule: str, now: datetime) -> Why | None:
    """Why `rule` gives the date it does; None where it gives none now."""
    dossier = dossier_of(law, case.history, case.region, case.office)
    open_ones = [
        row
        for row in law.judged(dossier, now)
        if row.rule.id == rule and row.reading is not None and row.clock.stop is None
    ]
    if not open_ones or not isinstance(open_ones[-1].rule, Deadline):
        return None
    row = open_ones[-1]
    return _explained(law, row, dossier.pauses_of(open_ones[-1].rule.exclude))


def held(law: Fold, case: Case, now: datetime) -> Why | None:
    """What is counted towards the decision of a paused case, whose date a pause holds."""
    dossier = dossier_of(law, case.history, case.region, case.office)
    for row in law.judged(dossier, now):
        rule, reading = row.rule, row.reading
        if isinstance(rule, Deadline) and reading is not None and reading.state == "suspended":
            return _explained(law, row, dossier.pauses_of(rule.exclude))
    return None


def _explained(law: Fold, row: Judged, pauses: Sequence[Pause]) -> Why | None:
    rule, reading = row.rule, row.reading
    if reading is None or not isinstance(rule, Deadline):
        return None
    unit = Unit.WORKING_DAY if reading.unit is Unit.WORKING_DAY else Unit.CALENDAR_DAY
    days: tuple[Day, ...] = ()
    if not isinstance(reading.started, datetime) and not isinstance(reading.due, datetime):
        days = tuple(_days(law, unit, reading.started, reading.due, pauses))
    return Why(
        rule=rule,
        started=reading.started,
        due=reading.due,
        limit=reading.limit,
        unit=reading.unit.value,
        counted=unit.value,
        excluded=reading.excluded,
        grounds=tuple(dict.fromkeys(ground for _, _, ground in pauses)),
        days=days,
        provisional=reading.provisional,
    )


def _days(law: Fold, unit: Unit, started: date, due: date | None, pauses: Sequence[Pause]) -> Any:
    if due is None or (due - started).days > LONGEST:
        return
    spans = [
        (first, last, ground)
        for (first, last), (_, _, ground) in zip(
            exclusions_of(pauses, law.zone), pauses, strict=True
        )
    ]
    for mark in strip(law.calendar, unit, started, due, spans):
        off = unit is Unit.WORKING_DAY and not _works(law.calendar, mark.day)
        yield Day(
            day=mark.day,
            kind=mark.kind,
            counted=mark.counted,
            ground=None if off else mark.ground,
            name=mark.name,
            ordinal=mark.ordinal,
            mark={started: "start", due: "due"}.get(mark.day),
        )


def _works(calendar: Calendar, day: date) -> bool:
    return calendar.is_working(day)
