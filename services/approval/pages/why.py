"""Why a case is due when it is: the start, the days that count, the article. For the applicant.

Must never count by itself: dates are the law's own, days the calendar's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from libs.common.law.clock import Pause, spans_of
from libs.common.law.fold import Fold, Judged
from libs.common.law.lawful import dossier_of
from libs.common.law.rule import Deadline
from libs.common.worktime import Unit
from libs.common.worktime.counting import DayMark, strip
from services.approval.case.model import Case

LONGEST: Final = 200
"""Days shown one by one."""


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
    days: tuple[DayMark, ...]
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
    days: tuple[DayMark, ...] = ()
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


def _days(
    law: Fold, unit: Unit, started: date, due: date | None, pauses: Sequence[Pause]
) -> Iterator[DayMark]:
    if due is None or (due - started).days > LONGEST:
        return
    marks = {started: "start", due: "due"}
    for day in strip(law.calendar, unit, started, due, spans_of(pauses, law.zone)):
        yield day.marked(marks.get(day.day))
