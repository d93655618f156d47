"""The Chinese calendar against chinesecalendar, holidays and numpy, day by day."""

from datetime import date, timedelta

import chinese_calendar
import holidays
import numpy as np
import pytest
from chinese_calendar.constants import holidays as package_holidays
from chinese_calendar.constants import workdays as package_workdays
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from libs.common.worktime import Calendar, DayKind, cn_calendar, monday_to_friday

FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
DAYS_FROM_2007 = [day for day in DAYS if day.year >= 2007]
ONE_DAY = np.timedelta64(1, "D")
LONGEST = 60

LIBRARIES_DIFFER = {
    # The 2006 notice moved this Saturday's rest to 3 January 2006; chinesecalendar lists the days
    # off but not this make-up day. Before every period the platform counts.
    date(2005, 12, 31): "chinesecalendar lacks the make-up day for New Year 2006",
}

# The notice of 2015 gives the Saturday after Victory Day off by name; the package leaves it out.
NAMED_SATURDAY = date(2015, 9, 5)


@pytest.fixture(scope="module")
def cn() -> Calendar:
    return cn_calendar()


@pytest.fixture(scope="module")
def numpy_days_off() -> NDArray[np.datetime64]:
    """Days off by chinesecalendar, Monday to Friday after it: for a seven-day numpy week."""
    later = [LAST + timedelta(days=n) for n in range(1, 400)]
    off = [day for day in DAYS if not chinese_calendar.is_workday(day)]
    return np.array(off + [day for day in later if day.weekday() >= 5], dtype="datetime64[D]")


def test_every_day_works_or_rests_as_in_chinesecalendar(cn: Calendar) -> None:
    assert [d for d in DAYS if cn.is_working(d) != chinese_calendar.is_workday(d)] == []


def test_every_day_works_or_rests_as_in_holidays_except_the_listed(cn: Calendar) -> None:
    other = holidays.country_holidays("CN", years=range(2004, 2027))
    differing = {d for d in DAYS if cn.is_working(d) != other.is_working_day(d)}
    assert differing == set(LIBRARIES_DIFFER)


def test_holidays_and_makeup_days_are_those_chinesecalendar_lists(cn: Calendar) -> None:
    assert {d for d in DAYS if cn.kind(d) is DayKind.HOLIDAY} == {
        *package_holidays,
        NAMED_SATURDAY,
    }
    assert {d for d in DAYS if cn.kind(d) is DayKind.MAKEUP} == set(package_workdays)


def test_only_holidays_and_makeup_days_have_a_name(cn: Calendar) -> None:
    named = {d for d in DAYS if cn.holiday_name(d)}
    assert named == {*package_holidays, *package_workdays, NAMED_SATURDAY}
    assert cn.holiday_name(date(2026, 2, 17)) == "春节"
    assert cn.holiday_name(date(2026, 2, 14)) == "春节"


def test_the_nth_working_day_after_every_day_is_numpys(
    cn: Calendar, numpy_days_off: NDArray[np.datetime64]
) -> None:
    starts = np.array(DAYS_FROM_2007, dtype="datetime64[D]")
    for n in range(1, LONGEST + 1):
        expected = np.busday_offset(
            starts, n, roll="backward", weekmask="1111111", holidays=numpy_days_off
        )
        ours = [cn.working_day_after(day, n) for day in DAYS_FROM_2007]
        assert np.array_equal(np.array(ours, dtype="datetime64[D]"), expected), n


def test_working_days_over_every_stretch_up_to_sixty_days_are_numpys(
    cn: Calendar, numpy_days_off: NDArray[np.datetime64]
) -> None:
    after = np.array(DAYS_FROM_2007, dtype="datetime64[D]")
    for length in range(1, LONGEST + 1):
        expected = np.busday_count(
            after + ONE_DAY,
            after + (length + 1) * ONE_DAY,
            weekmask="1111111",
            holidays=numpy_days_off,
        )
        shift = timedelta(days=length)
        ours = [cn.working_days(day, day + shift) for day in DAYS_FROM_2007]
        assert ours == expected.tolist(), length


def test_working_days_over_the_whole_span_are_numpys(
    cn: Calendar, numpy_days_off: NDArray[np.datetime64]
) -> None:
    begin = np.datetime64(FIRST) + ONE_DAY
    expected = np.busday_count(
        begin, np.array(DAYS[1:], "datetime64[D]") + ONE_DAY, "1111111", numpy_days_off
    )
    assert [cn.working_days(FIRST, day) for day in DAYS[1:]] == expected.tolist()


def test_roll_forward_finds_the_first_day_that_is_no_day_off(cn: Calendar) -> None:
    for day in DAYS[:-1]:
        rolled = day
        while chinese_calendar.is_holiday(rolled):
            rolled += timedelta(days=1)
        assert cn.roll_forward(day) == rolled


def test_a_makeup_saturday_is_not_rolled_away(cn: Calendar) -> None:
    assert cn.roll_forward(date(2026, 2, 14)) == date(2026, 2, 14)
    assert cn.roll_forward(date(2026, 2, 15)) == date(2026, 2, 24)


@given(
    after=st.dates(date(1950, 1, 1), date(2090, 12, 31)),
    length=st.integers(1, 3000),
    plain=st.booleans(),
)
def test_days_beyond_the_notices_are_monday_to_friday(
    after: date, length: int, plain: bool
) -> None:
    calendar = monday_to_friday() if plain else cn_calendar()
    upto = after + timedelta(days=length)
    if not plain and upto >= FIRST and after <= LAST:
        return
    assert calendar.working_days(after, upto) == np.busday_count(
        after + timedelta(days=1), upto + timedelta(days=1)
    )


@given(
    start=st.dates(date(1995, 1, 1), date(2040, 12, 31)),
    n=st.integers(1, 4000),
    plain=st.booleans(),
)
def test_the_nth_working_day_and_the_count_are_inverse(start: date, n: int, plain: bool) -> None:
    calendar = monday_to_friday() if plain else cn_calendar()
    due = calendar.working_day_after(start, n)
    assert calendar.is_working(due)
    assert calendar.working_days(start, due) == n


def test_no_working_day_lies_between_a_day_and_itself_or_before(cn: Calendar) -> None:
    assert cn.working_days(date(2026, 3, 2), date(2026, 3, 2)) == 0
    assert cn.working_days(date(2026, 3, 3), date(2026, 3, 2)) == 0


def test_the_zeroth_working_day_is_refused(cn: Calendar) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        cn.working_day_after(date(2026, 3, 2), 0)


def test_coverage_ends_with_the_last_noticed_year(cn: Calendar) -> None:
    assert cn.covered == (FIRST, LAST)
    assert cn.covers(FIRST, LAST)
    assert not cn.covers(LAST, LAST + timedelta(days=1))
    assert not cn.covers(FIRST - timedelta(days=1), FIRST)


def test_the_plain_week_is_known_for_ever() -> None:
    assert monday_to_friday().covers(date(1, 1, 1), date(9999, 12, 31))
    assert monday_to_friday().is_working(date(2026, 10, 1))
