"""An explanation in sentences, Chinese and English.

Every number comes from the explanation; nothing is counted here. Words are neutral: a limit is
over or not, and that is never a verdict on anyone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.law.instants import from_micros
from libs.common.law.rule import Law
from libs.common.web.i18n import Translator
from libs.common.web.language import LANGUAGES, Language
from libs.common.web.shell import words
from libs.common.web.shell.render import CITY_ZONE
from libs.common.worktime import Unit, civil_day
from services.e_monitor.clock.arithmetic import Sum
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.clock.recorded import ByRecord

WORDS: Final = Path(__file__).parents[1] / "words"
CATALOGUES: Final = (WORDS / "clock.yaml", WORDS / "events.yaml")


@cache
def catalogue() -> Translator:
    """The texts of explanations."""
    return Translator(*CATALOGUES)


def both(key: str, **values: Any) -> dict[str, str]:
    """A text in both languages; values may be bilingual themselves."""
    return {
        language: Wording(language).text(
            key,
            **{
                name: value[language] if isinstance(value, dict) else value
                for name, value in values.items()
            },
        )
        for language in LANGUAGES
    }


def named(group: str, code: str | None) -> dict[str, str]:
    """What a code is called; a code nobody named is shown as it is."""
    texts = catalogue().texts
    if code and f"{group}.{code}" in texts:
        return dict(texts[f"{group}.{code}"])
    if code or f"{group}.other" not in texts:
        return {"zh": code or "–", "en": code or "–"}
    return dict(texts[f"{group}.other"])


def event_name(kind: str) -> dict[str, str]:
    """What an event type is called: `cn.sunlight.approval.case.accepted.v1` is 受理."""
    return named("event", kind.removeprefix("cn.sunlight.").rpartition(".v")[0] or kind)


def law_name(law: Law) -> dict[str, str]:
    """`《行政许可法》第 42(1) 条`."""
    return both("law", text=law.text, article=law.article)


def rights(regime: str) -> dict[str, str]:
    """What anyone concerned may do, and by which article."""
    text = named("rights", regime if f"rights.{regime}" in catalogue().texts else None)
    if f"rights_law.{regime}" not in catalogue().texts:
        return text
    return both("plain.aside", text=text, law=named("rights_law", regime))


def told(explanation: Explanation, zone: ZoneInfo) -> dict[str, list[str]]:
    """The sum and how the clock stands, as sentences, in both languages."""
    return {language: [*Wording(language, zone).sentences(explanation)] for language in LANGUAGES}


def stands(explanation: Explanation, zone: ZoneInfo) -> dict[str, str]:
    """How the clock stands, in one sentence, in both languages."""
    return {language: Wording(language, zone).stands(explanation) for language in LANGUAGES}


@dataclass(frozen=True, slots=True)
class Wording:
    """Words in one language; days are those of `zone`."""

    language: Language
    zone: ZoneInfo = CITY_ZONE

    def text(self, key: str, **values: Any) -> str:
        """A text of the catalogue."""
        return catalogue().text(self.language, key, **values)

    def amount(self, count: int, unit: Unit) -> str:
        """`20 个工作日`, `1 working day`."""
        group = "unit_one" if count == 1 else "unit"
        return self.text("amount", count=count, unit=self.text(f"{group}.{unit.value}"))

    def day(self, value: date | datetime) -> str:
        """A civil day with its weekday; an instant with its time."""
        if isinstance(value, datetime):
            return words.moment(self.language, self.zone, value)
        return words.day(self.language, value)

    def sentences(self, told: Explanation) -> Iterator[str]:
        """The sum, how the clock stands, and what to know of it."""
        if told.limit is not None:
            yield self.sum(told)
        yield self.stands(told)
        if told.provisional:
            yield self.text("stands.provisional", last=told.versions.covered[1])
        if told.by_record:
            yield from self._by_record(told.by_record)

    def _by_record(self, found: ByRecord) -> Iterator[str]:
        for late in found.late:
            yield self.text(
                "recorded.late",
                event=event_name(late.event)[self.language],
                happened=self.day(late.happened),
                recorded=self.day(late.recorded),
            )
        reading = found.reading
        yield self.text(
            "recorded.reading",
            state=self.text(f"state.{reading.state}"),
            spent=self.amount(reading.elapsed, reading.unit),
            due=self.day(reading.due) if reading.due else "–",
        )

    def sum(self, told: Explanation) -> str:
        """How the due date comes about."""
        sentences = [self._start(told)]
        limit = self.amount(told.limit or 0, told.unit)
        due = self.day(told.due) if told.due else ""
        if told.form == "minimum":
            sentences.append(self.text("sum.minimum", limit=limit, due=due))
        elif told.due is None:
            sentences.append(self.text("sum.held", limit=limit))
        else:
            sentences += self._to_due(told, limit, due)
        if told.extra:
            sentences.append(self.text("sum.extended", limit=self.amount(told.extra, told.unit)))
        return self.text("sum.join").join(sentences)

    def _start(self, told: Explanation) -> str:
        if len(told.starts_on) == 1:
            event = event_name(told.starts_on[0])[self.language]
        else:
            event = self.text("sum.event_none")
        if isinstance(told.started, datetime):
            return self.text("sum.start_hours", moment=self.day(told.started), event=event)
        return self.text("sum.start", day=self.day(told.started), event=event)

    def _to_due(self, told: Explanation, limit: str, due: str) -> Iterator[str]:
        if told.unit is Unit.HOUR:
            yield self.text("sum.full_hours", limit=limit, due=due)
            return
        if not told.limit:
            yield self.text("sum.same_day", due=due)
            return
        if told.unit in (Unit.MONTH, Unit.YEAR):
            yield self.text("sum.months", limit=limit, due=due)
        elif told.to_due:
            yield self.parts(told.to_due)
        if told.unrolled:
            yield self.text("sum.rolled", day=self.day(told.unrolled))
        yield self.text("sum.full", limit=limit, due=due)

    def parts(self, total: Sum) -> str:
        """`其后至 … 共 34 天：计入 20 天，周末 4 天 …。`; they add up."""
        key = "sum.makeup" if total.makeup else "sum.counted"
        listed = [self.text(key, days=total.counted, makeup=total.makeup)]
        if total.weekends:
            listed.append(self.text("sum.weekends", days=total.weekends))
        for name, days in total.holidays:
            festival = named("festival", name)[self.language]
            listed.append(self.text("sum.holiday", name=festival, days=days))
        for code, days in total.excluded:
            ground = named("ground", code)[self.language]
            listed.append(self.text("sum.excluded", ground=ground, days=days))
        text = self.text("sum.listed").join(listed)
        return self.text("sum.parts", days=total.days, upto=total.upto, list=text)

    def stands(self, told: Explanation) -> str:
        """How the clock stands, in one sentence."""
        if told.state in ("undetermined", "not_applicable"):
            facts = self.text("sum.listed").join(told.missing)
            return self.text(f"stands.{told.state}", facts=facts)
        values = {
            "spent": self.amount(told.elapsed, told.unit),
            "over": self.amount(told.over, told.unit),
            "stop": self.day(told.stopped) if told.stopped else "",
            "at": words.moment(self.language, self.zone, told.at) if told.at else "",
        }
        key = self._standing_key(told)
        if key == "stands.running":
            values["left"] = self.amount(told.left or 0, self._left_unit(told))
        if key == "stands.suspended":
            opened, _, ground = told.pauses[-1]
            values["day"] = self.day(civil_day(from_micros(opened), self.zone))
            values["ground"] = named("ground", ground)[self.language]
        if key == "stands.disputed":
            values["readings"] = self.text("sum.listed").join(
                self.text(f"reading.{name}") for name in told.disputed
            )
            values["stop"] = values["stop"] or values["at"]
        if key in ("stands.met", "stands.breached"):
            values["event"] = self._stop_event(told)
        return self.text(key, **values)

    def _standing_key(self, told: Explanation) -> str:
        if told.form == "minimum" and told.state in ("met", "breached", "running"):
            return {"met": "stands.enough", "breached": "stands.short"}.get(
                told.state, "stands.no_end"
            )
        if told.state == "suspended" and not told.pauses:
            return "stands.open"
        if told.stopped is None and told.at is None and told.state != "void":
            return "stands.unknown"
        if told.state == "running":
            if told.left is None:
                return "stands.open"
            return "stands.running" if told.left else "stands.last_day"
        return f"stands.{told.state}"

    @staticmethod
    def _left_unit(told: Explanation) -> Unit:
        return told.unit if told.unit in (Unit.WORKING_DAY, Unit.HOUR) else Unit.CALENDAR_DAY

    def _stop_event(self, told: Explanation) -> str:
        if len(told.stops_on) == 1:
            return event_name(told.stops_on[0])[self.language]
        return self.text("stands.stopped")
