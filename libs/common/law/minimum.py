"""Minimum periods: did a period last long enough, did one moment precede another far enough?

A period is judged from its plan, before it has run: nothing here may look at the present time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from libs.common.law.clock import Clock, Reading
from libs.common.law.instants import fact_micros, from_micros
from libs.common.law.rule import Minimum
from libs.common.worktime import Calendar, civil_day


def judge_minimum(
    rule: Minimum,
    clock: Clock,
    calendar: Calendar,
    zone: ZoneInfo,
    *,
    facts: Mapping[str, Any] | None = None,
) -> Reading:
    """How a minimum period stands: kept if day(end) - day(start) >= N.

    Two readings of the law are told apart, never decided: `closing` (the last day ends before
    closing time) and `roll` (the last day is a day off, 民法典 203). Either makes it disputed.
    Where the rule reads the end from a fact, as amendments change it, `facts` gives it.
    """
    start = civil_day(from_micros(clock.start), zone)
    shared: dict[str, Any] = {
        "started": start,
        "limit": rule.length,
        "unit": rule.unit,
        "excluded": 0,
        "provisional": False,
        "due": start + timedelta(days=rule.length),
    }
    end = fact_micros((facts or {}).get(rule.end.fact)) if rule.end.fact else clock.end
    if end is None:
        state = "void" if clock.voided else "running"
        return Reading(state=state, stopped=None, elapsed=0, over=0, **shared)
    finish = from_micros(end)
    last = civil_day(finish, zone)
    lasted = (last - start).days
    if lasted < rule.length:
        state, readings = "breached", []
    else:
        readings = _disputes(rule, calendar, zone, shared["due"], finish)
        state = "disputed" if readings else "met"
    return Reading(
        state="void" if clock.voided else state,
        stopped=last,
        elapsed=max(0, lasted),
        over=max(0, rule.length - lasted),
        reading="+".join(readings),
        occurred_at=finish if state == "breached" else None,
        **shared,
    )


def _disputes(
    rule: Minimum, calendar: Calendar, zone: ZoneInfo, last: date, finish: datetime
) -> list[str]:
    local = finish.astimezone(zone)
    found = []
    if rule.closing and local.date() == last and local.time() < time.fromisoformat(rule.closing):
        found.append("closing")
    if rule.roll == "disputed" and local.date() < calendar.roll_forward(last):
        found.append("roll")
    return found
