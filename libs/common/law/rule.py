"""A rule of law as data: what starts and stops its clock, how long, whom it binds, since when.

Only shapes and their own consistency; reading files is `pack`, counting is `clock`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from libs.common.worktime import Unit

EventType = Annotated[str, Field(pattern=r"^cn\.sunlight\.[a-z]+\.[a-z-]+\.[a-z-]+\.v\d+$")]
Condition = dict[str, Any]
"""Fact name → wanted value, list of values, or {not|at_least|at_most: value}."""


class Shape(BaseModel):
    """Base of all rule parts: frozen, no unknown key passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Titles(Shape):
    """The rule's name in both languages."""

    zh: str
    en: str


class Law(Shape):
    """Where the rule stands: the text, the article, the edition that was read."""

    text: str
    article: str
    edition: date | None = None
    plain: Titles = Field(description="what the article says, in one plain sentence of ours")


class Effective(Shape):
    """The days on which the rule binds, both inclusive."""

    from_: date = Field(alias="from")
    to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the rule binds on `day`."""
        return self.from_ <= day and (self.to is None or day <= self.to)


class Stage(Shape):
    """What happens how many units before (`remind`) or past (`yellow`, `red`) the due date."""

    remind: Annotated[int, Field(ge=1)] | None = None
    yellow: Annotated[int, Field(ge=0)] | None = None
    red: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a stage is one of remind, yellow, red")
        return self


class FactLength(Shape):
    """A length that the subject itself states, as a promise does."""

    fact: str
    unit_fact: str | None = None


class Extension(Shape):
    """What lengthens a clock: the event, and the guard it must pass to count."""

    on: EventType
    guard: str


class Moment(Shape):
    """One end of a minimum period: an event's time, a field of the plan, a fact, or a stop."""

    event: Literal["time"] | None = None
    data: str | None = None
    fact: str | None = None
    stop: EventType | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a moment is one of event, data, fact, stop")
        return self


class Requirement(Shape):
    """What a guard demands of one fact."""

    fact: str
    present: bool | None = None
    equals: Any = None
    one_of: tuple[Any, ...] | None = None
    at_most: int | None = None
    at_least: int | None = None
    at_most_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    of: str | None = None
    before: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        kinds = self.model_fields_set - {"fact", "of"}
        if len(kinds) != 1:
            raise ValueError("a requirement has exactly one kind of demand")
        if (self.at_most_percent is None) != (self.of is None):
            raise ValueError("at_most_percent and of go together")
        return self


class RuleBase(Shape):
    """What every form of rule says of itself."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{3,60}$")]
    title: Titles
    applies_when: Condition = Field(default_factory=dict)
    regime: str
    law: Law
    effective: Effective
    revision: Annotated[int, Field(ge=1)] = 1
    corrects: int | None = Field(None, description="our own earlier revision that was wrong")
    transition: Literal["clock_start", "subject_start", "at_once"] = "clock_start"
    region: str = "*"
    status: Literal["verified", "unverified"]
    public: bool = Field(False, description="a finding under this rule is a process fact")

    @cached_property
    def version(self) -> str:
        """Shown wherever the rule is applied: first day in force and our revision."""
        return f"{self.effective.from_.isoformat()}/{self.revision}"

    @cached_property
    def key(self) -> str:
        """The rule and its version in one word."""
        return f"{self.id}@{self.version}"

    @field_validator("region")
    @classmethod
    def _region(cls, value: str) -> str:
        if not re.fullmatch(r"\*|\d{2}(\d{2})?(\d{2})?(\d{3})?(\d{3})?", value):
            raise ValueError('a region is "*" or a code of 2, 4, 6, 9 or 12 digits')
        return value

    @property
    def can_be_red(self) -> bool:
        """Whether a finding under this rule can come to stand at red."""
        return getattr(self, "severity", None) == "red"

    @model_validator(mode="after")
    def _firm(self) -> Self:
        if self.status == "unverified" and self.can_be_red:
            raise ValueError("an unverified rule can never issue red")
        if self.public and getattr(self, "severity", None) == "lead":
            raise ValueError("a lead is never public")
        return self

    def in_region(self, region: str | None) -> bool:
        """Whether the rule binds a body of `region` (a code; a city's rule binds its counties)."""
        if self.region == "*":
            return True
        return region is not None and region.startswith(self._area)

    @cached_property
    def _area(self) -> str:
        """The digits that every region within shares: 990100 is 9901, 990000 is 99."""
        return re.sub(r"(00){1,2}$", "", self.region) if len(self.region) == 6 else self.region


class Deadline(RuleBase):
    """A maximum: from a start, something must be done within a length of time."""

    form: Literal["deadline"]
    start: tuple[EventType, ...]
    stop: tuple[EventType, ...]
    start_when: Condition = Field(default_factory=dict, description="data of the start event")
    stop_when: Condition = Field(default_factory=dict, description="data of the stop event")
    void: tuple[EventType, ...] = ()
    pairing: Literal["next", "once", "key"] = "next"
    key_field: str | None = None
    length: int | FactLength
    unit: Unit
    roll: Literal["forward", "none", "disputed"] = "none"
    until: Literal["end_of_day", "instant"] = "end_of_day"
    exclude: str | None = None
    extension: Extension | None = None
    party_right: bool = False
    stages: tuple[Stage, ...] = (Stage(yellow=0),)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.pairing == "key") != (self.key_field is not None):
            raise ValueError("pairing: key and key_field go together")
        if (self.unit is Unit.HOUR) != (self.until == "instant"):
            raise ValueError("hours, and only hours, run until: instant")
        return self

    @property
    def can_be_red(self) -> bool:
        """Whether a stage of the clock is red."""
        return any(stage.red is not None for stage in self.stages)

    @cached_property
    def reminds_only(self) -> bool:
        """Whether the clock only reminds before it is due and never finds anything."""
        return all(stage.remind is not None for stage in self.stages)


