"""Notices: as known on a day, superseded, amended, read from YAML."""

from datetime import date
from pathlib import Path

import pytest

from libs.common.worktime import (
    Calendar,
    CalendarError,
    DayKind,
    Notice,
    Unit,
    cn_calendar,
    due_date,
    is_provisional,
    load_notice,
)

SHIPPED = Path(__file__).parents[4] / "rules" / "calendar" / "cn-2026.yaml"

VALID = """\
number: 试〔2026〕1号
year: 2027
issued: 2026-11-10
days_off:
  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
  - 2027-02-08
makeup: [2026-12-27]
"""


def notice_2027(number: str = "试〔2026〕1号", **changes: object) -> Notice:
    fields: dict[str, object] = {
        "number": number,
        "year": 2027,
        "issued": date(2026, 11, 10),
        "days_off": frozenset({date(2027, 1, 1)}),
        "makeup": frozenset(),
        "holiday_names": {date(2027, 1, 1): "元旦"},
    }
    return Notice(**(fields | changes))  # type: ignore[arg-type]


def write(folder: Path, text: str) -> Path:
    path = folder / "notice.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_saturday_after_the_2020_spring_festival_was_a_makeup_day_until_the_holiday_grew() -> (
    None
):
    saturday, friday = date(2020, 2, 1), date(2020, 1, 31)
    before = cn_calendar().known_on(date(2020, 1, 25))
    after = cn_calendar().known_on(date(2020, 1, 26))
    assert (before.kind(friday), before.kind(saturday)) == (DayKind.WORKING, DayKind.MAKEUP)
    assert (after.kind(friday), after.kind(saturday)) == (DayKind.HOLIDAY, DayKind.HOLIDAY)


def test_labour_day_2019_was_one_day_until_march() -> None:
    before = cn_calendar().known_on(date(2019, 3, 21))
    kinds = [before.kind(date(2019, 5, day)) for day in (1, 2, 3, 4, 5)]
    assert kinds == ["holiday", "working", "working", "weekend", "weekend"]
    assert before.kind(date(2019, 4, 28)) is DayKind.WEEKEND
    kinds = [cn_calendar().kind(date(2019, 5, day)) for day in (1, 2, 3, 4, 5)]
    assert kinds == ["holiday", "holiday", "holiday", "holiday", "makeup"]


def test_victory_day_2015_was_a_working_day_until_may() -> None:
    thursday = date(2015, 9, 3)
    assert cn_calendar().known_on(date(2015, 5, 12)).is_working(thursday)
    assert not cn_calendar().known_on(date(2015, 5, 13)).is_working(thursday)


def test_a_year_is_covered_from_the_day_its_notice_is_issued() -> None:
    calendar = cn_calendar()
    assert calendar.known_on(date(2025, 11, 3)).covered[1] == date(2025, 12, 31)
    assert calendar.known_on(date(2025, 11, 4)).covered[1] == date(2026, 12, 31)


def test_nothing_is_covered_before_the_first_notice() -> None:
    calendar = cn_calendar().known_on(date(2000, 1, 1))
    assert not calendar.covers(date(2004, 1, 1), date(2004, 1, 1))
    assert calendar.is_working(date(2004, 1, 1))


def test_knowing_everything_is_the_same_calendar() -> None:
    assert cn_calendar().known_on(date(2026, 11, 1)) is cn_calendar()


def test_a_notice_extends_the_coverage_and_leaves_the_old_calendar_alone() -> None:
    extended = cn_calendar().with_notice(notice_2027())
    assert extended.covered[1] == date(2027, 12, 31)
    assert cn_calendar().covered[1] == date(2026, 12, 31)
    assert extended.version != cn_calendar().version


def test_an_amendment_without_new_year_does_not_cover_its_year() -> None:
    amendment = notice_2027(days_off=frozenset({date(2027, 9, 3)}), holiday_names={})
    assert cn_calendar().with_notice(amendment).covered[1] == date(2026, 12, 31)


def test_a_year_after_a_gap_is_not_covered() -> None:
    later = notice_2027(year=2028, days_off=frozenset({date(2028, 1, 1)}), holiday_names={})
    assert cn_calendar().with_notice(later).covered[1] == date(2026, 12, 31)


def test_the_later_issued_notice_wins_in_whatever_order_they_are_loaded() -> None:
    day = date(2027, 3, 1)
    off = notice_2027("甲", days_off=frozenset({day}), holiday_names={})
    worked = notice_2027(
        "乙",
        issued=date(2027, 1, 5),
        days_off=frozenset(),
        makeup=frozenset({day}),
        holiday_names={},
    )
    one = cn_calendar().with_notice(off).with_notice(worked)
    other = cn_calendar().with_notice(worked).with_notice(off)
    assert one.kind(day) is other.kind(day) is DayKind.WORKING
    assert one == other


def test_a_superseding_notice_replaces_the_whole_of_the_earlier_one() -> None:
    first = notice_2027(days_off=frozenset({date(2027, 1, 1), date(2027, 2, 8)}))
    second = notice_2027("试〔2026〕2号", issued=date(2026, 12, 1), supersedes=first.number)
    calendar = cn_calendar().with_notice(first).with_notice(second)
    assert calendar.is_working(date(2027, 2, 8))
    assert not calendar.known_on(date(2026, 11, 30)).is_working(date(2027, 2, 8))


