"""The dates of a case, for a person: those stored on it, and what else runs at the moment.

Must never count by itself: dates come from the case, or from the law's own fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from libs.common.law.fold import Fold, Judged
from libs.common.law.lawful import dossier_of
from libs.common.law.rule import Deadline
from libs.common.worktime import end_of_day
from services.approval.case.model import Case
from services.approval.case.policy import TRANSITIONS
from services.approval.pages.remaining import Remaining, remaining

OUR_EVENTS: Final = frozenset(line.event.event_type for line in TRANSITIONS)
_LIVE: Final = frozenset({"running", "overdue"})


@dataclass(frozen=True, slots=True)
class Told:
    """A date under one rule, and what is left of it."""

    rule: str
    title: dict[str, str]
    day: date | None
    until: datetime
    provisional: bool
    left: Remaining


def stored(law: Fold, case: Case, now: datetime) -> list[Told]:
    """The dates for the decision that the case stores, earliest first."""
    return [_of_row(law, row, now) for row in case.deadlines]


def _of_row(law: Fold, row: dict[str, Any], now: datetime) -> Told:
    day = date.fromisoformat(row["day"]) if row["day"] else None
    until = datetime.fromisoformat(row["until"])
    left = remaining(law.calendar, law.zone, day, until, now)
    return Told(row["rule"], row["title"], day, until, row["provisional"], left)


def running(law: Fold, case: Case, now: datetime) -> list[Told]:
    """The clocks that run on what the office owes next, earliest first."""
    dossier = dossier_of(law, case.history, case.region, case.office)
    found = (told for row in law.judged(dossier, now) for told in _of_clock(law, row, now))
    return sorted(found, key=lambda told: (told.until, told.rule))


def _of_clock(law: Fold, row: Judged, now: datetime) -> Iterator[Told]:
    rule, reading = row.rule, row.reading
    # What another service ends (publishing a decision) is not the window's to do.
    if not isinstance(rule, Deadline) or OUR_EVENTS.isdisjoint(rule.stop):
        return
    if reading is None or reading.due is None or reading.state not in _LIVE:
        return
    due = reading.due
    day = None if isinstance(due, datetime) else due
    until = due if isinstance(due, datetime) else end_of_day(due, law.zone)
    left = remaining(law.calendar, law.zone, day, until, now)
    yield Told(rule.id, rule.title.model_dump(), day, until, reading.provisional, left)
