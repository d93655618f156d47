"""The stages of a tender, from the sale of its documents to the refund of the bonds.

No input or output. Must never tell anything of bids: not even how many were opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.law.instants import from_micros
from libs.common.worktime import end_of_day
from services.resource_trading.pages.limits import Limit
from services.resource_trading.tender.policy import State

_WAITING: Final = {
    State.OPENED: "evaluation",
    State.EVALUATED: "candidates",
    State.PUBLICISED: "decision",
    State.DECIDED: "notice",
}
"""The step that waits in a state, where neither plan nor law says until when."""
_STEPS: Final = frozenset({"opening", "evaluation", "publicity", "decision", "notice"})


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a tender so far, as its pages need it; instants are aware."""

    state: State
    mandatory: bool
    bonded: bool
    documents_from: datetime | None
    documents_until: datetime | None
    bid_deadline: datetime | None
    publicity_from: datetime | None
    publicity_until: datetime | None
    happened: dict[str, list[datetime]]
    """Event type (short: `tender.opened`) → when it happened, oldest first."""
    imported: bool = False
    """Kept by another system, which may have told of some steps only."""

    def at(self, kind: str) -> datetime | None:
        """When it happened last."""
        return self.happened.get(kind, [None])[-1]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: `phase` is `planned`, `now`, `done`, `skipped` (not part of this tender),
    `stopped` (the tender ended before it) or `untold` (surely past, but nobody told of it)."""

    name: str
    begin: datetime | None
    end: datetime | None
    phase: str
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next (`name`, or a limit), and when: a civil day, an instant, None: not said."""

    at: date | datetime | None
    name: str
    limit: Limit | None = None


def happened(history: Sequence[Sequence[Any]]) -> dict[str, list[datetime]]:
    """When each kind of event happened, of a tender's own history."""
    found: dict[str, list[datetime]] = {}
    for kind, micros, _ in history:
        found.setdefault(short(kind), []).append(from_micros(micros))
    return found


def short(kind: str) -> str:
    """`cn.sunlight.trading.tender.opened.v1` is `tender.opened`."""
    return kind.removeprefix("cn.sunlight.trading.").rpartition(".v")[0]


def stages_of(course: Course, limits: Iterable[Limit], now: datetime) -> list[Stage]:
    """Every stage in its order, each with its limits."""
    of_stage: dict[str, list[Limit]] = {}
    for limit in limits:
        of_stage.setdefault(limit.stage, []).append(limit)
    made = []
    ended_at = course.at("tender.terminated")
    spans = _spans(course, now if ended_at is None else min(now, ended_at))
    for name, begin, end, phase in _untold(spans) if course.imported else spans:
        ahead = phase in ("planned", "now")
        kept = [one for one in of_stage.get(name, ()) if ahead or one.state != "planned"]
        ended = ahead and course.state is State.TERMINATED
        made.append(Stage(name, begin, end, "stopped" if ended else phase, tuple(kept)))
    return made


Span = tuple[str, datetime | None, datetime | None, str]


def _untold(spans: list[Span]) -> list[Span]:
    """The spans of an imported tender: what lies before a step that was told of is past."""
    last = max((place for place, span in enumerate(spans) if span[3] == "done"), default=-1)
    return [
        (*span[:3], "untold") if place < last and span[0] in _STEPS and span[3] != "done" else span
        for place, span in enumerate(spans)
    ]


def _spans(course: Course, now: datetime) -> list[Span]:
    opened, evaluated = course.at("tender.opened"), course.at("tender.evaluated")
    deadline, sold = course.bid_deadline, course.documents_until
    decided, noticed = course.at("award.decided"), course.at("award.notice-issued")
    signed, refunded = course.at("award.contract-signed"), course.at("award.bonds-refunded")
    past = course.state is not State.PUBLISHED
    sale = _running(course.documents_from, sold or deadline, now, past=past)
    bidding = _running(course.documents_from, deadline, now, past=past)
    refund = _step(refunded, signed) if course.bonded or refunded else "skipped"
    return [
        ("documents", course.documents_from, sold, sale),
        _clarification(course, now),
        ("bidding", course.documents_from, deadline, bidding),
        ("opening", None, opened or deadline, _step(opened, _reached(deadline, now))),
        ("evaluation", opened, evaluated, _step(evaluated, opened)),
        _publicity(course, now),
        ("decision", None, decided, _step(decided, _ready(course, now))),
        ("notice", None, noticed, _step(noticed, decided)),
        ("contract", None, signed, _step(signed, noticed)),
        ("refund", None, refunded, refund),
    ]


def _running(
    begin: datetime | None, end: datetime | None, now: datetime, *, past: bool = False
) -> str:
    """How far a span is; where its dates are not known, what came after it tells (`past`)."""
    if begin is None or end is None:
        return "done" if past else "planned"
    return "planned" if now < begin else "now" if now <= end else "done"


def _reached(deadline: datetime | None, now: datetime) -> bool:
    return deadline is not None and now >= deadline


def _step(done: object, ready: object) -> str:
    return "done" if done else "now" if ready else "planned"


def _clarification(course: Course, now: datetime) -> Span:
    told = course.happened.get("tender.clarified", [])
    if course.state is State.PUBLISHED and not _reached(course.bid_deadline, now):
        phase = "now"
    else:
        phase = "done" if told else "skipped"
    return ("clarification", told[0] if len(told) > 1 else None, told[-1] if told else None, phase)


def _publicity(course: Course, now: datetime) -> Span:
    begin, end = course.publicity_from, course.publicity_until
    if begin is not None and end is not None:
        return ("publicity", begin, end, _running(begin, end, now))
    if course.at("award.decided"):
        return ("publicity", None, None, "skipped")
    return ("publicity", None, None, _step(None, course.at("tender.evaluated")))


def _ready(course: Course, now: datetime) -> bool:
    """Whether the winner can be determined now."""
    if course.publicity_until is not None:
        return now > course.publicity_until
    return not course.mandatory and course.at("tender.evaluated") is not None


def next_date(
    course: Course, limits: Iterable[Limit], now: datetime, zone: ZoneInfo
) -> Next | None:
    """What comes next: a date of the plan or the due day of a limit, past ones first; else the
    step that waits without one. None where the tender has come to its end."""
    if course.state is State.TERMINATED:
        return None
    found = [Next(at, name) for at, name in _milestones(course, now)]
    found += [
        Next(limit.reading.due, "limit", limit)
        for limit in limits
        if limit.pending and limit.reading is not None and limit.reading.due is not None
    ]
    waiting = _WAITING.get(course.state)
    undated = Next(None, waiting) if waiting and not course.imported else None
    return min(found, key=lambda one: _instant(one.at, zone, now), default=undated)


def _milestones(course: Course, now: datetime) -> list[tuple[datetime, str]]:
    plan: list[tuple[datetime | None, str]] = []
    if course.state is State.PUBLISHED:
        if course.bid_deadline is not None and now >= course.bid_deadline:
            return [(course.bid_deadline, "opening")]
        plan = [
            (course.documents_from, "documents_from"),
            (course.documents_until, "documents_until"),
            (course.bid_deadline, "bid_deadline"),
        ]
    elif course.state is State.PUBLICISED:
        plan = [(course.publicity_until, "publicity_until")]
    return [(at, name) for at, name in plan if at is not None and at >= now]


def _instant(value: date | datetime | None, zone: ZoneInfo, now: datetime) -> datetime:
    if value is None:
        return now
    return value if isinstance(value, datetime) else end_of_day(value, zone)
