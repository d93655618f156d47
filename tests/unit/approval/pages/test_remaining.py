"""What is left of a due date, against a calendar library that knows nothing of ours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.worktime import cn_calendar, end_of_day
from services.approval.pages.remaining import Remaining, remaining

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))


def left(day: date, now: datetime) -> Remaining:
    return remaining(cn_calendar(), SHANGHAI, day, end_of_day(day, SHANGHAI), now)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def worked(after: date, upto: date) -> int:
    """Working days d with after < d <= upto, by the library."""
    days = (after + timedelta(days=n) for n in range(1, (upto - after).days + 1))
    return sum(chinese_calendar.is_workday(day) for day in days)


@given(today=DAYS, ahead=st.integers(1, 40), hour=st.integers(0, 23))
def test_what_is_left_is_counted_in_working_days_after_today(
    today: date, ahead: int, hour: int
) -> None:
    due = min(today + timedelta(days=ahead), date(2025, 12, 31))
    if due <= today:
        return
    told, working = left(due, at(today, hour)), worked(today, due)
    expected = ("left", working) if working else ("days", (due - today).days)
    assert (told.word, told.count) == expected
    assert told.mark == ("soon" if working <= 3 else "running")


@given(due=DAYS, past=st.integers(1, 40), hour=st.integers(0, 23))
def test_what_is_over_is_counted_in_working_days_after_the_due_day(
    due: date, past: int, hour: int
) -> None:
    today = min(due + timedelta(days=past), date(2025, 12, 31))
    if today <= due:
        return
    told, working = left(due, at(today, hour)), worked(due, today)
    assert (told.mark, told.word) == ("overdue", "over" if working else "over_part")
    assert told.count == working


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_the_due_day_itself_is_in_time_until_its_last_moment(hour: int) -> None:
    assert left(date(2026, 3, 6), at(date(2026, 3, 6), hour)).key == "left.today"


def test_the_day_is_the_citys_and_not_of_universal_time() -> None:
    # 18:00 UTC on 5 March is 02:00 on 6 March in Shanghai.
    assert left(date(2026, 3, 6), datetime(2026, 3, 5, 18, tzinfo=UTC)).word == "today"


@pytest.mark.parametrize(
    ("minutes", "key", "mark"),
    [
        (-121, "left.over_hours", "overdue"),
        (-60, "left.over_hours_one", "overdue"),
        (0, "left.over_part", "overdue"),
        (59, "left.last_hour", "soon"),
        (60, "left.hours_one", "soon"),
        (150, "left.hours", "soon"),
    ],
)
def test_a_limit_in_hours_is_told_in_hours(minutes: int, key: str, mark: str) -> None:
    now = datetime(2026, 3, 7, 3, tzinfo=UTC)
    told = remaining(cn_calendar(), SHANGHAI, None, now + timedelta(minutes=minutes), now)
    assert (told.key, told.mark) == (key, mark)
