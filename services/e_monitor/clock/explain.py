"""Why a clock's date is what it is: every day of it, the sum, the article, the versions.

Pure, and only for people to read: it repeats what `Fold.judged` found and never judges itself.
Days come from the same calendar and the same exclusions as the judgement; a test holds the two
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from libs.common.law.clock import Pause, Reading, exclusions_of, spans_of
from libs.common.law.dossier import Dossier
from libs.common.law.facts import Truth
from libs.common.law.fold import Fold, Judged
from libs.common.law.instants import from_micros
from libs.common.law.rule import Deadline, Law, Minimum
from libs.common.law.stage import remind_at
from libs.common.worktime import Unit, civil_day, due_date
from libs.common.worktime.counting import DayMark, strip
from services.e_monitor.clock.arithmetic import Sum, add_up
from services.e_monitor.clock.recorded import ByRecord, by_record

LONGEST_STRIP: Final = 400
"""Days shown one by one; what lies between the due day and a far later end is left out."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Versions:
    """Under which rule and calendar a clock was judged."""

    rule: str
    calendar: str
    covered: tuple[date, date]
    verified: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """One clock, explained.

    `at` is the instant to which everything that could still stop it is known (None: nothing is).
    Days are civil dates; a clock in hours has instants and no strip. `to_due` adds up the days
    after the start to the due day, `to_end` those to the stop, else to `at`. `unrolled` is the
    due day before it rolled off a day off, where it did. `left`: units to go, for open maxima.
    Without a reading (the rule does not apply, or `missing` facts leave it open) only the law and
    the start are filled. `by_record` is the second reading of a clock with a step recorded late;
    `nearly_due`: its reminder has come.
    """

    subject: str
    rule: str
    title: dict[str, str]
    form: str
    regime: str
    occurrence: int
    key: str | None
    state: str
    missing: tuple[str, ...]
    unit: Unit
    limit: int | None
    extra: int
    at: datetime | None
    started: date | datetime
    stopped: date | datetime | None
    due: date | datetime | None
    unrolled: date | None
    elapsed: int
    excluded: int
    over: int
    left: int | None
    provisional: bool
    disputed: tuple[str, ...]
    starts_on: tuple[str, ...]
    stops_on: tuple[str, ...]
    pauses: tuple[Pause, ...]
    days: tuple[DayMark, ...]
    days_left_out: int
    to_due: Sum | None
    to_end: Sum | None
    law: Law
    exclusion_law: Law | None
    versions: Versions
    by_record: ByRecord | None = None
    nearly_due: bool = False


def explain(
    fold: Fold, subject: str, dossier: Dossier, judged: Judged, at: datetime | None
) -> Explanation:
    """The explanation of one clock of `subject`, judged at `at`."""
    rule, clock, reading = judged.rule, judged.clock, judged.reading
    pauses = _pauses(dossier, judged)
    started = reading.started if reading else civil_day(from_micros(clock.start), fold.zone)
    due, unit = (reading.due, reading.unit) if reading else (None, rule.unit)
    counted = _counted(fold, judged, pauses, at)
    return Explanation(
        subject=subject,
        rule=rule.id,
        title=rule.title.model_dump(),
        form=rule.form,
        regime=rule.regime,
        occurrence=clock.occurrence,
        key=clock.key,
        state=reading.state if reading else _without_reading(judged.applies),
        missing=judged.missing,
        unit=unit,
        limit=reading.limit if reading else None,
        extra=clock.extra,
        at=at,
        started=started,
        stopped=reading.stopped if reading else None,
        due=due,
        unrolled=_unrolled(fold, rule, reading, pauses),
        elapsed=reading.elapsed if reading else 0,
        excluded=reading.excluded if reading else 0,
        over=reading.over if reading else 0,
        left=_left(fold, reading, at),
        provisional=bool(reading and reading.provisional),
        disputed=tuple(reading.reading.split("+")) if reading and reading.reading else (),
        starts_on=rule.start if isinstance(rule, Deadline) else rule.plan,
        stops_on=rule.stop if isinstance(rule, Deadline) else (),
        pauses=tuple(pauses),
        days=counted.days,
        days_left_out=counted.left_out,
        to_due=counted.to_due,
        to_end=counted.to_end,
        law=rule.law,
        exclusion_law=_exclusion_law(fold, rule, pauses),
        versions=Versions(
            rule.version, fold.calendar.version, fold.calendar.covered, rule.status == "verified"
        ),
        by_record=by_record(fold, dossier, judged, at),
        nearly_due=_nearly_due(fold, judged, at),
    )


