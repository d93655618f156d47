"""Periods against a naive day-by-day loop, and the cases the law names."""

import csv
import gzip
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.worktime import (
    DayKind,
    Exclusion,
    Unit,
    cn_calendar,
    due_date,
    elapsed,
    excluded,
    is_provisional,
    monday_to_friday,
    strip,
    union,
)

DAY = timedelta(days=1)
EPOCH = date(2007, 1, 1)
DAY_UNITS = st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY])
STARTS = st.dates(EPOCH, date(2026, 6, 30))


@st.composite
def pauses(draw: st.DrawFn, start: date, *, may_stay_open: bool) -> list[Exclusion]:
    """Up to three, near the start, overlapping, empty, reversed and open ones among them."""
    found: list[Exclusion] = []
    for _ in range(draw(st.integers(0, 3))):
        pause = start + draw(st.integers(-10, 60)) * DAY
        still_open = may_stay_open and draw(st.integers(0, 3)) == 0
        found.append((pause, None if still_open else pause + draw(st.integers(-2, 40)) * DAY))
    return found


def naive_counts(unit: Unit, day: date, exclusions: list[Exclusion]) -> bool:
    paused = any(a < day and (b is None or day <= b) for a, b in exclusions)
    return not paused and (unit is Unit.CALENDAR_DAY or chinese_calendar.is_workday(day))


def naive_elapsed(unit: Unit, start: date, at: date, exclusions: list[Exclusion]) -> int:
    days = (start + n * DAY for n in range(1, (at - start).days + 1))
    return sum(naive_counts(unit, day, exclusions) for day in days)


@given(data=st.data(), unit=DAY_UNITS, start=STARTS, length=st.integers(-5, 180))
def test_elapsed_is_what_a_day_by_day_loop_counts(
    data: st.DataObject, unit: Unit, start: date, length: int
) -> None:
    at = start + length * DAY
    exclusions = data.draw(pauses(start, may_stay_open=True))
    ours = elapsed(cn_calendar(), unit, start, at, exclusions)
    assert ours == naive_elapsed(unit, start, at, exclusions)


@given(data=st.data(), unit=DAY_UNITS, start=STARTS, length=st.integers(-5, 180))
def test_elapsed_and_excluded_add_up_to_all_counted_days(
    data: st.DataObject, unit: Unit, start: date, length: int
) -> None:
    at = start + length * DAY
    exclusions = data.draw(pauses(start, may_stay_open=True))
    calendar = cn_calendar()
    both = elapsed(calendar, unit, start, at, exclusions)
    both += excluded(calendar, unit, start, at, exclusions)
    assert both == naive_elapsed(unit, start, at, [])


@settings(max_examples=200)
@given(data=st.data(), unit=DAY_UNITS, start=STARTS, n=st.integers(1, 60))
def test_the_due_date_is_the_nth_day_a_loop_counts(
    data: st.DataObject, unit: Unit, start: date, n: int
) -> None:
    exclusions = data.draw(pauses(start, may_stay_open=False))
    expected, left = start, n
    while left:
        expected += DAY
        left -= naive_counts(unit, expected, exclusions) if expected.year <= 2026 else left
    if expected.year > 2026:
        return
    assert due_date(cn_calendar(), unit, start, n, exclusions) == expected


@given(data=st.data(), unit=DAY_UNITS, start=STARTS, n=st.integers(1, 40))
def test_a_due_date_is_held_exactly_while_an_open_pause_comes_first(
    data: st.DataObject, unit: Unit, start: date, n: int
) -> None:
    exclusions = data.draw(pauses(start, may_stay_open=True))
    due = due_date(cn_calendar(), unit, start, n, exclusions)
    # Far enough for 40 working days and 120 paused days, and still inside the known years.
    counted = elapsed(cn_calendar(), unit, start, start + 1200 * DAY, exclusions)
    if due is None:
        assert counted < n
    else:
        assert elapsed(cn_calendar(), unit, start, due, exclusions) == n
        assert elapsed(cn_calendar(), unit, start, due - DAY, exclusions) == n - 1


