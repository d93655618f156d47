"""How a maximum stands: its last day, its length, its unit, and whom it binds.

Dates are counted by hand on the calendar of 2026: 2 March is a Monday, 4 to 6 April (Qingming) are
off, and 1 to 5 May with 9 May as its make-up day.
"""

from pathlib import Path
from typing import Any

import pytest

from libs.common.law.fold import Fold
from tests.unit.common.law.making import (
    LOCAL,
    book_of,
    deadline,
    happened,
    history,
    later,
    law,
    local,
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


# The twentieth working day after 2 March 2026 is Monday 30 March.
def test_the_last_instant_of_the_last_day_is_in_time() -> None:
    events = history(*CASE, decided("2026-03-30T23:59:59.999999"))

    assert state(law(), events, "APV-010", LATER) == "met"


def test_the_first_instant_of_the_next_day_is_late() -> None:
    events = history(*CASE, decided("2026-03-31T00:00:00"))
    (found,) = standing(law(), events, "APV-010", LATER)

    assert found.reading is not None
    assert found.reading.state == "breached"
    assert (found.reading.elapsed, found.reading.over) == (21, 1)
    assert found.reading.occurred_at == local("2026-03-31T00:00:00")


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2026-03-30T23:59:59.999999", "running"), ("2026-03-31T00:00:00", "overdue")],
)
def test_an_open_clock_runs_through_its_last_day(at: str, expected: str) -> None:
    assert state(law(), history(*CASE), "APV-010", at) == expected


def test_a_day_off_after_the_last_day_adds_nothing() -> None:
    # Twenty working days after Thursday 5 March end on Thursday 2 April; ... 3 April is a Friday.
    events = history(
        received("2026-03-06"), ("approval.case.accepted", "2026-03-06"), decided("2026-04-06")
    )
    (found,) = standing(law(), events, "APV-010", LATER)

    assert found.reading is not None
    assert str(found.reading.due) == "2026-04-03"
    assert (found.reading.state, found.reading.elapsed) == ("met", 20)


def test_what_is_no_licence_has_no_twenty_days() -> None:
    events = history(received("2026-03-02", item_type="公共服务"), ACCEPTED)

    assert state(law(), events, "APV-010", LATER) == "not judged"


def test_a_missing_fact_leaves_the_clock_undetermined() -> None:
    events = history(
        ("approval.case.received", "2026-03-02", {"case_no": "A", "item_type": "行政许可"}),
        ACCEPTED,
    )
    (found,) = standing(law(), events, "APV-010", LATER)

    assert found.missing == ("joint", "limit_set_by_law")
    assert found.reading is None


def test_a_joint_case_has_forty_five_days_and_not_twenty() -> None:
    joint = history(received("2026-03-02", joint=True, lead_office="L"), ACCEPTED)

    assert state(law(), joint, "APV-010", LATER) == "not judged"
    # The forty-fifth working day after 2 March 2026: 20 in March and on, Qingming and May off.
    assert state(law(), joint, "APV-012", "2026-05-08T23:59:59") == "running"
    assert state(law(), joint, "APV-012", "2026-05-09T00:00:00") == "overdue"


def test_a_joint_case_without_a_lead_office_is_undetermined() -> None:
    (found,) = standing(
        law(), history(received("2026-03-02", joint=True), ACCEPTED), "APV-012", LATER
    )

    assert found.missing == ("lead_office",)


def test_an_item_whose_law_sets_its_limit_has_that_limit_in_its_unit() -> None:
    own = received(
        "2026-03-02", limit_set_by_law=True, statutory_limit=30, statutory_unit="calendar_day"
    )

    assert (
        state(law(), history(own, ACCEPTED, decided("2026-04-01")), "APV-010-ITEM", LATER) == "met"
    )
    assert (
        state(law(), history(own, ACCEPTED, decided("2026-04-02")), "APV-010-ITEM", LATER)
        == "breached"
    )
    assert state(law(), history(own, ACCEPTED), "APV-010", LATER) == "not judged"


@pytest.mark.parametrize("limit", [{}, {"statutory_limit": "thirty", "statutory_unit": "day"}])
def test_a_limit_that_is_not_stated_is_undetermined(limit: dict[str, Any]) -> None:
    own = received("2026-03-02", limit_set_by_law=True, **limit)
    (found,) = standing(law(), history(own, ACCEPTED), "APV-010-ITEM", LATER)

    assert found.missing == ("statutory_limit",)


def test_only_a_granted_licence_must_be_delivered() -> None:
    refused = history(*CASE, decided("2026-03-10", outcome="refused", delivers_document=True))
    granted = history(*CASE, decided("2026-03-10", delivers_document=True))

    assert state(law(), refused, "APV-015", LATER) == "not judged"
    assert state(law(), granted, "APV-015", LATER) == "overdue"


# Friday 2 January 2026 is off until Sunday the 4th as a make-up day: the period ends on Sunday.
@pytest.mark.parametrize(("day", "expected"), [("2026-01-04", "met"), ("2026-01-05", "breached")])
def test_a_calendar_period_that_ends_on_a_day_off_rolls_forward(day: str, expected: str) -> None:
    events = history(
        (
            "trading.tender.objection-filed",
            "2025-12-30",
            {"objection_no": "1", "against": "documents"},
        ),
        ("trading.tender.objection-answered", day, {"objection_no": "1"}),
    )

    assert state(law(), events, "TDR-008", LATER) == expected


def once(folder: Path, **fields: Any) -> Fold:
    """A law of one rule whose first start and first stop make the only clock."""
    return law(book_of(folder, deadline(pairing="once", **fields)))


# 7 March 2026 is a Saturday.
@pytest.mark.parametrize(
    ("day", "expected", "reading"),
    [("2026-03-07", "met", ""), ("2026-03-09", "disputed", "roll"), ("2026-03-10", "breached", "")],
)
def test_where_the_law_reads_two_ways_a_day_is_disputed(
    tmp_path: Path, day: str, expected: str, reading: str
) -> None:
    fold = once(tmp_path, unit="calendar_day", roll="disputed")
    (found,) = standing(fold, history(received("2026-03-02"), decided(day)), "TST-001", LATER)

    assert found.reading is not None
    assert (found.reading.state, found.reading.reading) == (expected, reading)


@pytest.mark.parametrize(("minutes", "expected"), [(0, "met"), (1, "breached")])
def test_hours_run_from_the_instant(tmp_path: Path, minutes: int, expected: str) -> None:
    fold = once(tmp_path, length=24, unit="hour", until="instant")
    events = [
        *history(received("2026-05-01T10:00:00")),
        happened("approval.case.decided", later("2026-05-02T10:00:00", minutes=minutes), 2),
    ]

    assert state(fold, events, "TST-001", LATER) == expected


def test_a_promise_to_decide_at_once_ends_with_the_day() -> None:
    commitment = ("approval.case.commitment-signed", "2026-03-02T16:00:00")
    base = received("2026-03-02")

    assert (
        state(
            law(LOCAL), history(base, commitment, decided("2026-03-02T23:00:00")), "APV-030", LATER
        )
        == "met"
    )
    assert (
        state(
            law(LOCAL), history(base, commitment, decided("2026-03-03T08:00:00")), "APV-030", LATER
        )
        == "breached"
    )
