"""What a mapping may say: how a recorded format becomes contract events.

A mapping decides nothing about the law: it names which record is which event, and the rules to
watch. It is checked against the contracts when it is loaded, so that a wrong name fails early.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from libs.common.events import CONTRACTS, TOPICS, ContractError, owner

Format = Literal["xes", "csv", "cloudevents", "notice", "ocds"]
Convert = Literal[
    "text", "code", "int", "bool", "instant", "day", "fen", "yuan", "period-from", "period-until"
]
Pick = Literal["first", "last", "each"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone of the IANA database") from error
    return name


def _event_type(name: str) -> str:
    try:
        owner(name)
    except ContractError as error:
        raise ValueError(str(error)) from error
    if name not in CONTRACTS:
        raise ValueError(f"{name!r} is in no contract; see contracts/ for the types")
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _named(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(_zone)]
EventType = Annotated[str, AfterValidator(_event_type)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Value(_Part):
    """Where a value comes from and what it is read as.

    One of `const`; `of` (the record's subject, activity, or number in its list); `field` (a path
    with / in the record; the first that says something of several); `each` with `data` (a list
    of objects). A plain string is a `field`.
    """

    const: Any = None
    of: Literal["subject", "activity", "number"] | None = None
    field: Names | None = None
    each: str | None = None
    data: dict[str, Annotated[Value, BeforeValidator(_named)]] = {}
    convert: Convert = Field("text", alias="as")
    at: Literal["start", "noon", "end"] = "noon"
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    values: dict[str, Any] = {}
    when: dict[str, str] = {}
    """Fields beside this one that must have these values, else there is no value."""
    unless: dict[str, str] = {}
    """Members of `each` with one of these values are none."""
    least: int | None = None
    """A number below it has another unit (a percentage, a coefficient): implausible."""
    required: bool = False
    """Without this value there is no such event."""
    omit: bool = False
    """A value that cannot be read is left out and counted instead of rejecting its record."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("const", "of", "field", "each") if getattr(self, name)]
        if len(given) != 1 and "const" not in self.model_fields_set:
            raise ValueError(f"name one of const, of, field, each (named: {given or 'none'})")
        if self.each and not self.data:
            raise ValueError("each needs data")
        return self


def _time(value: Value) -> Value:
    if value.field is None or value.convert not in _TIMES:
        raise ValueError(f"a time is a field read as one of {', '.join(_TIMES)}")
    return value


_TIMES: Final = ("instant", "day", "period-from", "period-until")

Source = Annotated[Value, BeforeValidator(_named)]
Time = Annotated[Value, AfterValidator(_time)]


class EventRule(_Part):
    """One contract event that records of this kind make.

    Event logs: of the records with one of `activity` (any if none is named) the `first`, the
    `last` or `each`; where there is none, or none is named, the time in `attribute` of the case.
    Documents: one event, or one per member of the list `each`, told apart by `key`.
    """

    type: EventType
    pick: Pick = "each"
    activity: Names = ()
    attribute: str | None = None
    each: str | None = None
    key: str | None = None
    time: Time | None = None
    data: dict[str, Source] = {}

    @model_validator(mode="after")
    def _fields_exist(self) -> Self:
        fields = CONTRACTS[self.type].model_fields
        if unknown := sorted(set(self.data) - set(fields)):
            raise ValueError(f"{self.type} has no field {', '.join(unknown)}")
        missing = [n for n, f in fields.items() if f.is_required() and n not in self.data]
        if missing:
            raise ValueError(f"{self.type} needs the field {', '.join(missing)}")
        if self.key and not self.each:
            raise ValueError("key tells apart the members of each; name each")
        return self

    @property
    def only_attribute(self) -> bool:
        """Whether the event comes from an attribute of the case alone."""
        return self.attribute is not None and not self.activity


class RecordKind(_Part):
    """One kind of record: told apart by the fields it `has`, and what becomes of it."""

    name: str
    has: Names = ()
    subject: Source
    time: Time
    recorded: Time | None = None
    id: str | None = None
    activity: str | None = None
    events: tuple[EventRule, ...] = ()
    otherwise: EventRule | None = None

    @model_validator(mode="after")
    def _activity_named(self) -> Self:
        if self.activity is None and any(rule.activity for rule in self.events):
            raise ValueError("events name an activity: name the field that holds it")
        return self


class Plausible(_Part):
    """The window of believable times; `to` is the moment of reading when not given."""

    earliest: date = Field(date(1990, 1, 1), alias="from")
    latest: date | None = Field(None, alias="to")


class RuleUse(BaseModel):
    """A rule to watch; everything beside `id` overrides a parameter of the rule."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str = Field(min_length=1)

    @property
    def parameters(self) -> dict[str, Any]:
        """The overrides by name."""
        return dict(self.model_extra or {})


class RecordingMapping(_Part):
    """A recorded format and what becomes of it."""

    name: str
    title: dict[str, str] = {}
    format: Format
    zone: Zone = "Asia/Shanghai"
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    source: str = Field("/recording", min_length=1, max_length=200)
    topic: Literal[TOPICS] | None = None  # type: ignore[valid-type]
    regime: str | None = None
    region: str | None = None
    department: str | None = None
    plausible: Plausible = Plausible()
    records: tuple[RecordKind, ...] = ()
    rules: tuple[RuleUse, ...] = ()

    @model_validator(mode="after")
    def _records_fit(self) -> Self:
        if self.format == "cloudevents":
            if self.records:
                raise ValueError("records: a CloudEvent says itself what it is")
        elif not self.records:
            raise ValueError("records: say what the records become")
        return self

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """The earliest and the latest believable instant (days in the mapping's zone)."""
        zone = ZoneInfo(self.zone)
        first = datetime.combine(self.plausible.earliest, datetime.min.time(), zone)
        if self.plausible.latest is None:
            return first.astimezone(UTC), now.astimezone(UTC)
        last = datetime.combine(self.plausible.latest, datetime.max.time(), zone)
        return first.astimezone(UTC), last.astimezone(UTC)