def _nearly_due(fold: Fold, judged: Judged, at: datetime | None) -> bool:
    """Whether the reminder of a running clock has come."""
    rule, reading = judged.rule, judged.reading
    if at is None or reading is None or reading.state != "running":
        return False
    if not isinstance(rule, Deadline):
        return False
    reminder = remind_at(rule, reading, fold.calendar, fold.zone)
    return reminder is not None and reminder <= at


def _without_reading(applies: Truth) -> str:
    return "not_applicable" if applies is Truth.NO else "undetermined"


def _pauses(dossier: Dossier, judged: Judged) -> list[Pause]:
    """The pauses that have a part in the clock: of its exclusion set, as far as its stop."""
    rule, stop = judged.rule, judged.clock.stop
    if not isinstance(rule, Deadline):
        return []
    return [
        (opened, stop if ended is None or (stop is not None and stop < ended) else ended, ground)
        for opened, ended, ground in dossier.pauses_of(rule.exclude)
        if (stop is None or opened < stop) and (ended is None or ended > judged.clock.start)
    ]


def _exclusion_law(fold: Fold, rule: Deadline | Minimum, pauses: Sequence[Pause]) -> Law | None:
    if not isinstance(rule, Deadline) or rule.exclude is None or not pauses:
        return None
    return fold.book.exclusions[rule.exclude].law


def _unrolled(
    fold: Fold, rule: Deadline | Minimum, reading: Reading | None, pauses: Sequence[Pause]
) -> date | None:
    """The due day before it rolled forward, where the roll moved it."""
    if reading is None or not isinstance(rule, Deadline) or rule.roll != "forward":
        return None
    started = reading.started
    if isinstance(started, datetime) or reading.due is None:
        return None
    spans = exclusions_of(pauses, fold.zone)
    plain = due_date(fold.calendar, reading.unit, started, reading.limit, spans)
    return plain if plain != reading.due else None


def _left(fold: Fold, reading: Reading | None, at: datetime | None) -> int | None:
    """Units to go of an open clock; None once it has stopped, is over, or holds."""
    if reading is None or reading.state != "running" or reading.due is None or at is None:
        return None
    if isinstance(reading.due, datetime):
        return max(timedelta(), reading.due - at) // timedelta(hours=1)
    if reading.unit is Unit.WORKING_DAY:
        return reading.limit - reading.elapsed
    return (reading.due - civil_day(at, fold.zone)).days


@dataclass(frozen=True, slots=True)
class _Counted:
    days: tuple[DayMark, ...] = ()
    left_out: int = 0
    to_due: Sum | None = None
    to_end: Sum | None = None


def _counted(fold: Fold, judged: Judged, pauses: Sequence[Pause], at: datetime | None) -> _Counted:
    """The strip from the start to the due day and on to the end, and both sums."""
    reading = judged.reading
    if reading is None or isinstance(reading.started, datetime):
        return _Counted()
    started, due = reading.started, reading.due
    end = reading.stopped or (civil_day(at, fold.zone) if at else started)
    if isinstance(due, datetime) or isinstance(end, datetime):
        return _Counted()
    if isinstance(judged.rule, Minimum) and reading.stopped is None:
        end = due or started
    upto = max(started, end, due or started)
    shown = min(upto, max(due or started, started + LONGEST_STRIP * _DAY))
    unit = Unit.WORKING_DAY if reading.unit is Unit.WORKING_DAY else Unit.CALENDAR_DAY
    days = strip(fold.calendar, unit, started, upto, spans_of(pauses, fold.zone))
    marks = {reading.stopped: "stopped", due: "due", started: "start"}
    return _Counted(
        days=tuple(day.marked(marks.get(day.day)) for day in days if day.day <= shown),
        left_out=(upto - shown).days,
        to_due=add_up(unit, days, due) if due is not None else None,
        to_end=add_up(unit, days, end),
    )
