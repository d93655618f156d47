"""Pauses: which time does not count, and what a pause can't excuse.

Dates are counted by hand on the calendar of 2026: 2 March is a Monday, 4 to 6 April are off.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.common.law.making import (
    book_of,
    deadline,
    history,
    law,
    received,
    standing,
    state,
)

ACCEPTED = ("approval.case.accepted", "2026-03-02")
CASE = (received("2026-03-02"), ACCEPTED)
LATER = "2026-12-01"


def decided(when: str, **data: Any) -> tuple[str, str, dict[str, Any]]:
    """A decision."""
    return ("approval.case.decided", when, {"outcome": "granted", **data})


def paused(when: str, ground: str = "testing", **data: Any) -> tuple[str, str, dict[str, Any]]:
    """A pause on a ground."""
    return ("approval.case.paused", when, {"ground": ground, **data})


def resumed(when: str) -> tuple[str, str, dict[str, Any]]:
    """The end of a pause."""
    return ("approval.case.resumed", when, {})


def test_days_of_a_pause_do_not_count() -> None:
    # Seven days (9 to 15 March) hold five working days: 10, 11, 12, 13 and 16 do not count.
    events = history(*CASE, paused("2026-03-09"), resumed("2026-03-16"), decided("2026-04-07"))
    (found,) = standing(law(), events, "APV-010", LATER)

    assert found.reading is not None
    assert str(found.reading.due) == "2026-04-07"
    assert (found.reading.state, found.reading.elapsed, found.reading.excluded) == ("met", 20, 5)


def test_the_day_after_a_paused_limit_is_late() -> None:
    events = history(*CASE, paused("2026-03-09"), resumed("2026-03-16"), decided("2026-04-08"))

    assert state(law(), events, "APV-010", LATER) == "breached"


def test_an_open_pause_suspends() -> None:
    assert state(law(), history(*CASE, paused("2026-03-09")), "APV-010", LATER) == "suspended"


def test_a_pause_on_a_ground_the_law_does_not_know_stops_nothing() -> None:
    events = history(*CASE, paused("2026-03-09", "missing_data"))

    assert state(law(), events, "APV-010", LATER) == "overdue"


def test_a_pause_that_begins_after_the_limit_excuses_nothing() -> None:
    events = history(*CASE, paused("2026-04-01"), resumed("2026-04-30"), decided("2026-04-30"))

    assert state(law(), events, "APV-010", LATER) == "breached"


def test_a_second_pause_before_the_first_ends_is_one_pause() -> None:
    twice = history(
        *CASE,
        paused("2026-03-09"),
        paused("2026-03-11"),
        resumed("2026-03-16"),
        decided("2026-04-07"),
    )
    (found,) = standing(law(), twice, "APV-010", LATER)

    assert found.reading is not None
    assert found.reading.excluded == 5


def test_a_decision_during_a_pause_ends_it() -> None:
    events = history(*CASE, paused("2026-03-09"), decided("2026-06-01"), resumed("2026-06-10"))
    (found,) = standing(law(), events, "APV-010", LATER)

    assert found.reading is not None
    assert (found.reading.state, found.reading.elapsed) == ("met", 5)


def test_hours_of_a_pause_do_not_count() -> None:
    own = received("2026-03-02", limit_set_by_law=True, statutory_limit=24, statutory_unit="hour")
    events = history(
        own,
        ("approval.case.accepted", "2026-03-02T09:00:00"),
        paused("2026-03-02T10:00:00"),
        resumed("2026-03-05T10:00:00"),
        decided("2026-03-06T09:00:00"),
    )
    (found,) = standing(law(), events, "APV-010-ITEM", LATER)

    assert found.reading is not None
    assert (found.reading.state, found.reading.elapsed, found.reading.excluded) == ("met", 24, 72)


@pytest.mark.parametrize(("same_day", "expected"), [(True, "overdue"), (False, "suspended")])
def test_only_a_record_of_days_takes_an_earlier_end_for_the_end_of_a_pause(
    tmp_path: Path, same_day: bool, expected: str
) -> None:
    wait = {
        "pause": "cn.sunlight.approval.case.paused.v1",
        "resume": "cn.sunlight.approval.case.resumed.v1",
        "law": deadline()["law"],
        "same_day": same_day,
    }
    fold = law(book_of(tmp_path, deadline(exclude="wait"), exclusions={"wait": wait}))
    events = history(
        received("2026-03-02"), resumed("2026-03-03T10:00:00"), paused("2026-03-03T11:00:00")
    )

    assert state(fold, events, "TST-001", LATER) == expected