@given(data=st.data(), start=STARTS)
def test_the_union_excludes_the_same_days_without_overlap(data: st.DataObject, start: date) -> None:
    exclusions = data.draw(pauses(start, may_stay_open=True))
    merged = union(exclusions)
    for n in range(-15, 120):
        day = start + n * DAY
        assert naive_counts(Unit.CALENDAR_DAY, day, exclusions) == naive_counts(
            Unit.CALENDAR_DAY, day, merged
        )
    for (_, end), (begin, _) in pairwise(merged):
        assert end is not None
        assert end < begin


@given(data=st.data(), unit=DAY_UNITS, start=STARTS, length=st.integers(0, 90))
def test_the_strip_numbers_exactly_the_elapsed_days(
    data: st.DataObject, unit: Unit, start: date, length: int
) -> None:
    at = start + length * DAY
    exclusions = data.draw(pauses(start, may_stay_open=True))
    marks = strip(cn_calendar(), unit, start, at, [(a, b, "hearing") for a, b in exclusions])
    assert [mark.day for mark in marks] == [start + n * DAY for n in range(length + 1)]
    numbers = [mark.ordinal for mark in marks if mark.counted]
    assert numbers == list(range(1, naive_elapsed(unit, start, at, exclusions) + 1))
    assert [mark.ordinal is None for mark in marks] == [not mark.counted for mark in marks]


def test_the_strip_says_why_a_day_does_not_count() -> None:
    marks = strip(
        cn_calendar(),
        Unit.WORKING_DAY,
        date(2026, 2, 11),
        date(2026, 2, 25),
        [(date(2026, 2, 12), date(2026, 2, 13), "hearing")],
    )
    by_day = {mark.day.day: mark for mark in marks}
    assert (by_day[11].counted, by_day[11].ground) == (False, None)
    assert (by_day[12].ordinal, by_day[13].ground) == (1, "hearing")
    assert (by_day[14].kind, by_day[14].ordinal) == (DayKind.MAKEUP, 2)
    assert (by_day[17].kind, by_day[17].name, by_day[17].counted) == ("holiday", "春节", False)
    assert (by_day[24].ordinal, by_day[25].ordinal) == (3, 4)


def test_a_pause_takes_away_no_day_that_is_off_anyway() -> None:
    # Saturday 7 and Sunday 8 March 2026 lie in the pause, and are days off all the same.
    pause = [(date(2026, 3, 5), date(2026, 3, 9), "hearing")]
    marks = strip(cn_calendar(), Unit.WORKING_DAY, date(2026, 3, 5), date(2026, 3, 9), pause)
    assert [mark.ground for mark in marks] == [None, "hearing", None, None, "hearing"]


def test_pauses_that_touch_become_one() -> None:
    first, second, third = date(2026, 3, 2), date(2026, 3, 5), date(2026, 3, 9)
    assert union([(second, third), (first, second)]) == [(first, third)]
    assert union([(second, None), (first, second)]) == [(first, None)]


def test_the_first_day_of_a_strip_has_no_ground_even_inside_a_pause() -> None:
    start = date(2026, 3, 2)
    marks = strip(
        cn_calendar(), Unit.CALENDAR_DAY, start, start + DAY, [(start - DAY, None, "hearing")]
    )
    assert [mark.ground for mark in marks] == [None, "hearing"]


def test_the_first_given_exclusion_names_the_ground() -> None:
    grounds = [(date(2026, 3, 2), None, "hearing"), (date(2026, 3, 2), None, "survey")]
    marks = strip(cn_calendar(), Unit.CALENDAR_DAY, date(2026, 3, 2), date(2026, 3, 3), grounds)
    assert [mark.ground for mark in marks] == [None, "hearing"]


