"""How a maximum stands: the last day, pauses, pairing, and what makes a clock void.

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
    law,
    later,
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


def paused(when: str, ground: str = "testing", **data: Any) -> tuple[str, str, dict[str, Any]]:
    """A pause on a ground."""
    return ("approval.case.paused", when, {"ground": ground, **data})


def resumed(when: str) -> tuple[str, str, dict[str, Any]]:
    """The end of a pause."""
    return ("approval.case.resumed", when, {})


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


def test_a_withdrawn_case_is_void() -> None:
    events = history(*CASE, ("approval.case.withdrawn", "2026-03-05"))

    assert state(law(), events, "APV-010", LATER) == "void"


def test_a_withdrawal_after_the_decision_changes_nothing() -> None:
    events = history(*CASE, decided("2026-03-31"), ("approval.case.withdrawn", "2026-04-01"))

    assert state(law(), events, "APV-010", LATER) == "breached"


def test_each_supplement_starts_the_five_days_anew() -> None:
    events = history(
        received("2026-03-02"),
        ("approval.case.supplement-requested", "2026-03-09", {"notice_no": "1"}),
        ("approval.case.supplement-received", "2026-04-20", {"notice_no": "1"}),
        ("approval.case.accepted", "2026-04-28"),
    )
    first, second = standing(law(), events, "APV-003", LATER)

    assert first.reading is not None
    assert second.reading is not None
    assert (first.reading.state, second.reading.state) == ("met", "breached")
    assert (first.clock.occurrence, second.clock.occurrence) == (1, 2)


def test_only_a_granted_licence_must_be_delivered() -> None:
    refused = history(*CASE, decided("2026-03-10", outcome="refused", delivers_document=True))
    granted = history(*CASE, decided("2026-03-10", delivers_document=True))

    assert state(law(), refused, "APV-015", LATER) == "not judged"
    assert state(law(), granted, "APV-015", LATER) == "overdue"


def test_objections_are_paired_by_their_number() -> None:
    filed = {"against": "documents"}
    events = history(
        ("trading.tender.objection-filed", "2026-03-02", {"objection_no": "1", **filed}),
        ("trading.tender.objection-filed", "2026-03-03", {"objection_no": "2", **filed}),
        ("trading.tender.objection-answered", "2026-03-04", {"objection_no": "2"}),
    )
    one, two = standing(law(), events, "TDR-008", LATER)

    assert one.reading is not None
    assert two.reading is not None
    assert (one.reading.state, two.reading.state) == ("overdue", "met")


def test_an_event_that_does_not_say_its_lot_serves_every_lot() -> None:
    events = history(
        ("trading.award.notice-issued", "2026-03-02", {"lot": "A"}),
        ("trading.award.notice-issued", "2026-03-03", {"lot": "B"}),
        ("trading.award.contract-signed", "2026-03-04", {}),
    )
    found = standing(law(), events, "TDR-025", LATER)

    assert [clock.reading and clock.reading.state for clock in found] == ["met", "met"]


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


def test_a_stop_before_its_start_has_elapsed_nothing(tmp_path: Path) -> None:
    events = history(decided("2026-03-01"), received("2026-03-10"))
    (found,) = standing(once(tmp_path), events, "TST-001", LATER)

    assert found.reading is not None
    assert (found.reading.state, found.reading.elapsed, found.reading.over) == ("met", 0, 0)


def test_a_right_that_nobody_used_is_void(tmp_path: Path) -> None:
    assert state(
        once(tmp_path, party_right=True), history(received("2026-03-02")), "TST-001", LATER
    ) == ("void")


def test_a_right_used_too_late_is_a_breach(tmp_path: Path) -> None:
    events = history(received("2026-03-02"), decided("2026-03-10"))

    assert state(once(tmp_path, party_right=True), events, "TST-001", LATER) == "breached"


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


def test_a_step_is_held_against_its_own_limit() -> None:
    step = {"step_unit": "working_day"}
    events = history(
        received("2026-03-02"),
        ("approval.case.step-started", "2026-03-02", {"step": "a", "step_limit": 1, **step}),
        ("approval.case.step-started", "2026-03-03", {"step": "b", "step_limit": 9, **step}),
        ("approval.case.step-started", "2026-03-03", {"step": "c"}),
        ("approval.case.step-ended", "2026-03-05", {"step": "a"}),
        ("approval.case.step-ended", "2026-03-05", {"step": "b"}),
    )
    a, b, c = standing(law(LOCAL), events, "EMO-004", LATER)

    assert a.reading is not None
    assert b.reading is not None
    assert (a.reading.state, b.reading.state) == ("breached", "met")
    assert c.missing == ("step_limit",)


def test_a_preset_does_not_bind_another_city() -> None:
    started = happened("approval.case.step-started", "2026-03-02", region="410500", step="a")

    assert law(LOCAL).fold([started]).clocks == []


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
