"""One paragraph that a person understands about a replay, in Chinese or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline, Minimum

NAMED: Final = 5
_UNITS: Final = {
    "working_day": {"zh": "工作日", "en": "working days"},
    "calendar_day": {"zh": "日", "en": "calendar days"},
    "hour": {"zh": "小时", "en": "hours"},
    "month": {"zh": "个月", "en": "months"},
    "year": {"zh": "年", "en": "years"},
}
_ASIDES: Final = {
    "rejected": (
        "{count} 条记录被拒收,原因见 rejects.csv。",
        "{count} records were rejected; see rejects.csv for why.",
    ),
    "duplicates": ("{count} 条重复。", "{count} were duplicates."),
    "parked": ("{count} 个事件搁置待处理。", "{count} events are parked."),
}


def paragraph(summary: Mapping[str, Any], fold: Fold, language: str) -> str:
    """What came in, what went over which limit, and where Monday to Friday would be wrong."""
    zh = language == "zh"
    seconds = f"{summary['seconds']:.1f}"
    subjects, read = f"{summary['subjects']:,}", f"{summary['read']:,}"
    told = [
        f"{subjects} 件,{read} 个事件,用时 {seconds} 秒。"
        if zh
        else f"{subjects} cases, {read} events in {seconds} s."
    ]
    told += [
        _rule(rule, summary["rules"][rule.id], zh=zh)
        for rule in fold.book.rules
        if isinstance(rule, Deadline | Minimum)
    ]
    told += [_aside(name, summary[name], zh=zh) for name in _ASIDES if summary[name]]
    return "".join(told) if zh else " ".join(told)


def _rule(rule: Deadline | Minimum, counted: Mapping[str, Any], *, zh: bool) -> str:
    unit = _UNITS[rule.unit.value]["zh" if zh else "en"]
    limit = rule.length if isinstance(rule.length, int) else ("承诺的" if zh else "the promised")
    late, open_late = counted["breached"], counted["overdue"]
    if isinstance(rule, Minimum):
        text = (
            f"{counted['clocks']:,} 个「{rule.title.zh}」时限:{late} 个不足,"
            f"{counted['disputed']} 个有两种读法。"
            if zh
            else f'"{rule.title.en}": of {counted["clocks"]:,}, {late} fell short, '
            f"{counted['disputed']} are disputed between two readings."
        )
    elif zh:
        text = f"「{rule.title.zh}」:{counted['clocks']:,} 件中 {late} 件超过 {limit} {unit}"
        text += f",另有 {open_late} 件未结已超期。" if open_late else "。"
    else:
        text = f'"{rule.title.en}": {late} of {counted["clocks"]:,} went over {limit} {unit}'
        text += f", {open_late} more are still open and over." if open_late else "."
    return text + _plain(counted.get("mon_fri"), late, zh=zh)


def _plain(plain: Mapping[str, Any] | None, late: int, *, zh: bool) -> str:
    if not plain or not plain["differ"]:
        return ""
    names = plain["differ"][:NAMED]
    more = len(plain["differ"]) - len(names)
    if zh:
        rest = f" 等 {len(plain['differ'])} 件" if more else ""
        return f"按周一至周五数会得 {plain['breached']} 件:{'、'.join(names)}{rest} 数错了。"
    rest = f" and {more} more" if more else ""
    wrong = "it is wrong on" if late != plain["breached"] else "the same number, but wrong on"
    named = f"{', '.join(names)}{rest}"
    return f" Counting Monday to Friday would say {plain['breached']}: {wrong} {named}."


def _aside(name: str, count: int, *, zh: bool) -> str:
    chinese, english = _ASIDES[name]
    return (chinese if zh else english).format(count=f"{count:,}")
