"""Which stop ends which clock, and what makes a clock void."""

from pathlib import Path
from typing import Any

from libs.common.law.fold import Fold
from tests.unit.common.law.making import (
    LOCAL,
    book_of,
    deadline,
    happened,
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