def test_the_first_day_does_not_count() -> None:
    # 民法典 201: the day itself is not counted. Monday to the next Monday: five working days.
    start, at = date(2026, 3, 2), date(2026, 3, 9)
    assert elapsed(cn_calendar(), Unit.WORKING_DAY, start, start) == 0
    assert elapsed(cn_calendar(), Unit.WORKING_DAY, start, at) == 5
    assert elapsed(cn_calendar(), Unit.CALENDAR_DAY, start, at) == 7


def test_a_stop_before_the_start_has_elapsed_nothing() -> None:
    start, before = date(2026, 3, 9), date(2026, 3, 2)
    assert elapsed(cn_calendar(), Unit.WORKING_DAY, start, before, [(before, None)]) == 0


def test_a_makeup_saturday_can_be_the_last_day() -> None:
    # Spring Festival 2026: Saturday 14 February is worked, then nine days off.
    thursday, saturday = date(2026, 2, 12), date(2026, 2, 14)
    assert due_date(cn_calendar(), Unit.WORKING_DAY, thursday, 2) == saturday
    assert due_date(cn_calendar(), Unit.CALENDAR_DAY, thursday, 2, roll=True) == saturday
    assert due_date(monday_to_friday(), Unit.WORKING_DAY, thursday, 2) == date(2026, 2, 16)


def test_a_last_day_off_rolls_to_the_day_after_the_holiday() -> None:
    # 民法典 203. 1 to 7 October 2026 are off.
    start = date(2026, 9, 21)
    assert due_date(cn_calendar(), Unit.CALENDAR_DAY, start, 10, roll=True) == date(2026, 10, 8)
    assert due_date(cn_calendar(), Unit.CALENDAR_DAY, start, 10) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("start", "unit", "length", "due"),
    [
        # 民法典 202: the same day number, or the month's last day if it has none.
        (date(2026, 1, 31), Unit.MONTH, 1, date(2026, 2, 28)),
        (date(2024, 1, 31), Unit.MONTH, 1, date(2024, 2, 29)),
        (date(2025, 11, 30), Unit.MONTH, 3, date(2026, 2, 28)),
        (date(2026, 2, 28), Unit.MONTH, 1, date(2026, 3, 28)),
        (date(2026, 3, 31), Unit.MONTH, 1, date(2026, 4, 30)),
        (date(2026, 10, 15), Unit.MONTH, 6, date(2027, 4, 15)),
        (date(2025, 12, 1), Unit.MONTH, 1, date(2026, 1, 1)),
        (date(2024, 2, 29), Unit.YEAR, 1, date(2025, 2, 28)),
        (date(2024, 2, 29), Unit.YEAR, 4, date(2028, 2, 29)),
        (date(2023, 2, 28), Unit.YEAR, 1, date(2024, 2, 28)),
        (date(2024, 2, 28), Unit.CALENDAR_DAY, 1, date(2024, 2, 29)),
        (date(2024, 2, 29), Unit.CALENDAR_DAY, 366, date(2025, 3, 1)),
    ],
)
def test_months_years_and_leap_days_end_where_the_civil_code_says(
    start: date, unit: Unit, length: int, due: date
) -> None:
    assert due_date(cn_calendar(), unit, start, length) == due


def test_a_month_that_ends_on_a_holiday_rolls() -> None:
    start = date(2026, 9, 1)
    assert due_date(cn_calendar(), Unit.MONTH, start, 1, roll=True) == date(2026, 10, 8)


def test_a_paused_month_ends_later_by_the_days_paused() -> None:
    start, pause = date(2026, 3, 2), (date(2026, 3, 10), date(2026, 3, 15))
    assert due_date(cn_calendar(), Unit.MONTH, start, 1, [pause]) == date(2026, 4, 7)
    assert due_date(cn_calendar(), Unit.MONTH, start, 1, [(date(2026, 3, 10), None)]) is None


def test_length_zero_is_the_start_itself() -> None:
    sunday = date(2026, 3, 8)
    for unit in (Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.MONTH):
        assert due_date(cn_calendar(), unit, sunday, 0) == sunday
    assert due_date(cn_calendar(), Unit.CALENDAR_DAY, sunday, 0, roll=True) == date(2026, 3, 9)


