"""Instants as integers: what the fold keeps in its compact state.

Microseconds since 1970 UTC. Conversions only; days are made by `worktime.civil_day` alone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.worktime import civil_day

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_QUARTER: Final = 15 * 60 * 1_000_000


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant."""
    return _EPOCH + timedelta(microseconds=micros)


def day_of(micros: int, zone: ZoneInfo) -> date:
    """The civil day of an instant, remembered for its quarter of an hour.

    Every zone's offset since 1972 is a whole number of quarters, so all instants of one quarter
    (counted in UTC) fall on one day.
    """
    return _day_of_quarter(micros // _QUARTER, zone)


@lru_cache(maxsize=1 << 16)
def _day_of_quarter(quarter: int, zone: ZoneInfo) -> date:
    return civil_day(from_micros(quarter * _QUARTER), zone)


def fact_micros(value: Any) -> int | None:
    """An RFC 3339 text among the facts as microseconds; None when it is none.

    Raises:
        ValueError: a text without an offset; an instant is never guessed.
    """
    if not isinstance(value, str):
        return None
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(f"{value!r} has no offset")
    return to_micros(instant)
