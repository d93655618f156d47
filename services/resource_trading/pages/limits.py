"""The limits of law on a tender, each with the stage that it belongs to.

No input or output. Must never count by itself: how a limit stands is what the fold judges, and what
has not begun is told from its rule alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from libs.common.law.clock import Reading
from libs.common.law.dossier import Dossier
from libs.common.law.facts import Truth, decide
from libs.common.law.fold import Fold, Judged
from libs.common.law.rule import Deadline, Minimum
from libs.common.worktime import Unit, civil_day

OBJECTIONS: Final = "objections"
_PUBLISHED: Final = "cn.sunlight.trading.tender.published.v1"
_STAGES: Final = {
    _PUBLISHED: "documents",
    "cn.sunlight.trading.tender.clarified.v1": "clarification",
    "cn.sunlight.trading.tender.objection-filed.v1": OBJECTIONS,
    "cn.sunlight.trading.tender.opened.v1": "evaluation",
    "cn.sunlight.trading.tender.evaluated.v1": "publicity",
    "cn.sunlight.trading.award.candidates-publicised.v1": "publicity",
    "cn.sunlight.trading.award.decided.v1": "decision",
    "cn.sunlight.trading.award.notice-issued.v1": "contract",
    "cn.sunlight.trading.award.contract-signed.v1": "refund",
}
"""What begins a limit, and the stage that it limits."""
_AGAIN: Final = frozenset({OBJECTIONS, "clarification"})
"""Stages that may come more than once, so that one limit begun does not end the others."""
_OPEN: Final = frozenset({"running", "overdue", "suspended", "disputed"})


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of law on a tender.

    `state`: that of its reading; without one `undetermined` (`missing` names the facts) or
    `planned`. `begun` in microseconds. `left`: days to go of a running one. `latest`: the last day
    for what must come so many days before the bid deadline.
    """

    rule: Deadline | Minimum
    stage: str
    state: str
    occurrence: int = 1
    key: str | None = None
    begun: int | None = None
    reading: Reading | None = None
    missing: tuple[str, ...] = ()
    left: int | None = None
    latest: date | None = None

    @property
    def pending(self) -> bool:
        """Whether something is still to be done within it."""
        reading = self.reading
        open_ = self.state in _OPEN and isinstance(self.rule, Deadline)
        return open_ and reading is not None and reading.stopped is None


def begun(law: Fold, known: Dossier, now: datetime) -> list[Limit]:
    """The limits that have begun, in their order of beginning, as they stand at `now`."""
    rows = (row for row in law.judged(known, now) if row.applies is not Truth.NO)
    found = [_begun(row, stage, law, now) for row in rows if (stage := stage_of(row.rule))]
    return sorted(found, key=lambda limit: (limit.begun or 0, limit.rule.id))


def planned(
    law: Fold, known: Dossier, now: datetime, deadline: datetime | None, there: Iterable[Limit]
) -> list[Limit]:
    """The limits that will apply and have not begun, by rule."""
    today, seen = civil_day(now, law.zone), {limit.rule.id for limit in there}
    region = known.facts.get("region")
    found = []
    for rule in law.book.rules:
        if not isinstance(rule, Deadline | Minimum):
            continue
        stage = stage_of(rule)
        if stage is None or (rule.id in seen and stage not in _AGAIN):
            continue
        if not rule.in_region(region) or not rule.effective.covers(today):
            continue
        if decide(rule.applies_when, known.facts)[0] is Truth.YES:
            latest = _latest(rule, deadline and civil_day(deadline, law.zone))
            found.append(Limit(rule, stage, "planned", latest=latest))
    return sorted(found, key=lambda limit: limit.rule.id)


def stage_of(rule: Deadline | Minimum) -> str | None:
    """The stage that a rule limits; None for one that begins with nothing on these pages."""
    events = rule.plan if isinstance(rule, Minimum) else rule.start
    if isinstance(rule, Minimum) and rule.end.fact == "bid_deadline" and _PUBLISHED in events:
        return "bidding"
    return next((_STAGES[kind] for kind in events if kind in _STAGES), None)


def _begun(row: Judged, stage: str, law: Fold, now: datetime) -> Limit:
    clock, reading = row.clock, row.reading
    return Limit(
        row.rule,
        stage,
        reading.state if reading else "undetermined",
        occurrence=clock.occurrence,
        key=clock.key,
        begun=clock.start,
        reading=reading,
        missing=row.missing,
        left=_left(reading, civil_day(now, law.zone)) if isinstance(row.rule, Deadline) else None,
        latest=_latest(row.rule, reading.stopped) if reading else None,
    )


def _left(reading: Reading | None, today: date) -> int | None:
    if reading is None or reading.state != "running" or reading.due is None:
        return None
    if isinstance(reading.due, datetime):
        return None
    if reading.unit is Unit.WORKING_DAY:
        return reading.limit - reading.elapsed
    return (reading.due - today).days


def _latest(rule: Deadline | Minimum, deadline: date | None) -> date | None:
    if deadline is None or isinstance(rule, Deadline):
        return None
    if not rule.start.event or rule.end.fact != "bid_deadline":
        return None
    return deadline - timedelta(days=rule.length)
