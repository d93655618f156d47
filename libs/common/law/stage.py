"""How far past its limit a clock has come, and when to look at it again.

Pure: the instant to look from is passed in, and looking changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.law.clock import Pause, Reading, exclusions_of
from libs.common.law.rule import Deadline
from libs.common.worktime import Calendar, Unit, due_date, end_of_day

_MOMENT: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_OPEN: Final = frozenset({"running", "overdue", "suspended", "disputed"})


def stage_of(rule: Deadline, reading: Reading, over: int) -> str:
    """The highest stage reached `over` units past due; red only on a firm, verified overrun."""
    stage = "detected"
    for step in rule.stages:
        if step.yellow is not None and over > step.yellow:
            stage = "yellow" if stage == "detected" else stage
        if step.red is not None and over > step.red:
            stage = "red"
    if stage == "red" and (reading.provisional or rule.status != "verified"):
        stage = "yellow"
    return stage


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
) -> datetime | None:
    """The next instant past `after` at which this clock can stand differently by time alone."""
    if reading.state not in _OPEN or reading.stopped is not None or reading.due is None:
        return None
    if isinstance(reading.due, datetime):
        looks = [reading.due + _MOMENT]
    else:
        looks = [end_of_day(day, zone) for day in _last_days(rule, reading, calendar, pauses, zone)]
    reminder = remind_at(rule, reading, calendar, zone)
    if reminder is not None:
        looks.append(reminder)
    return min((look for look in looks if look > after), default=None)


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
    counted = Unit.WORKING_DAY if reading.unit is Unit.WORKING_DAY else Unit.CALENDAR_DAY
    spans = exclusions_of(pauses, zone)
    for past in {0, *(step.yellow or step.red or 0 for step in rule.stages)}:
        # A stage is reached on the first day that counts past it, which skips days off and pauses.
        reached = due_date(calendar, counted, due, past + 1, spans)
        if reached is not None:
            yield reached - _DAY