class Minimum(RuleBase):
    """A minimum: a period must last, or one moment precede another by, so many days."""

    form: Literal["minimum"]
    plan: tuple[EventType, ...]
    plan_when: Condition = Field(default_factory=dict)
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    length: Annotated[int, Field(ge=0)]
    unit: Literal[Unit.CALENDAR_DAY] = Unit.CALENDAR_DAY
    closing: str | None = Field(None, pattern=r"^\d\d:\d\d$")
    roll: Literal["disputed", "none"] = "none"
    severity: Literal["info", "yellow", "red"] = "yellow"


class Guard(RuleBase):
    """A demand on the facts at the moment of an event; services refuse, the monitor finds."""

    form: Literal["guard"]
    on: tuple[EventType, ...]
    require: tuple[Requirement, ...]
    count: EventType | None = Field(None, description="the guard demands at_most of these events")
    at_most: int | None = None
    none_open: tuple[str, ...] = Field(
        default=(), description="ids of deadlines of which no clock may be open"
    )
    disputed_when: Condition = Field(default_factory=dict)
    severity: Literal["info", "yellow", "red"] = "yellow"
    quiet: bool = Field(False, description="only for services and clocks; never a finding itself")

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if (self.count is None) != (self.at_most is None):
            raise ValueError("count and at_most go together")
        if not self.require and self.count is None and not self.none_open:
            raise ValueError("a guard demands something")
        return self


class Pattern(RuleBase):
    """A detector: `evaluate(facts, parameters)` in the monitor's check folder."""

    form: Literal["pattern"]
    detector: str
    on: tuple[EventType, ...]
    reads: tuple[str, ...] = Field(default=(), description="facts of the subject it looks at")
    parameters: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["info", "yellow", "red", "lead"] = "yellow"


class Duty(RuleBase):
    """A recurring or scheduled duty of an office: a date of every year, quarter or month."""

    form: Literal["duty"]
    every: Literal["year", "half_year", "quarter", "month"]
    month: Annotated[int, Field(ge=1, le=12)] = 1
    day: Annotated[int, Field(ge=1, le=31)]
    done_by: EventType
    roll: Literal["forward", "none"] = "none"
    severity: Literal["info", "yellow"] = "yellow"


Rule = Annotated[Deadline | Minimum | Guard | Pattern | Duty, Field(discriminator="form")]


class ExclusionSet(Shape):
    """Which pauses do not count: what opens one, what ends it, on which grounds."""

    pause: EventType
    resume: EventType
    grounds: tuple[str, ...] = Field(default=(), description="empty: every ground")
    same_day: bool = Field(
        False, description="an end noted earlier on the pause's own day ends it (day-only records)"
    )
    law: Law