def test_the_same_notice_twice_changes_nothing() -> None:
    calendar = cn_calendar().with_notice(notice_2027())
    assert calendar.with_notice(notice_2027()) is calendar


def test_a_number_with_other_content_must_supersede_itself() -> None:
    calendar = cn_calendar().with_notice(notice_2027())
    other = frozenset({date(2027, 1, 1), date(2027, 1, 2)})
    with pytest.raises(CalendarError, match="other content"):
        calendar.with_notice(notice_2027(days_off=other))
    corrected = notice_2027(days_off=other, supersedes=notice_2027().number)
    assert calendar.with_notice(corrected).kind(date(2027, 1, 2)) is DayKind.WEEKEND


def test_superseding_an_unknown_notice_is_refused() -> None:
    with pytest.raises(CalendarError, match="no notice 无"):
        cn_calendar().with_notice(notice_2027(supersedes="无"))


def test_a_day_both_off_and_made_up_is_refused() -> None:
    with pytest.raises(CalendarError, match="both"):
        notice_2027(makeup=frozenset({date(2027, 1, 1)}))


def test_a_notice_loaded_in_the_middle_of_a_running_clock_moves_its_due_date() -> None:
    start = date(2026, 12, 28)
    before = cn_calendar()
    assert due_date(before, Unit.WORKING_DAY, start, 5) == date(2027, 1, 4)
    assert is_provisional(before, Unit.WORKING_DAY, start, date(2027, 1, 4), roll=False)

    after = before.with_notice(notice_2027())
    # 29, 30, 31 December, then 4 and 5 January: New Year's Friday no longer counts.
    assert due_date(after, Unit.WORKING_DAY, start, 5) == date(2027, 1, 5)
    assert not is_provisional(after, Unit.WORKING_DAY, start, date(2027, 1, 5), roll=False)


def test_the_2020_extension_moved_running_clocks_as_of_the_day_it_was_known() -> None:
    start = date(2020, 1, 20)
    before = cn_calendar().known_on(start)
    # 21 to 23 January, 31 January, make-up Saturday 1 February; then without the last two.
    assert due_date(before, Unit.WORKING_DAY, start, 5) == date(2020, 2, 1)
    assert due_date(cn_calendar(), Unit.WORKING_DAY, start, 5) == date(2020, 2, 4)


def test_the_shipped_notice_is_the_seeded_one() -> None:
    assert load_notice(SHIPPED) in cn_calendar().notices
    assert cn_calendar().with_notice(load_notice(SHIPPED)) is cn_calendar()


def test_a_notice_is_read_from_yaml(tmp_path: Path) -> None:
    notice = load_notice(write(tmp_path, VALID))
    assert (notice.number, notice.year, notice.issued) == (
        "试〔2026〕1号",
        2027,
        date(2026, 11, 10),
    )
    assert notice.days_off == {
        date(2027, 1, 1),
        date(2027, 1, 2),
        date(2027, 1, 3),
        date(2027, 2, 8),
    }
    assert notice.makeup == {date(2026, 12, 27)}
    assert notice.holiday_names[date(2027, 1, 3)] == "元旦"
    assert date(2027, 2, 8) not in notice.holiday_names
    assert notice.supersedes is None


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("issued: 2026-11-10", "issued: 2026-11-31", 3, "issued"),
        ("year: 2027", "year: next", 2, "year"),
        ("year: 2027\n", "", 1, "year"),
        ("- 2027-02-08", "- 8 February", 6, "days_off"),
        ("to: 2027-01-03", "to: 2026-01-03", 5, "days_off"),
        ("- 2027-02-08", "- 2027-01-02", 6, "days_off"),
        ("- 2027-02-08", "- 2028-02-08", 5, "days_off"),
        ("- 2027-02-08", "- 2026-12-27", 7, "makeup"),
        ("from: 2027-01-01", "form: 2027-01-01", 5, "form"),
        ("makeup: [2026-12-27]", "makeup: 2026-12-27", 7, "makeup"),
        ("makeup: [2026-12-27]", "remark: none", 7, "remark"),
        ("makeup: [2026-12-27]", "year: 2027", 7, "year"),
    ],
)
def test_a_faulty_notice_is_refused_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, field: str
) -> None:
    assert old in VALID
    path = write(tmp_path, VALID.replace(old, new))
    with pytest.raises(CalendarError) as refused:
        load_notice(path)
    assert (refused.value.file, refused.value.line, refused.value.field) == (path, line, field)
    assert f"{path}:{line}: {field}: " in str(refused.value)


@pytest.mark.parametrize("text", ["number: [", "", "- a list"])
def test_a_file_that_is_no_notice_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CalendarError, match=r"notice\.yaml:1"):
        load_notice(write(tmp_path, text))


def test_equal_notices_give_equal_calendars() -> None:
    one, other = Calendar("local", (notice_2027(),)), Calendar("local", (notice_2027(),))
    assert one == other
    assert one.version == other.version