def test_an_open_pause_after_the_due_date_does_not_hold_it() -> None:
    start, pause = date(2026, 3, 2), date(2026, 3, 9)
    assert due_date(cn_calendar(), Unit.WORKING_DAY, start, 5, [(pause, None)]) == pause
    assert due_date(cn_calendar(), Unit.WORKING_DAY, start, 6, [(pause, None)]) is None


def test_hours_and_negative_lengths_are_refused() -> None:
    start = date(2026, 3, 2)
    with pytest.raises(ValueError, match="due_instant"):
        due_date(cn_calendar(), Unit.HOUR, start, 24)
    with pytest.raises(ValueError, match="negative"):
        due_date(cn_calendar(), Unit.WORKING_DAY, start, -1)
    with pytest.raises(ValueError, match="month"):
        elapsed(cn_calendar(), Unit.MONTH, start, start + DAY)


@pytest.mark.parametrize(
    ("unit", "start", "due", "roll", "provisional"),
    [
        (Unit.WORKING_DAY, date(2026, 12, 1), date(2026, 12, 31), False, False),
        (Unit.WORKING_DAY, date(2026, 12, 1), date(2027, 1, 4), False, True),
        (Unit.WORKING_DAY, date(2003, 12, 31), date(2004, 1, 5), False, False),
        (Unit.WORKING_DAY, date(2003, 12, 30), date(2004, 1, 5), False, True),
        (Unit.CALENDAR_DAY, date(2026, 12, 1), date(2027, 1, 4), False, False),
        (Unit.CALENDAR_DAY, date(2026, 12, 1), date(2027, 1, 4), True, True),
        (Unit.MONTH, date(2026, 12, 1), date(2027, 1, 1), False, False),
        (Unit.MONTH, date(2026, 12, 1), date(2027, 1, 1), True, True),
        (Unit.CALENDAR_DAY, date(2001, 1, 1), date(2026, 3, 2), True, False),
        (Unit.HOUR, date(2026, 12, 31), date(2027, 1, 2), True, False),
        (Unit.WORKING_DAY, date(2026, 12, 1), None, False, False),
    ],
)
def test_a_clock_is_provisional_if_it_rests_on_unknown_days_off(
    unit: Unit, start: date, due: date | None, roll: bool, provisional: bool
) -> None:
    assert is_provisional(cn_calendar(), unit, start, due, roll) is provisional


def oracle_rows(shared: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(shared / "data" / "eventlogs" / name, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.shared
def test_building_permits_take_as_many_days_net_of_pauses_as_their_oracle_says(
    shared: Path,
) -> None:
    rows = [row for row in oracle_rows(shared, "bpic15_1_oracle.csv.gz") if row["decision"]]
    assert len(rows) > 800
    for row in rows:
        start, at = date.fromisoformat(row["received"]), date.fromisoformat(row["decision"])
        stretches = [text.split("/") for text in row["pauses"].split(";") if text]
        clock_stops = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in stretches]
        for unit, column in ((Unit.WORKING_DAY, "cn"), (Unit.CALENDAR_DAY, "cal")):
            net = elapsed(cn_calendar(), unit, start, at, clock_stops)
            paused = excluded(cn_calendar(), unit, start, at, clock_stops)
            assert net == float(row[f"net_{column}"]), row
            assert paused == float(row[f"paused_{column}"]), row


@pytest.mark.shared
def test_the_receipt_log_takes_as_many_working_days_as_its_oracle_says(shared: Path) -> None:
    rows = oracle_rows(shared, "receipt_oracle.csv.gz")
    assert len(rows) == 1434
    for row in rows:
        start, at = (date.fromisoformat(row[key][:10]) for key in ("received", "finished"))
        ours = [
            elapsed(calendar, Unit.WORKING_DAY, start, at)
            for calendar in (cn_calendar(), monday_to_friday())
        ]
        assert ours == [int(row["wd_cn"]), int(row["wd_mf"])], row
