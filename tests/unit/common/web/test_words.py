"""How dates, times, numbers and rates are said."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from libs.common.web.shell import words
from libs.common.web.shell.day_runs import Run, day_runs

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_day_has_its_weekday() -> None:
    assert words.day("zh", date(2026, 3, 2)) == "2026-03-02 周一"
    assert words.day("en", date(2026, 3, 8)) == "2026-03-08 Sun"


def test_instant_is_said_in_the_citys_zone() -> None:
    late = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    assert words.moment("zh", ZoneInfo("Asia/Shanghai"), late) == "2026-03-02 周一 01:30"


@pytest.mark.parametrize(
    ("distance", "zh", "en"),
    [
        (timedelta(seconds=59), "刚刚", "just now"),
        (timedelta(minutes=-1), "1 分钟前", "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 小时后", "in 23 hours"),
        (timedelta(days=-3), "3 天前", "3 days ago"),
    ],
)
def test_distance_is_said_in_its_largest_unit(distance: timedelta, zh: str, en: str) -> None:
    assert words.relative("zh", NOW, NOW + distance) == zh
    assert words.relative("en", NOW, NOW + distance) == en


@pytest.mark.parametrize(
    ("part", "base", "said"),
    [(401, 412, "97.3 %"), (9999, 10000, "99.9 %"), (5, 5, "100.0 %"), (0, 0, "–")],
)
def test_rate_is_never_rounded_up_to_all(part: int, base: int, said: str) -> None:
    assert words.percent(part, base) == said


def test_days_of_one_name_are_one_run_and_marks_stand_alone() -> None:
    days = [
        {"day": date(2026, 2, 14), "mark": "start"},
        {"day": date(2026, 2, 15), "name": "春节"},
        {"day": date(2026, 2, 16), "name": "春节"},
        {"day": date(2026, 2, 17), "ground": "听证", "name": "春节"},
        {"day": date(2026, 2, 18)},
        {"day": date(2026, 2, 19), "name": "春节"},
    ]
    assert day_runs(days) == [
        Run(date(2026, 2, 14), date(2026, 2, 14), None, "start"),
        Run(date(2026, 2, 15), date(2026, 2, 16), "春节"),
        Run(date(2026, 2, 17), date(2026, 2, 17), "听证"),
        Run(date(2026, 2, 19), date(2026, 2, 19), "春节"),
    ]
