"""Taking values out of one record as a mapping says: paths, lists, constants, conversions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sunlight.recording.converters import convert
from sunlight.recording.faults import UnusableError
from sunlight.recording.mapping import Value

Mark = Callable[[str, str], None]
"""Called with field and reason for each value that was left out."""

ABSENT: Final = object()
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {})


def at(record: Any, path: str) -> Any:
    """The value at a path; a name that holds a / itself wins over the path."""
    if isinstance(record, Mapping) and path in record:
        return record[path]
    for part in path.split("/"):
        if isinstance(record, Mapping):
            record = record.get(part)
        elif isinstance(record, list) and part.isdigit() and int(part) < len(record):
            record = record[int(part)]
        else:
            return None
    return record


def plain(value: Any) -> Any:
    """A converted value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class Context:
    """What a value may refer to beside the record itself."""

    subject: str
    activity: str | None
    zone: ZoneInfo
    mark: Mark
    number: int = 1


def raw_value(record: Any, spec: Value) -> tuple[str, Any]:
    """The first field of `spec` that says something, by name and unread; or ABSENT."""
    names = spec.field or ()
    for condition, wanted in spec.when.items():
        if at(record, condition) != wanted:
            return names[0], ABSENT
    for name in names:
        found = at(record, name)
        if found not in _NOTHING:
            return name, found
    return (names[0] if names else ""), ABSENT


def read(record: Any, spec: Value, context: Context, name: str = "") -> Any:
    """What the record says for `spec`, converted; ABSENT if nothing.

    Raises:
        UnusableError: it says something that cannot be read, and may not be left out.
    """
    if spec.each is not None:
        return _members(record, spec, context)
    if spec.of == "number":
        return context.number
    if spec.of is not None:
        name, raw = spec.of, context.subject if spec.of == "subject" else context.activity
    elif spec.field is not None:
        name, raw = raw_value(record, spec)
    else:
        return spec.const
    if raw is ABSENT or raw is None:
        return ABSENT
    try:
        return convert(raw, spec, context.zone, name)
    except UnusableError as error:
        if not spec.omit:
            raise
        context.mark(name, str(error))
        return ABSENT


def members(record: Any, path: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects in a list, numbered from 1; whatever else is in it is passed over."""
    found = at(record, path)
    if not isinstance(found, list):
        return []
    objects = (member for member in found if isinstance(member, Mapping))
    return list(enumerate(objects, start=1))


def _members(record: Any, spec: Value, context: Context) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for _, member in members(record, spec.each or ""):
        if any(at(member, name) == value for name, value in spec.unless.items()):
            continue
        within = Context(
            context.subject, context.activity, context.zone, context.mark, len(made) + 1
        )
        made.append(read_data(member, spec.data, within) or {})
    return made


def read_data(record: Any, specs: Mapping[str, Value], context: Context) -> dict[str, Any] | None:
    """All values of a payload; None when a required one is absent."""
    data: dict[str, Any] = {}
    for name, spec in specs.items():
        value = read(record, spec, context, name)
        if value is not ABSENT:
            data[name] = plain(value)
        elif spec.required:
            return None
    return data
