"""The records of a recording: which kind each is, whose it is, and when it was.

What a record becomes is decided later (`deriving`), over all records of its subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from sunlight.recording.converters import convert
from sunlight.recording.faults import UnusableError
from sunlight.recording.mapping import RecordingMapping, RecordKind, Value
from sunlight.recording.reading import ABSENT, at, raw_value

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
MAX_SUBJECT: Final = 500
REMEMBERED: Final = 50_000


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970: integers sort fast and lose nothing."""
    return (instant - EPOCH) // _MICROSECOND


@lru_cache(maxsize=REMEMBERED)
def from_micros(micros: int) -> datetime:
    """The aware UTC instant."""
    return EPOCH + timedelta(microseconds=micros)


class Record(NamedTuple):
    """One accepted input record; as a plain tuple it travels through the sorts."""

    order: int  # place in the whole input, from 0
    file: int
    number: int  # place in its file, from 1
    time: int  # microseconds, business time
    recorded: int  # microseconds
    digest: bytes
    own_id: str | None
    kind: int
    activity: str | None
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """The believable instants, in microseconds."""

    earliest: int
    latest: int
    day_end: int
    """The last instant of the latest day, for times that are only days."""

    @classmethod
    def of(cls, mapping: RecordingMapping, now: datetime) -> Window:
        """The window of a mapping at the moment of reading."""
        earliest, latest = mapping.window(now)
        local = latest.astimezone(ZoneInfo(mapping.zone))
        day_end = local.replace(hour=23, minute=59, second=59, microsecond=999_999)
        return cls(to_micros(earliest), to_micros(latest), to_micros(day_end))

    def check(self, micros: int, field: str, *, day: bool = False) -> int:
        """The instant itself. Raises UnusableError `implausible`, with the field."""
        if self.earliest <= micros <= (self.day_end if day else self.latest):
            return micros
        told = from_micros(micros).isoformat()
        latest = from_micros(self.latest).isoformat()
        raise UnusableError(
            "implausible",
            field,
            f"{told} is not between {from_micros(self.earliest).isoformat()} and {latest}",
        )


def digest_of(content: object) -> bytes:
    """What tells two records apart: 16 bytes over the whole content, whatever its order.

    Raises:
        UnusableError: `nul` (no text may carry U+0000) or `json` (nested too deeply).
    """
    try:
        text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise UnusableError("json", "", f"cannot be kept: {error}") from error
    if b"\\u0000" in text:
        raise UnusableError("nul", "", "contains the character U+0000, which no text may carry")
    return blake2b(text, digest_size=16).digest()


def _fields_of(spec: Value | None) -> set[str]:
    if spec is None:
        return set()
    names = set(spec.field or ()) | set(spec.when)
    if spec.each:
        names.add(spec.each)
    return names


def _kept(kind: RecordKind) -> tuple[str, ...]:
    """The fields needed after reading, in a settled order; no others go through the sorts."""
    names: set[str] = set()
    for rule in (*kind.events, *((kind.otherwise,) if kind.otherwise else ())):
        if rule.each:
            names.add(rule.each)
        else:
            names |= _fields_of(rule.time)
        for spec in rule.data.values():
            names |= _fields_of(spec)
    return tuple(sorted(names | {name.split("/")[0] for name in names}))


class Kind:
    """A kind of record, ready to read."""

    def __init__(self, index: int, spec: RecordKind, zone: ZoneInfo, window: Window) -> None:
        self.spec = spec
        self.index = index
        self._zone = zone
        self._window = window
        self._has = spec.has
        self._kept = _kept(spec)
        self._instants: dict[str, int] = {}
        # The field of the time where it is one without conditions: most records need no more.
        alone = spec.time.field is not None and len(spec.time.field) == 1 and not spec.time.when
        self._time_name = spec.time.field[0] if spec.time.field and alone else None

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether the record has the fields of this kind."""
        return all(name in record for name in self._has)

    def subject(self, record: Mapping[str, Any]) -> str:
        """Whose record it is. Raises UnusableError `subject`."""
        name, raw = raw_value(record, self.spec.subject)
        if raw is ABSENT:
            raise UnusableError("subject", name, "the record does not say whose it is")
        if not isinstance(raw, str | int) or isinstance(raw, bool):
            raise UnusableError("subject", name, f"{raw!r} is not an id")
        subject = str(raw).strip()
        if not 0 < len(subject) <= MAX_SUBJECT:
            raise UnusableError("subject", name, f"an id has 1 to {MAX_SUBJECT} characters")
        return subject

    def instant(self, record: Mapping[str, Any], spec: Value) -> int:
        """A time of the record, held against the window. Raises UnusableError."""
        name, raw = raw_value(record, spec)
        if raw is ABSENT:
            raise UnusableError("time", name, "the record does not say when it was")
        own = spec is self.spec.time and isinstance(raw, str)
        if own and (known := self._instants.get(raw)) is not None:
            return known
        try:
            read_at = convert(raw, spec, self._zone, name)
        except UnusableError as error:
            raise UnusableError("time", error.field, str(error)) from error
        micros = self._window.check(to_micros(read_at), name, day=spec.convert == "day")
        if own:
            if len(self._instants) >= REMEMBERED:
                self._instants.clear()
            self._instants[raw] = micros
        return micros

    def own_id(self, record: Mapping[str, Any]) -> str | None:
        """The recording's own id of the record, where the mapping names one."""
        if self.spec.id is None:
            return None
        found = at(record, self.spec.id)
        return str(found)[:MAX_SUBJECT] if isinstance(found, str | int) and found != "" else None

    def record(self, order: int, file: int, number: int, fields: Mapping[str, Any]) -> Record:
        """The record of these fields. Raises UnusableError with code and field."""
        spec = self.spec
        # Logs repeat their times: reading one again costs more than remembering it.
        said = fields.get(self._time_name) if self._time_name is not None else None
        known = self._instants.get(said) if isinstance(said, str) else None
        time = known if known is not None else self.instant(fields, spec.time)
        recorded = time if spec.recorded is None else self.instant(fields, spec.recorded)
        activity = None
        if spec.activity is not None:
            activity = fields.get(spec.activity) or at(fields, spec.activity)
            if not isinstance(activity, str) or not activity:
                raise UnusableError("activity", spec.activity, "the record does not say what it is")
        return Record(
            order,
            file,
            number,
            time,
            max(time, recorded),
            digest_of(fields),
            self.own_id(fields) if spec.id is not None else None,
            self.index,
            activity,
            {name: fields[name] for name in self._kept if name in fields} if self._kept else {},
        )
