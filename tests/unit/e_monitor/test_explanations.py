"""Explanations agree with the judgement they explain, and their sums add up."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.events import Event
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold
from libs.common.law.instants import to_micros
from libs.common.worktime import DayKind
from services.e_monitor.clock.explain import LONGEST_STRIP, Explanation, explain
from services.e_monitor.clock.plain_text import as_text
from services.e_monitor.clock.wording import told
from services.e_monitor.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
LAW: Fold = Settings(dsn="unused").law()
FACTS = {"item_type": "行政许可", "joint": False, "limit_set_by_law": False}
START = datetime(2024, 9, 13, 10, tzinfo=ZONE)


def dossier(start: datetime, pauses: list[tuple[datetime, datetime | None]]) -> Dossier:
    """A licence case accepted at `start`, with pauses for hearings."""
    accepted = Event(
        id="1",
        type="cn.sunlight.approval.case.accepted.v1",
        source="/test",
        subject="case/1",
        time=start,
        recordedtime=start,
        sequence=1,
        data={"item_type": "行政许可"},
    )
    made = LAW.fold([accepted])
    made.facts.update(FACTS)
    made.pauses["art45"] = [
        [to_micros(opened), None if ended is None else to_micros(ended), "hearing"]
        for opened, ended in pauses
    ]
    return made


def explained(
    start: datetime, at: datetime, pauses: list[tuple[datetime, datetime | None]] | None = None
) -> Explanation:
    """APV-010, twenty working days, explained at `at`."""
    made = dossier(start, pauses or [])
    (judged,) = [item for item in LAW.judged(made, at) if item.rule.id == "APV-010"]
    return explain(LAW, "case/1", made, judged, at)


def test_sum_of_2024_is_the_calendars() -> None:
    # 15 to 17 September and 1 to 7 October off; 14, 29 September and 12 October worked.
    found = explained(START, START + timedelta(days=3))
    assert found.due == date(2024, 10, 17)
    assert found.to_due is not None
    assert found.to_due.holidays == (("中秋节", 3), ("国庆节", 7))
    assert (found.to_due.days, found.to_due.counted, found.to_due.makeup) == (34, 20, 3)
    assert found.to_due.weekends == 4


def test_sentence_names_start_days_off_and_due_day() -> None:
    sentence = told(explained(START, START + timedelta(days=3)), ZONE)["zh"][0]
    assert sentence == (
        "2024-09-13 周五 受理，次日起算。其后至 2024-10-17 共 34 天："
        "计入 20 天（含调休上班 3 天），周末 4 天，中秋节 3 天，国庆节 7 天。"
        "20 个工作日计满，到期 2024-10-17 周四。"
    )


def test_day_off_inside_a_pause_stays_a_day_off() -> None:
    pause = (START, datetime(2024, 9, 19, 9, tzinfo=ZONE))
    days = {day.day: day for day in explained(START, START + timedelta(days=9), [pause]).days}
    assert (days[date(2024, 9, 16)].kind, days[date(2024, 9, 16)].ground) == (DayKind.HOLIDAY, None)
    assert days[date(2024, 9, 18)].ground == "hearing"


def test_date_beyond_the_known_days_off_is_told_to_be_provisional() -> None:
    found = explained(datetime(2026, 12, 18, 9, tzinfo=ZONE), datetime(2026, 12, 20, tzinfo=ZONE))
    assert found.provisional
    assert "2026-12-31" in told(found, ZONE)["zh"][-1]


def test_long_overrun_is_cut_and_says_how_much() -> None:
    found = explained(START, START + timedelta(days=2000))
    assert len(found.days) == LONGEST_STRIP + 1
    assert found.days_left_out == 2000 - LONGEST_STRIP


def test_plain_text_shows_the_month_as_a_calendar() -> None:
    lines = as_text(explained(START, datetime(2024, 9, 30, 12, tzinfo=ZONE)), "zh").splitlines()
    month = lines.index("2024 年 9 月")
    assert [" ".join(line.split()) for line in lines[month + 1 : month + 5]] == [
        "一 二 三 四 五 六 日",
        "13 起 14 1班 15 节",
        "16 节 17 节 18 2 19 3 20 4 21 休 22 休",
        "23 5 24 6 25 7 26 8 27 9 28 休 29 10班",
    ]


def test_plain_text_puts_each_day_under_its_weekday() -> None:
    lines = as_text(explained(START, datetime(2024, 9, 30, 12, tzinfo=ZONE)), "en").splitlines()
    header, first = lines[lines.index("2024-09") + 1 :][:2]
    assert header.index("F") == first.index("13 S")  # 13 September 2024 was a Friday


moments = st.integers(0, 500 * 24).map(
    lambda hours: datetime(2024, 1, 1, tzinfo=ZONE) + timedelta(hours=hours)
)


@settings(max_examples=200, deadline=None)
@given(start=moments, lasts=st.integers(0, 4000), pauses=st.lists(st.tuples(moments, moments)))
def test_strip_and_sums_agree_with_the_judgement(
    start: datetime, lasts: int, pauses: list[tuple[datetime, datetime]]
) -> None:
    at = start + timedelta(hours=lasts)
    ordered = [(min(pair), max(pair)) for pair in pauses]
    found = explained(start, at, list(ordered))
    assert found.to_end is not None
    assert found.to_end.counted == found.elapsed
    assert sum(days for _, days in found.to_end.excluded) == found.excluded
    for total in (found.to_due, found.to_end):
        assert total is not None
        parts = [total.counted, total.weekends, *(n for _, n in (*total.holidays, *total.excluded))]
        assert sum(parts) == total.days
    assert found.to_due is not None
    assert found.to_due.counted == 20
    assert [day.ordinal for day in found.days if day.mark == "due"] == [20]
