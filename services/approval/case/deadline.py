"""What the law makes due on a case, and whether an extension is lawful.

Read from the case's dossier, so that the receipt says what the monitor will watch. Pure. Must
never read a time from anywhere but its arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.events.contracts.approval import CaseAccepted, CaseDecided
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold, Judged
from libs.common.law.lawful import Breach, breach
from libs.common.law.rule import Deadline
from libs.common.worktime import end_of_day

EXTENSION_LAW: Final = "行政许可法 42"


@dataclass(frozen=True, slots=True)
class Due:
    """When a decision is due under one rule: the last day (None for hours) and the instant."""

    rule: str
    version: str
    title: Mapping[str, str]
    law: str
    day: date | None
    until: datetime
    provisional: bool

    def as_json(self) -> dict[str, Any]:
        """As stored on the case and shown on the receipt."""
        return {
            "rule": self.rule,
            "version": self.version,
            "title": dict(self.title),
            "law": self.law,
            "day": None if self.day is None else self.day.isoformat(),
            "until": self.until.isoformat(),
            "provisional": self.provisional,
        }


def deadlines(law: Fold, dossier: Dossier, at: datetime) -> list[Due]:
    """When the decision is due, earliest first; nothing while a pause holds the clock."""
    rows = [_due(law, row.rule, row) for row in _binding(law, dossier, at)]
    return sorted((row for row in rows if row), key=lambda row: (row.until, row.rule))


def extension_breaches(law: Fold, before: Dossier, after: Dossier, at: datetime) -> list[Breach]:
    """Why the extension between the two dossiers does not count; empty when it lengthens a clock.

    Granted once, by the right head, decided and told before the limit ends (行政许可法 42).
    """
    if any(row.judged.clock.extra for row in _binding(law, before, at)):
        return [Breach("once", "期限只能延长一次", "A limit is extended only once", EXTENSION_LAW)]
    guards = {row.rule.extension.guard for row in _binding(law, before, at) if row.rule.extension}
    if not guards:
        zh, en = "该办件没有可以延长的法定期限", "No limit of this case can be extended"
        return [Breach("none", zh, en, EXTENSION_LAW)]
    if any(row.judged.clock.extra for row in _binding(law, after, at)):
        return []
    return [breach(law.book.by_id[name][-1], {}) for name in sorted(guards)]


@dataclass(frozen=True, slots=True)
class _Binding:
    rule: Deadline
    judged: Judged


def _due(law: Fold, rule: Deadline, row: _Binding) -> Due | None:
    reading = row.judged.reading
    if reading is None or reading.due is None:
        return None
    return Due(
        rule=rule.id,
        version=rule.version,
        title=rule.title.model_dump(),
        law=f"{rule.law.text} {rule.law.article}",
        day=None if isinstance(reading.due, datetime) else reading.due,
        until=_until(reading.due, law.zone),
        provisional=reading.provisional,
    )


def _until(due: date | datetime, zone: ZoneInfo) -> datetime:
    return due if isinstance(due, datetime) else end_of_day(due, zone)


def _binding(law: Fold, dossier: Dossier, at: datetime) -> list[_Binding]:
    """The clocks from acceptance to decision that apply and can lead to a card."""
    return [
        _Binding(row.rule, row)
        for row in law.judged(dossier, at)
        if row.reading is not None and isinstance(row.rule, Deadline)
        if CaseAccepted.event_type in row.rule.start and CaseDecided.event_type in row.rule.stop
        if any(stage.remind is None for stage in row.rule.stages)
    ]
