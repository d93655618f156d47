"""The reason of a date, day by day, against the calendar of another library (chinesecalendar)."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import chinese_calendar
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from libs.common.law.instants import to_micros
from services.approval.case.model import Case
from services.approval.pages.why import held, why

FIRST = date(2026, 1, 5)
LAST = date(2026, 9, 30)
RULE = "APV-010"


RECEIVED = {
    "case_no": "c",
    "item_type": "行政许可",
    "immediate": False,
    "joint": False,
    "limit_set_by_law": False,
}


@cache
def law() -> Fold:
    return installed_law("Asia/Shanghai")


def case(*events: tuple[str, date, dict[str, Any]]) -> Case:
    history = [
        [
            f"cn.sunlight.approval.case.{name}.v1",
            to_micros(datetime(day.year, day.month, day.day, 2, tzinfo=UTC)),
            said,
        ]
        for name, day, said in events
    ]
    at = datetime(2026, 1, 5, 2, tzinfo=UTC)
    return Case(
        case_no="990100-20260105-00000001",
        region="990100",
        office="office-1",
        item_code="A",
        item_type="行政许可",
        state="accepted",
        version=len(history),
        received_at=at,
        accepted_at=at,
        decided_at=None,
        last_event_at=at,
        receipt_no=None,
        due_at=None,
        deadlines=[],
        history=history,
        item_version=None,
        licence_no=None,
        query_code="22222222",
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@settings(max_examples=40, deadline=None)
@given(st.dates(FIRST, LAST), st.integers(1, 8), st.integers(0, 12))
def test_the_days_that_count_are_those_of_an_independent_calendar(
    start: date, before: int, paused: int
) -> None:
    pause, resume = start + timedelta(before), start + timedelta(before + paused)
    found = why(
        law(),
        case(
            ("received", start, RECEIVED),
            ("accepted", start, {"deemed": False}),
            ("paused", pause, {"ground": "testing"}),
            ("resumed", resume, {}),
        ),
        RULE,
        noon(resume),
    )
    assert found is not None
    # 行政许可法 42, 45, 82: twenty working days; days in (pause, resume] don't count.
    days, day = list[date](), start
    while len(days) < 20:
        day += timedelta(1)
        if chinese_calendar.is_workday(day) and not pause < day <= resume:
            days.append(day)
    assert [one.day for one in found.days if one.counted] == days
    assert (found.due, found.limit, found.days[-1].mark) == (days[-1], 20, "due")


def test_a_paused_case_has_a_reason_without_a_date() -> None:
    found = held(
        law(),
        case(
            ("received", FIRST, RECEIVED),
            ("accepted", FIRST, {"deemed": False}),
            ("paused", FIRST, {"ground": "testing"}),
        ),
        noon(FIRST),
    )
    assert found is not None
    assert (found.due, found.days, found.grounds, found.limit) == (None, (), ("testing",), 20)
