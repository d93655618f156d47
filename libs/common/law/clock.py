"""The pure clock: given a rule, what happened and a calendar, how does a maximum stand?

No I/O, no wall clock: `at` is always passed in. Approval prints due dates with it, the monitor
watches with it, and a contract test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.law.instants import day_of, from_micros, to_micros
from libs.common.law.rule import Deadline, FactLength
from libs.common.worktime import (
    Calendar,
    Exclusion,
    Unit,
    civil_day,
    due_date,
    due_instant,
    elapsed,
    end_of_day,
    excluded,
    is_provisional,
)

_FIELDS: Final = 12
STATES: Final = ("met", "breached", "overdue", "running", "suspended", "disputed", "void")
_LATE: Final = frozenset({"breached", "overdue"})
_ONE_HOUR: Final = timedelta(hours=1)
# Reading a member off the enum class costs more than most of what is done with it.
_HOUR, _WORKING_DAY, _CALENDAR_DAY = Unit.HOUR, Unit.WORKING_DAY, Unit.CALENDAR_DAY
_UNITS: Final = frozenset(Unit)
Pause = tuple[int, int | None, str]
"""Opened, ended (microseconds; None: still open) and ground."""


@dataclass(slots=True)
class Clock:
    """One clock of one rule on one subject: what has happened to it, not how it stands.

    `start`, `stop` are microseconds; `end` is the far end of a minimum period. `extra` is the
    extension granted, in the rule's unit.
    """

    rule: str
    occurrence: int
    start: int
    stop: int | None = None
    end: int | None = None
    extra: int = 0
    key: str | None = None
    voided: str | None = None
    standing: list[str] | None = None
    """Stage and evidence hash of the finding that stands on this clock, once reported."""
    stated: dict[str, Any] | None = None
    """Facts of this clock alone, as its start event stated them: a step's own limit."""
    unknown: list[str] | None = None
    """What the start event left open of the rule's `start_when` or `plan_when`."""
    look: int | None = 0
    """When to judge next (microseconds): 0 at once, None never unless something happens to it."""
    reminded: int | None = None
    """The end of the limit (microseconds) that a reminder was told of."""

    def pack(self) -> list[Any]:
        """The clock as a short JSON list, for the subject's row."""
        values = [
            self.rule,
            self.occurrence,
            self.start,
            self.stop,
            self.end,
            self.extra,
            self.key,
            self.voided,
            self.standing,
            self.stated,
            self.unknown,
            self.look,
            self.reminded,
        ]
        while values[-1] is None:
            values.pop()
        return values

    @classmethod
    def unpack(cls, values: Sequence[Any]) -> Clock:
        """The clock back from its list."""
        clock = cls(*values)
        if len(values) < _FIELDS:
            clock.look = None
        return clock


class Reading(NamedTuple):
    """How a clock stands at an instant. Days are civil dates, hours are instants."""

    state: str
    started: date | datetime
    stopped: date | datetime | None
    due: date | datetime | None
    limit: int
    unit: Unit
    elapsed: int
    excluded: int
    over: int
    provisional: bool
    reading: str = ""
    occurred_at: datetime | None = None
    """The first instant past the limit."""


class NoLimit(ValueError):
    """The subject does not state the length that the rule reads from it."""


def limit_of(rule: Deadline, facts: Mapping[str, Any]) -> tuple[int, Unit]:
    """Length and unit of a deadline for one subject.

    Raises:
        NoLimit: the rule reads its length from a fact that is missing.
    """
    if isinstance(rule.length, int):
        return rule.length, rule.unit
    return _stated(rule.length, rule.unit, facts)


def _stated(length: FactLength, unit: Unit, facts: Mapping[str, Any]) -> tuple[int, Unit]:
    value = facts.get(length.fact)
    if not isinstance(value, int) or value < 0:
        raise NoLimit(length.fact)
    if length.unit_fact:
        stated = facts.get(length.unit_fact)
        if stated not in _UNITS:
            raise NoLimit(length.unit_fact)
        unit = Unit(stated)
    return value, unit


def exclusions_of(pauses: Sequence[Pause], zone: ZoneInfo) -> list[Exclusion]:
    """Pauses as half-open spans of civil days (pause, resume]."""
    return [
        (
            day_of(opened, zone),
            None if ended is None else day_of(ended, zone),
        )
        for opened, ended, _ in pauses
    ]


def spans_of(pauses: Sequence[Pause], zone: ZoneInfo) -> list[tuple[date, date | None, str]]:
    """The same spans with the ground of each, for the strip of days."""
    return [
        (opened, ended, ground)
        for (opened, ended), (_, _, ground) in zip(exclusions_of(pauses, zone), pauses, strict=True)
    ]


