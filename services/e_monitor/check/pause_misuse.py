"""EMO-027 挂起滥用: a pause without a statutory ground, without notice, too long, or too late.

Basis: 行政许可法 art. 45 (eight grounds; the time needed is told in writing). Evaluated when a
pause opens, ends, or the case is decided while one is open. A pure function of the dossier and
the event; a fact that is missing is never held against anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from libs.common.law.clock import NoLimit, due
from libs.common.law.dossier import Check
from libs.common.law.facts import Truth, decide
from libs.common.law.fold import PatternView
from libs.common.law.instants import from_micros, to_micros
from libs.common.law.rule import Deadline
from libs.common.worktime import Unit, civil_day, due_date


def pause_misuse(view: PatternView, parameters: Mapping[str, Any]) -> Check | None:
    """A violated check with the reasons, or None."""
    event = view.event
    if event.type.endswith(".paused.v1"):
        reasons = _at_opening(view, parameters)
    else:
        reasons = _at_end(view, parameters)
    if not reasons:
        return None
    at = to_micros(event.time)
    return Check(view.rule.key, 0, "violated", at, {"reasons": reasons})


def _at_opening(view: PatternView, parameters: Mapping[str, Any]) -> list[str]:
    data, reasons = view.event.data, []
    if data.get("ground") not in parameters["grounds"]:
        reasons.append("ground_not_statutory")
    if parameters["written_notice"] and not data.get("notice_no"):
        reasons.append("no_written_notice")
    opened = civil_day(view.event.time, view.fold.zone)
    for limit in _limits(view, parameters):
        calendar = view.fold.calendar
        if (
            opened <= limit
            and calendar.working_days(opened, limit) < parameters["last_working_days"]
        ):
            reasons.append("started_in_last_days")
            break
    return reasons


def _limits(view: PatternView, parameters: Mapping[str, Any]) -> list[date]:
    """Due days, as they would have been without the pause that opens now, of running limits."""
    dossier, fold = view.dossier, view.fold
    opened = to_micros(view.event.time)
    found = []
    for clock in dossier.clocks:
        rule = fold.book.by_key[clock.rule]
        if clock.stop is not None or rule.id not in parameters["limits"]:
            continue
        if not isinstance(rule, Deadline):
            continue
        facts = {**dossier.facts, **(clock.stated or {})}
        if clock.voided or decide(rule.applies_when, facts)[0] is not Truth.YES:
            continue
        earlier = [
            pause
            for pause in dossier.pauses_of(rule.exclude)
            if pause[0] < opened and pause[1] is not None
        ]
        try:
            limit = due(
                rule,
                from_micros(clock.start),
                fold.calendar,
                fold.zone,
                facts=facts,
                pauses=earlier,
                extra=clock.extra,
            )
        except NoLimit:
            continue
        if isinstance(limit, date) and not isinstance(limit, datetime):
            found.append(limit)
    return found


def _at_end(view: PatternView, parameters: Mapping[str, Any]) -> list[str]:
    """Whether the pause that ends now was longer than the notice said."""
    length, unit = view.dossier.facts.get("noticed_length"), view.dossier.facts.get("noticed_unit")
    pauses = view.dossier.pauses.get(parameters["exclusion"], [])
    if not pauses or not parameters["within_noticed"] or not isinstance(length, int):
        return []
    opened, ended, _ = pauses[-1]
    end = to_micros(view.event.time)
    if ended is not None and ended != end:
        return []
    if unit not in (Unit.WORKING_DAY, Unit.CALENDAR_DAY):
        return []
    zone = view.fold.zone
    allowed = due_date(
        view.fold.calendar, Unit(unit), civil_day(from_micros(opened), zone), length, roll=True
    )
    if allowed is not None and civil_day(view.event.time, zone) > allowed:
        return ["longer_than_noticed"]
    return []
