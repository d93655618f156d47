"""Instants and civil days: the 16:00 UTC boundary, other zones, summer time."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.worktime import civil_day, due_instant, end_of_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROME = ZoneInfo("Europe/Rome")
ZONES = st.sampled_from([SHANGHAI, ROME, ZoneInfo("America/New_York"), ZoneInfo("Asia/Urumqi")])
MICROSECOND = timedelta(microseconds=1)


def test_the_chinese_day_begins_at_sixteen_hours_utc() -> None:
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert civil_day(midnight - MICROSECOND, SHANGHAI) == date(2026, 3, 2)
    assert civil_day(midnight, SHANGHAI) == date(2026, 3, 3)


def test_the_first_instant_after_a_chinese_day_is_sixteen_hours_utc() -> None:
    assert end_of_day(date(2026, 3, 2), SHANGHAI) == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 2), SHANGHAI).tzinfo is UTC


@given(seconds=st.integers(0, 2_114_380_800), zone=ZONES)
def test_the_civil_day_is_the_date_on_the_zones_wall(seconds: int, zone: ZoneInfo) -> None:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    offset = zone.utcoffset(instant.astimezone(zone))
    assert offset is not None
    assert civil_day(instant, zone) == (instant + offset).date()


@given(day=st.dates(date(1992, 1, 1), date(2037, 1, 1)), zone=ZONES)
def test_a_day_ends_where_the_next_begins(day: date, zone: ZoneInfo) -> None:
    end = end_of_day(day, zone)
    assert civil_day(end - MICROSECOND, zone) == day
    assert civil_day(end, zone) == day + timedelta(days=1)


def test_chinas_summer_time_of_1990_is_respected() -> None:
    # Clocks stood at UTC+9: the day began at 15:00 UTC.
    assert civil_day(datetime(1990, 7, 1, 15, tzinfo=UTC), SHANGHAI) == date(1990, 7, 2)


def test_the_instants_own_offset_does_not_matter() -> None:
    instant = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert civil_day(instant, SHANGHAI) == date(2026, 3, 3)


def test_a_leap_day_in_china_begins_on_the_28th_in_utc() -> None:
    assert civil_day(datetime(2024, 2, 28, 16, tzinfo=UTC), SHANGHAI) == date(2024, 2, 29)


def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 3, 2, 9)  # noqa: DTZ001 the mistake itself
    with pytest.raises(ValueError, match="no time zone"):
        civil_day(naive, SHANGHAI)
    with pytest.raises(ValueError, match="no time zone"):
        due_instant(naive, 72)


def test_hours_run_through_nights_and_holidays() -> None:
    # 30 September 2026, 17:00 in China, to 3 October in the middle of the holiday.
    start = datetime(2026, 9, 30, 17, tzinfo=SHANGHAI)
    assert due_instant(start, 72) == datetime(2026, 10, 3, 9, tzinfo=UTC)


def test_hours_are_not_stretched_by_summer_time() -> None:
    start = datetime(2026, 3, 28, 12, tzinfo=ROME)
    assert due_instant(start, 24) == datetime(2026, 3, 29, 13, tzinfo=ROME)
