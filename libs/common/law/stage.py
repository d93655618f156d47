"""How far past its limit a clock has come, and when to look at it again.

A card waits until what a source may still tell late (its allowance, in working days) can no longer
come. Pure: the instant to look from is passed in, and looking changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.law.clock import Pause, Reading, exclusions_of
from libs.common.law.rule import Deadline
from libs.common.worktime import Calendar, Unit, civil_day, due_date, end_of_day

_MOMENT: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_LATE: Final = frozenset({"breached", "overdue"})
_OPEN: Final = frozenset({"running", "overdue", "suspended", "disputed"})
Awaited = Mapping[int, datetime]
"""Units past due → the instant until which late events may still show that it was not so."""
NOTHING: Final[Awaited] = {}


def stage_of(
    rule: Deadline,
    reading: Reading,
    over: int,
    awaited: Awaited = NOTHING,
    known: datetime | None = None,
) -> str:
    """The highest stage reached `over` units past due; red only on a firm, verified overrun.

    What is `awaited` beyond `known`, the instant to which the stream is complete, is not reached.
    """
    stage = "detected"
    for step in rule.stages:
        past = step.yellow if step.red is None else step.red
        if past is None or over <= past or is_awaited(awaited, past, known):
            continue
        if step.red is not None or stage == "detected":
            stage = "yellow" if step.red is None else "red"
    if stage == "red" and (reading.provisional or rule.status != "verified"):
        stage = "yellow"
    return stage


def is_awaited(awaited: Awaited, past: int, known: datetime | None) -> bool:
    """Whether something may still come that shows the clock not to be so many units past due."""
    return past in awaited and (known is None or known < awaited[past])


def waits_until(
    last: date | datetime, allowance: int, calendar: Calendar, zone: ZoneInfo
) -> datetime:
    """From when on nothing can come any more of what happened by `last`.

    `allowance`: working days, at least 1, after that day, or after the first one that is no day
    off, since what happens on a day off is recorded on the next working day at the earliest.
    """
    day = civil_day(last, zone) if isinstance(last, datetime) else last
    return end_of_day(calendar.working_day_after(calendar.roll_forward(day), allowance), zone)


def awaited(
    rule: Deadline,
    reading: Reading,
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    pauses: Sequence[Pause] = (),
    allowance: int,
) -> Awaited:
    """How long each card of a clock waits; nothing without an allowance or a due date."""
    if not allowance or reading.due is None:
        return NOTHING
    if isinstance(reading.due, datetime):
        lasts = {past: reading.due + timedelta(hours=past) for past in _thresholds(rule)}
        return {past: waits_until(last, allowance, calendar, zone) for past, last in lasts.items()}
    return {
        past: waits_until(day, allowance, calendar, zone)
        for past, day in _last_days_by_stage(rule, reading, calendar, pauses, zone)
    }


def remind_at(
    rule: Deadline, reading: Reading, calendar: Calendar, zone: ZoneInfo
) -> datetime | None:
    """When the earliest reminder of an open clock is due: the first instant of the day so many
    units before the due day (hours: so many hours before); None without a reminder or due date.

    A reminder is a notice, never a finding.
    """
    before = max((step.remind or 0 for step in rule.stages), default=0)
    if not before or reading.due is None or reading.stopped is not None:
        return None
    if isinstance(reading.due, datetime):
        return reading.due - timedelta(hours=before)
    day = _days_before(calendar, reading.unit, reading.due, before)
    return end_of_day(day - _DAY, zone)


def reminded_of(
    rule: Deadline, reading: Reading, calendar: Calendar, zone: ZoneInfo, known: datetime
) -> datetime | None:
    """The end of a running clock's limit (the first instant past it) once its reminder has come."""
    if reading.state != "running" or reading.due is None:
        return None
    reminder = remind_at(rule, reading, calendar, zone)
    if reminder is None or reminder > known:
        return None
    return reading.due if isinstance(reading.due, datetime) else end_of_day(reading.due, zone)


def _days_before(calendar: Calendar, unit: Unit, day: date, count: int) -> date:
    while count:
        day -= _DAY
        count -= unit is not Unit.WORKING_DAY or calendar.is_working(day)
    return day


def next_look(
    rule: Deadline,
    reading: Reading,
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    pauses: Sequence[Pause] = (),
    after: datetime,
    awaited: Awaited = NOTHING,
) -> datetime | None:
    """The next instant past `after` at which this clock can stand differently by time alone."""
    looks = [*awaited.values()] if reading.state in _LATE else []
    if reading.state in _OPEN and reading.stopped is None and reading.due is not None:
        looks += _open_looks(rule, reading, calendar, zone, pauses)
    return min((look for look in looks if look > after), default=None)


def _open_looks(
    rule: Deadline,
    reading: Reading,
    calendar: Calendar,
    zone: ZoneInfo,
    pauses: Sequence[Pause],
) -> list[datetime]:
    if isinstance(reading.due, datetime):
        looks = [reading.due + timedelta(hours=past) + _MOMENT for past in _thresholds(rule)]
    else:
        looks = [end_of_day(day, zone) for day in _last_days(rule, reading, calendar, pauses, zone)]
    reminder = remind_at(rule, reading, calendar, zone)
    return looks if reminder is None else [*looks, reminder]


def _last_days(
    rule: Deadline,
    reading: Reading,
    calendar: Calendar,
    pauses: Sequence[Pause],
    zone: ZoneInfo,
) -> Iterator[date]:
    """The last days on which an open clock stands as it did: due, rolled, and before each stage."""
    due = reading.due
    if due is None or isinstance(due, datetime):
        return
    yield due
    if rule.roll == "disputed":
        yield calendar.roll_forward(due)
    for _, day in _last_days_by_stage(rule, reading, calendar, pauses, zone):
        yield day


def _last_days_by_stage(
    rule: Deadline,
    reading: Reading,
    calendar: Calendar,
    pauses: Sequence[Pause],
    zone: ZoneInfo,
) -> Iterator[tuple[int, date]]:
    """Units past due → the last day on which the clock is no further past, where it can be told."""
    due = reading.due
    if due is None or isinstance(due, datetime):
        return
    counted = Unit.WORKING_DAY if reading.unit is Unit.WORKING_DAY else Unit.CALENDAR_DAY
    spans = exclusions_of(pauses, zone)
    for past in _thresholds(rule):
        # A stage is reached on the first day that counts past it, which skips days off and pauses.
        reached = due_date(calendar, counted, due, past + 1, spans)
        if reached is not None:
            yield past, reached - _DAY


def _thresholds(rule: Deadline) -> set[int]:
    return {0, *(step.yellow or step.red or 0 for step in rule.stages)}