def due(
    rule: Deadline,
    start: datetime,
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    facts: Mapping[str, Any],
    pauses: Sequence[Pause] = (),
    extra: int = 0,
) -> date | datetime | None:
    """The due date of a deadline (an instant for hours); None while a pause holds it."""
    length, unit = limit_of(rule, facts)
    if unit is _HOUR:
        return _due_hours(start, length + extra, pauses)
    return due_date(
        calendar,
        unit,
        civil_day(start, zone),
        length + extra,
        exclusions_of(pauses, zone),
        roll=rule.roll == "forward",
    )


def judge(
    rule: Deadline,
    clock: Clock,
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    facts: Mapping[str, Any],
    pauses: Sequence[Pause],
    at: datetime,
) -> Reading:
    """How a maximum stands at `at`.

    Kept if no more than the limit has elapsed (行政许可法 82, 民法典 201, 204); where the due day
    rolls forward (民法典 203), if day(stop) <= due. A stop before its start is never late.

    Raises:
        NoLimit: the subject does not state its length.
    """
    length, unit = limit_of(rule, {**facts, **clock.stated} if clock.stated else facts)
    length += clock.extra
    if pauses and clock.stop is not None:
        pauses = [_until(pause, clock.stop) for pause in pauses if pause[0] < clock.stop]
    if unit is _HOUR:
        return _judge_hours(rule, clock, length, pauses, at)
    return _judge_days(rule, clock, calendar, zone, length=length, unit=unit, pauses=pauses, at=at)


def _until(pause: Pause, stop: int) -> Pause:
    """The pause as far as the stop: what comes after has no part in the clock."""
    opened, ended, ground = pause
    return opened, stop if ended is None else min(ended, stop), ground


def _due_hours(start: datetime, length: int, pauses: Sequence[Pause]) -> datetime | None:
    limit = due_instant(start, length)
    for opened, ended, _ in pauses:
        held_from = max(from_micros(opened), start)
        if held_from > limit:
            break
        if ended is None:
            return None
        limit += max(timedelta(), from_micros(ended) - held_from)
    return limit


def _judge_hours(
    rule: Deadline, clock: Clock, length: int, pauses: Sequence[Pause], at: datetime
) -> Reading:
    start = from_micros(clock.start)
    stop = None if clock.stop is None else from_micros(clock.stop)
    limit = _due_hours(start, length, pauses)
    end = stop or at
    late = limit is not None and end > limit
    held = timedelta()
    for opened, ended, _ in pauses:
        resumed = end if ended is None else min(from_micros(ended), end)
        held += max(timedelta(), resumed - max(from_micros(opened), start))
    return Reading(
        state=_state(rule, clock, late=late, held=limit is None),
        started=start,
        stopped=stop,
        due=limit,
        limit=length,
        unit=_HOUR,
        elapsed=max(0, (end - start - held) // _ONE_HOUR),
        excluded=held // _ONE_HOUR,
        over=-((limit - end) // _ONE_HOUR) if limit is not None and late else 0,
        provisional=False,
        occurred_at=limit if late else None,
    )


def _judge_days(
    rule: Deadline,
    clock: Clock,
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    length: int,
    unit: Unit,
    pauses: Sequence[Pause],
    at: datetime,
) -> Reading:
    start = day_of(clock.start, zone)
    stop = None if clock.stop is None else day_of(clock.stop, zone)
    spans = exclusions_of(pauses, zone) if pauses else ()
    roll = rule.roll == "forward"
    limit = due_date(calendar, unit, start, length, spans, roll=roll)
    end = stop if stop is not None else day_of(to_micros(at), zone)
    counted = unit if unit is _WORKING_DAY else _CALENDAR_DAY
    spent = elapsed(calendar, counted, start, end, spans)
    # Without roll a day off or a pause after the due day adds nothing to what has elapsed.
    late = spent > length if unit is counted and not roll else limit is not None and end > limit
    held = stop is None and any(ended is None for _, ended in spans)
    state = _state(rule, clock, late=late, held=held)
    reading = ""
    if limit is not None and state in _LATE and rule.roll == "disputed":
        reading = "roll" if end <= calendar.roll_forward(limit) else ""
    return Reading(
        state="disputed" if reading else state,
        started=start,
        stopped=stop,
        due=limit,
        limit=length,
        unit=unit,
        elapsed=spent,
        excluded=excluded(calendar, counted, start, end, spans) if spans else 0,
        over=elapsed(calendar, counted, limit, end, spans) if late and limit else 0,
        provisional=is_provisional(calendar, unit, start, limit, roll),
        reading=reading,
        occurred_at=end_of_day(limit, zone) if late and limit else None,
    )


def _state(rule: Deadline, clock: Clock, *, late: bool, held: bool) -> str:
    if clock.voided or (late and rule.reminds_only):
        return "void"
    if clock.stop is not None:
        return "breached" if late else "met"
    if late:
        return "void" if rule.party_right else "overdue"
    return "suspended" if held else "running"
