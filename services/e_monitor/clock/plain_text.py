"""An explanation as plain text, for a terminal or a letter: the strip month by month.

The same words as the page; must never say more than the explanation holds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.web.language import Language
from libs.common.worktime import DayKind
from libs.common.worktime.counting import DayMark
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.clock.wording import Wording, law_name, rights

CELL: Final = 8


def as_text(explanation: Explanation, language: Language, zone: ZoneInfo | None = None) -> str:
    """The whole explanation as lines of text; cells are 8 columns wide."""
    say = Wording(language, zone) if zone else Wording(language)
    return "\n".join(_lines(explanation, say))


def _lines(told: Explanation, say: Wording) -> Iterator[str]:
    language = say.language
    yield say.text("plain.title", subject=told.subject, title=told.title[language])
    yield from say.sentences(told)
    for (year, month), days in groupby(told.days, lambda day: (day.day.year, day.day.month)):
        yield ""
        yield say.text("plain.month", year=year, month=month)
        yield from _month(list(days), say)
    if told.days_left_out:
        yield say.text("stands.left_out", days=told.days_left_out)
    if told.days:
        yield ""
        yield say.text("plain.legend")
    yield ""
    for law in (told.law, told.exclusion_law):
        if law is not None:
            yield _pair(say, "law", law_name(law)[language])
            yield _pair(say, "meaning", law.plain.model_dump()[language])
    first, last = told.versions.covered
    yield say.text(
        "plain.versions",
        rule=told.rule,
        version=told.versions.rule,
        calendar=told.versions.calendar,
        first=first,
        last=last,
    )
    if not told.versions.verified:
        yield say.text("plain.unverified")
    yield _pair(say, "rights", rights(told.regime)[language])


def _pair(say: Wording, name: str, value: str) -> str:
    return say.text("plain.pair", name=say.text(f"plain.{name}"), value=value)


def _month(days: list[DayMark], say: Wording) -> Iterator[str]:
    yield "".join(_cell(letter) for letter in say.text("plain.weekdays")).rstrip()
    row = [_cell("")] * days[0].day.weekday()
    for day in days:
        row.append(_cell(f"{day.day.day:2} {_sign(day, say)}"))
        if day.day.weekday() == 6:
            yield "".join(row).rstrip()
            row = []
    if row:
        yield "".join(row).rstrip()


def _sign(day: DayMark, say: Wording) -> str:
    sign = say.text(f"plain.sign.{day.mark}") if day.mark else ""
    if day.counted:
        makeup = say.text("plain.sign.makeup") if day.kind is DayKind.MAKEUP else ""
        return f"{day.ordinal}{makeup}{sign}"
    if day.mark == "start":
        return sign
    kind = "excluded" if day.ground is not None else day.kind.value
    return say.text(f"plain.sign.{_SIGNED.get(kind, 'uncounted')}") + sign


_SIGNED: Final = {"excluded": "excluded", "weekend": "weekend", "holiday": "holiday"}


def _cell(text: str) -> str:
    """`text` padded to a cell; a Chinese character takes two columns."""
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(1, CELL - width)
