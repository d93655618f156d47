"""Reading recorded values: instants, days, money, codes. What is not plain is never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from sunlight.recording.faults import UnusableError, excerpt
from sunlight.recording.mapping import Value

MAX_CODE: Final = 100
_MOMENTS: Final = {"start": time.min, "noon": time(12), "end": time.max}
_PERIOD: Final = re.compile(
    r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(\d{1,2})时(\d{1,2})分\s*至\s*"
    r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(\d{1,2})时(\d{1,2})分"
)
_YEAR: Final = re.compile(r"\d{4}(?!\d)|\d{8}(?!\d)")


class UnreadableError(ValueError):
    """A value is not what it should be; the message says what was expected and found."""


def _told(value: object) -> str:
    return repr(excerpt(value)[:80])


def read_instant(value: object, zone: ZoneInfo) -> datetime:
    """An ISO 8601 date and time, aware in UTC; without an offset it is of `zone`."""
    if not isinstance(value, str):
        raise UnreadableError(f"{_told(value)} is not an ISO 8601 date and time")
    text = value.strip()
    if not _YEAR.match(text):
        raise UnreadableError(f"{_told(value)} is not an ISO 8601 date and time")
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableError(f"{_told(value)} is not an ISO 8601 date and time") from error


def read_day(value: object, at: str, zone: ZoneInfo) -> datetime:
    """A civil day (of a date, or of a date and time) as an instant of that day in `zone`."""
    if not isinstance(value, str):
        raise UnreadableError(f"{_told(value)} is not a day")
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        day = read_instant(value, zone).astimezone(zone).date()
    try:
        return datetime.combine(day, _MOMENTS[at], zone).astimezone(UTC)
    except OverflowError as error:
        raise UnreadableError(f"{_told(value)} is no believable day") from error


def read_period(value: object, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The prose of a publicity period: 2025年06月13日 18时00分至2025年06月16日 18时00分."""
    found = _PERIOD.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise UnreadableError(f"{_told(value)} is not a period (年月日 时分 至 年月日 时分)")
    numbers = [int(part) for part in found.groups()]
    try:
        start = datetime(*numbers[:5], tzinfo=zone)  # type: ignore[misc,arg-type]
        end = datetime(*numbers[5:], tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise UnreadableError(f"{_told(value)}: {error}") from error
    if end < start:
        raise UnreadableError(f"{_told(value)} ends before it starts")
    return start.astimezone(UTC), end.astimezone(UTC)


def _decimal(value: object) -> Decimal:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,15}(\.\d+)?", text, re.ASCII):
        raise UnreadableError(f"{_told(value)} is not a plain number")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise UnreadableError(f"{_told(value)} is not a plain number") from error


def read_yuan(value: object) -> int:
    """An amount of yuan, a plain number, as integer fen. Prose and fractions of a fen are none."""
    fen = _decimal(value) * 100
    if fen != fen.to_integral_value():
        raise UnreadableError(f"{_told(value)} is not whole fen")
    return int(fen)


def read_int(value: object) -> int:
    """A whole number."""
    number = _decimal(value)
    if number != number.to_integral_value():
        raise UnreadableError(f"{_told(value)} is not a whole number")
    return int(number)


def read_bool(value: object) -> bool:
    """true/false, yes/no, 是/否, 1/0."""
    text = str(value).strip().lower()
    if text in {"true", "yes", "是", "1"}:
        return True
    if text in {"false", "no", "否", "0"}:
        return False
    raise UnreadableError(f"{_told(value)} is neither true nor false")


def read_text(value: object) -> str:
    """A text without surrounding space."""
    if isinstance(value, dict | list | bool) or value is None:
        raise UnreadableError(f"{_told(value)} is not a text")
    return str(value).strip()


def read_code(value: object, spec: Value) -> str:
    """A short code: what `pattern` finds, else the whole text, at most 100 characters."""
    text = read_text(value)
    if spec.pattern is not None and (found := re.search(spec.pattern, text)):
        text = found.group()
    if not 0 < len(text) <= MAX_CODE:
        raise UnreadableError(f"{_told(text)} is not a code of 1 to {MAX_CODE} characters")
    return text


_CONVERTERS: Final[Mapping[str, Callable[[Any, Value, ZoneInfo], Any]]] = {
    "text": lambda value, spec, zone: read_text(value),
    "code": lambda value, spec, zone: read_code(value, spec),
    "int": lambda value, spec, zone: read_int(value),
    "fen": lambda value, spec, zone: read_int(value),
    "yuan": lambda value, spec, zone: read_yuan(value),
    "bool": lambda value, spec, zone: read_bool(value),
    "instant": lambda value, spec, zone: read_instant(value, zone),
    "day": lambda value, spec, zone: read_day(value, spec.at, zone),
    "period-from": lambda value, spec, zone: read_period(value, zone)[0],
    "period-until": lambda value, spec, zone: read_period(value, zone)[1],
}


def _at_least(raw: object, least: int) -> None:
    if _decimal(raw) < least:
        raise UnreadableError(f"{_told(raw)} is below {least}: not of this unit")


def convert(raw: object, spec: Value, zone: ZoneInfo, field: str) -> Any:
    """What `raw` says, read as `spec` wants it.

    Raises:
        UnusableError: with code `value` and the field.
    """
    if spec.values and isinstance(raw, str) and raw in spec.values:
        return spec.values[raw]
    try:
        if spec.least is not None:
            _at_least(raw, spec.least)
        return _CONVERTERS[spec.convert](raw, spec, zone)
    except UnreadableError as error:
        raise UnusableError("value", field, str(error)) from error
