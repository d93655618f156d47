"""How dates, times, numbers and rates are said on a page, in both languages.

Pure. Must never read a clock: what "now" is comes in.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.web.errors import in_language
from libs.common.web.language import Language

WEEKDAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
UNITS: Final = (
    (timedelta(days=1), "天", "day"),
    (timedelta(hours=1), "小时", "hour"),
    (timedelta(minutes=1), "分钟", "minute"),
)


def say(language: Language, text: Any) -> Any:
    """A bilingual text (`{"zh": ..., "en": ...}`) in the page's language; others as they are."""
    return in_language(text, language)


def day(language: Language, value: date) -> str:
    """`2026-03-02 周一`."""
    return f"{value:%Y-%m-%d} {WEEKDAYS[language][value.weekday()]}"


def moment(language: Language, zone: ZoneInfo, value: datetime) -> str:
    """`2026-03-02 周一 09:05` in the city's zone."""
    local = value.astimezone(zone)
    return f"{day(language, local.date())} {local:%H:%M}"


def relative(language: Language, now: datetime, value: datetime) -> str:
    """`3 天前`, `2 小时后`; within a minute `刚刚`."""
    distance = value - now
    size = abs(distance)
    for unit, zh, en in UNITS:
        count = size // unit
        if count:
            if language == "zh":
                return f"{count} {zh}{'后' if distance > timedelta() else '前'}"
            noun = en if count == 1 else f"{en}s"
            return f"in {count} {noun}" if distance > timedelta() else f"{count} {noun} ago"
    return "刚刚" if language == "zh" else "just now"


def subject(name: str) -> str:
    """A subject as a person reads it: a case by its number alone, others as they are."""
    return name.removeprefix("case/")


def number(value: float) -> str:
    """With thousands separated: `12,345`."""
    return f"{value:,}"


def percent(part: int, base: int) -> str:
    """`97.3 %`, rounded down so that 100 % means all; `–` without a base."""
    return f"{part * 1000 // base / 10:.1f} %" if base else "–"
