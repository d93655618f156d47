"""The second reading of a clock whose start or stop was recorded later than allowed (补录).

A clock counts business time; what it would be by the time of recording is shown beside it, for
people to compare, and never judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from libs.common.law.clock import Reading
from libs.common.law.dossier import Check, Dossier
from libs.common.law.fold import Fold, Judged
from libs.common.law.instants import from_micros, to_micros
from libs.common.law.rule import Deadline, Pattern

DETECTOR: Final = "recorded_late"


@dataclass(frozen=True, slots=True)
class Late:
    """A step of a clock that was recorded late: event type, when it happened, when recorded."""

    event: str
    happened: datetime
    recorded: datetime


@dataclass(frozen=True, slots=True)
class ByRecord:
    """The late steps of a clock, and how it would stand by the time of recording."""

    late: tuple[Late, ...]
    reading: Reading


def by_record(fold: Fold, dossier: Dossier, judged: Judged, at: datetime | None) -> ByRecord | None:
    """The second reading; None where start and stop were recorded in time, or nothing is known."""
    rule, clock = judged.rule, judged.clock
    if not isinstance(rule, Deadline) or at is None or judged.reading is None:
        return None
    known = {(one.event, to_micros(one.happened)): one for one in _late(fold, dossier)}
    start = _of(known, rule.start, clock.start)
    stop = _of(known, rule.stop, clock.stop)
    late = tuple(one for one in (start, stop) if one is not None)
    if not late:
        return None
    moved = replace(
        clock,
        start=to_micros(start.recorded) if start else clock.start,
        stop=to_micros(stop.recorded) if stop else clock.stop,
    )
    reading = fold.judged_one(dossier, moved, at).reading
    return None if reading is None else ByRecord(late, reading)


def _of(known: dict[tuple[str, int], Late], kinds: tuple[str, ...], at: int | None) -> Late | None:
    found = (known.get((kind, at)) for kind in kinds) if at is not None else ()
    return next((one for one in found if one is not None), None)


def _late(fold: Fold, dossier: Dossier) -> Iterator[Late]:
    for check in dossier.checks:
        rule = fold.book.by_key.get(check.rule)
        if isinstance(rule, Pattern) and rule.detector == DETECTOR:
            yield _told(check)


def _told(check: Check) -> Late:
    seen = check.evidence
    happened = datetime.fromisoformat(seen["happened"])
    return Late(seen["event"], happened, from_micros(check.at))
