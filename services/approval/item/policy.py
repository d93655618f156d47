"""Which version of an item holds when, and which may come next.

A version holds from its first day until the next one's; of two with the same first day the later
number holds. Pure: no database, no clock. Must never change a version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final


class Verdict(StrEnum):
    """What becomes of a version that is handed in."""

    FIRST = "first"
    SUPERSEDES = "supersedes"
    STANDS = "stands"
    TOO_EARLY = "too_early"
    IN_THE_PAST = "in_the_past"


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the policy sees it; `content` is compared, `None` of a withdrawal."""

    number: int
    first_day: date
    content: Any


TERMS: Final = (
    "item_type",
    "immediate",
    "delivers_document",
    "limit_set_by_law",
    "statutory_limit",
    "statutory_unit",
    "promised_limit",
    "promised_unit",
)
"""What a version says of every case of the item."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An item as the catalogue has it on a day. `version` None: not there; `listed`: others are."""

    listed: bool
    version: int | None
    withdrawn: bool
    terms: Mapping[str, Any]


LIMIT_UNITS: Final = ("working_day", "calendar_day", "hour", "month", "year")


def holding(versions: Iterable[Version], day: date) -> Version | None:
    """The version that holds on `day`; None before the first and after a withdrawal."""
    begun = [version for version in versions if version.first_day <= day]
    last = max(begun, key=lambda version: version.number, default=None)
    return None if last is None or last.content is None else last


def verdict(
    versions: Sequence[Version], content: Any, first_day: date | None, today: date
) -> Verdict:
    """What becomes of `content` from `first_day` on (None: from today, if it is new).

    `versions` are those that stand, by number. The content that stands already, from that day or
    from any day where none is asked for, changes nothing. A version that supersedes another begins
    neither before it nor in the past: what held on a day stays what it was.
    """
    if not versions:
        return Verdict.FIRST if content is not None else Verdict.STANDS
    newest = versions[-1]
    if newest.content == content and (content is None or first_day in {None, newest.first_day}):
        return Verdict.STANDS
    if any(v.content == content and v.first_day == first_day for v in versions):
        return Verdict.STANDS
    begins = first_day or today
    if begins < newest.first_day:
        return Verdict.TOO_EARLY
    if begins < today:
        return Verdict.IN_THE_PAST
    return Verdict.STANDS if newest.content == content else Verdict.SUPERSEDES


def promise_exceeds(statutory: tuple[int, str] | None, promised: tuple[int, str] | None) -> bool:
    """Whether a promise is surely longer than the statutory limit; limits are (length, unit).

    Different units are compared only where that needs no calendar: working days never are
    fewer civil days than their number.
    """
    if statutory is None or promised is None:
        return False
    (longest, unit), (length, other) = statutory, promised
    comparable = unit == other or (unit, other) == ("calendar_day", "working_day")
    return comparable and length > longest
