"""What an organisation may look like: terms, tenures, chains of leaders, office hours.

Pure: no database, no clock. Must never change anything: it answers, the service acts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

from libs.common.codes import RegionLevel


class Role(StrEnum):
    """How someone stands at a post: 主岗 (A), or its AB substitute (B)."""

    HOLDER = "holder"
    SUBSTITUTE = "substitute"


LEVELS: Final = (RegionLevel.PROVINCE, RegionLevel.CITY, RegionLevel.COUNTY, RegionLevel.TOWNSHIP)
"""省市县乡: a village has no body of its own."""
_SPAN: Final = re.compile(r"([1-7])(?:-([1-7]))?((?:\s+\d\d:\d\d-\d\d:\d\d)+)")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


class CycleError(ValueError):
    """A chain of leaders comes back to where it began."""


@dataclass(frozen=True, slots=True)
class Term:
    """The days something holds, both ends included; no `last_day`: until further notice."""

    first_day: date
    last_day: date | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it has at least one day."""
        return self.last_day is None or self.first_day <= self.last_day

    def covers(self, day: date) -> bool:
        """Whether it holds on `day`."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def meets(self, other: Term) -> bool:
        """Whether there is a day on which both hold."""
        begins = max(self.first_day, other.first_day)
        return self.covers(begins) and other.covers(begins)


@dataclass(frozen=True, slots=True)
class Tenure:
    """Someone at a post: as what, and when. `staff_no` is the person's number."""

    role: str
    staff_no: str
    term: Term


def tenure_conflict(others: Iterable[Tenure], new: Tenure) -> Tenure | None:
    """The tenure of the same post with which `new` can't stand; None when it can.

    On any day a post has at most one holder and one AB substitute, and they are two persons.
    """
    for other in others:
        same = other.role == new.role or other.staff_no == new.staff_no
        if same and other.term.meets(new.term):
            return other
    return None


def standing_on(tenures: Iterable[Tenure], day: date) -> dict[str, Tenure]:
    """Who stands at a post on `day`, by role."""
    return {tenure.role: tenure for tenure in tenures if tenure.term.covers(day)}


def leader_chain(post: str, superiors: Mapping[str, str | None]) -> tuple[str, ...]:
    """The posts that lead `post`, nearest first. Raises CycleError."""
    chain: list[str] = []
    above = superiors.get(post)
    while above is not None:
        if above == post or above in chain:
            raise CycleError(f"{post}: the chain of leaders comes back to {above}")
        chain.append(above)
        above = superiors.get(above)
    return tuple(chain)


def in_cycles(superiors: Mapping[str, str | None]) -> frozenset[str]:
    """Everything that is, by its chain, its own superior."""
    settled: set[str] = set()
    found: set[str] = set()
    for start in superiors:
        path: dict[str, int] = {}
        one: str | None = start
        while one is not None and one not in settled and one not in path:
            path[one] = len(path)
            one = superiors.get(one)
        if one is not None and one in path:
            found |= {name for name, place in path.items() if place >= path[one]}
        settled |= path.keys()
    return frozenset(found)


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """Open on one weekday (1 Monday to 7 Sunday), from `opens` until `closes`, as HH:MM."""

    weekday: int
    opens: str
    closes: str


def openings(text: str) -> list[Opening]:
    """Office hours as a file writes them: `1-5 09:00-12:00 13:30-17:00; 6 09:00-12:00`.

    Raises:
        ValueError: it is not of that form.
    """
    found: list[Opening] = []
    for part in (part.strip() for part in re.split("[;\uff1b]", text)):
        if not part:
            continue
        match = _SPAN.fullmatch(part)
        if match is None:
            raise ValueError(
                "办公时间应如 1-5 09:00-12:00 13:30-17:00 / "
                "office hours should look like 1-5 09:00-12:00 13:30-17:00"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        spans = [span.split("-") for span in match[3].split()]
        found += [Opening(d, *span) for d in range(first, last + 1) for span in spans]
    return found


def are_sound(hours: Sequence[Opening]) -> bool:
    """Whether each opening has a beginning before its end, and none runs into the next."""
    ordered = sorted(hours)
    times = all(_TIME.fullmatch(one.opens) and _TIME.fullmatch(one.closes) for one in ordered)
    forward = all(one.opens < one.closes for one in ordered)
    apart = all(
        one.weekday != other.weekday or one.closes <= other.opens
        for one, other in pairwise(ordered)
    )
    return times and forward and apart


def is_open(hours: Iterable[Opening], weekday: int, time: str) -> bool:
    """Whether a body with these hours is open at `time` (HH:MM) of a weekday; closing time is not.

    Says nothing of holidays: the calendar does.
    """
    return any(one.weekday == weekday and one.opens <= time < one.closes for one in hours)
