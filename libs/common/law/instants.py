"""Instants as integers: what the fold keeps in its compact state.

Microseconds since 1970 UTC. Conversions only; days are made by `worktime.civil_day` alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant."""
    return _EPOCH + timedelta(microseconds=micros)


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
