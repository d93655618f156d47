"""What the API shows of clocks. Days are civil dates, hours instants; texts in both languages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from libs.common.law.instants import from_micros
from libs.common.law.rule import Law
from services.e_monitor import addresses
from services.e_monitor.clock import recorded, wording
from services.e_monitor.clock.explain import Explanation


class Clock(BaseModel):
    """How one clock stands at `at`, the instant to which all that could stop it is known.

    `state`: met, breached, overdue, running, suspended, disputed, void, undetermined (a fact in
    `missing` is not known) or not_applicable. `elapsed`, `excluded`, `over`, `left` count `unit`;
    a minimum's `over` is what is missing. Without any horizon yet `at` is null.
    `nearly_due`: it still runs, and the reminder that its rule asks for has come.
    """

    model_config = ConfigDict(from_attributes=True)

    rule: str
    title: dict[str, str]
    form: str
    occurrence: int
    state: str
    missing: tuple[str, ...]
    at: datetime | None
    unit: str
    limit: int | None
    started: date | datetime
    stopped: date | datetime | None
    due: date | datetime | None
    elapsed: int
    excluded: int
    over: int
    left: int | None
    provisional: bool
    disputed: tuple[str, ...]
    nearly_due: bool
    why: str


class Clocks(BaseModel):
    """The clocks of a subject; `parked` when an event of it could not be handled."""

    subject: str
    parked: bool
    clocks: list[Clock]


class Day(BaseModel):
    """One day: `kind` working, weekend, holiday, makeup; `mark` start, due,
    stopped; of a minimum start, earliest, ends.
    """

    day: date
    kind: str
    counted: bool
    ordinal: int | None
    name: dict[str, str] | None
    ground: dict[str, str] | None
    mark: str | None


class Article(BaseModel):
    """Where a rule stands, and what it says in one plain sentence of ours."""

    text: str
    article: str
    edition: date | None
    plain: dict[str, str]


class Pause(BaseModel):
    """A stretch that does not count."""

    opened: datetime
    ended: datetime | None
    ground: dict[str, str]


class LateStep(BaseModel):
    """A step recorded later than its source is allowed."""

    event: str
    happened: datetime
    recorded: datetime


class ByRecord(BaseModel):
    """How a clock would stand by the time of recording; the clock itself counts business time."""

    late: list[LateStep]
    state: str
    started: date | datetime
    stopped: date | datetime | None
    due: date | datetime | None
    elapsed: int
    over: int


class Explained(Clock):
    """A clock with every day of it, the sum, the article, the versions and one's rights."""

    subject: str
    regime: str
    sentences: dict[str, list[str]]
    days: list[Day]
    days_left_out: int
    to_due: dict[str, Any] | None = Field(description="the days after the start, by kind")
    to_end: dict[str, Any] | None
    pauses: list[Pause]
    law: Article
    exclusion_law: Article | None
    versions: dict[str, Any]
    rights: dict[str, str]
    by_record: ByRecord | None = None


MINIMUM_MARKS: Final = {"due": "earliest", "stopped": "ends"}
"""A minimum is not due: its last day is the earliest on which it may end."""
_SHARED: Final = tuple(name for name in Clock.model_fields if name not in ("unit", "why"))


def clock(told: Explanation) -> Clock:
    """A clock without its arithmetic."""
    return Clock.model_validate(_clock(told))


def _clock(told: Explanation) -> dict[str, Any]:
    values = {name: getattr(told, name) for name in _SHARED}
    why = addresses.why(told.subject, told.rule, told.occurrence)
    return {**values, "unit": told.unit.value, "why": why}


def explained(told: Explanation, zone: ZoneInfo) -> Explained:
    """A clock with its arithmetic."""
    return Explained.model_validate(
        {
            **_clock(told),
            "subject": told.subject,
            "regime": told.regime,
            "sentences": wording.told(told, zone),
            "days": shown_days(told),
            "days_left_out": told.days_left_out,
            "to_due": asdict(told.to_due) if told.to_due else None,
            "to_end": asdict(told.to_end) if told.to_end else None,
            "pauses": [_pause(*pause) for pause in told.pauses],
            "law": _article(told.law),
            "exclusion_law": _article(told.exclusion_law) if told.exclusion_law else None,
            "versions": asdict(told.versions),
            "rights": wording.rights(told.regime),
            "by_record": _by_record(told.by_record) if told.by_record else None,
        }
    )


def shown_days(told: Explanation) -> list[dict[str, Any]]:
    """The strip with grounds and festivals named, as pages and API show it."""
    marks = MINIMUM_MARKS if told.form == "minimum" else {}
    return [
        {
            **asdict(day),
            "kind": day.kind.value,
            "name": wording.named("festival", day.name) if day.name else None,
            "ground": wording.named("ground", day.ground) if day.ground is not None else None,
            "mark": marks.get(day.mark or "", day.mark),
        }
        for day in told.days
    ]


def _pause(opened: int, ended: int | None, ground: str) -> dict[str, Any]:
    return {
        "opened": from_micros(opened),
        "ended": None if ended is None else from_micros(ended),
        "ground": wording.named("ground", ground),
    }


def _by_record(found: recorded.ByRecord) -> dict[str, Any]:
    return {**found.reading._asdict(), "late": [asdict(one) for one in found.late]}


def _article(law: Law) -> dict[str, Any]:
    return law.model_dump()
