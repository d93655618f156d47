"""Which version of a rule binds: a change of the law, a transition, a correction of ours."""

from pathlib import Path

from libs.common.law.fold import Fold
from tests.unit.common.law.making import (
    book_of,
    deadline,
    happened,
    history,
    law,
    received,
    standing,
)

LATER = "2026-12-01"


def changed(folder: Path, transition: str = "clock_start", start: str = "received") -> Fold:
    """Ten working days until 8 March 2026, three from 9 March on."""
    common = {"start": [f"cn.sunlight.approval.case.{start}.v1"]}
    return law(
        book_of(
            folder,
            deadline(length=10, effective={"from": "2020-01-01", "to": "2026-03-08"}, **common),
            deadline(length=3, effective={"from": "2026-03-09"}, transition=transition, **common),
        )
    )


def limits(fold: Fold, *events: tuple[str, str], at: str = LATER) -> list[int]:
    """The limits of the clocks that stand at `at`."""
    found = standing(fold, history(received("2026-03-02"), *events), "TST-001", at)
    return [clock.reading.limit for clock in found if clock.reading]


def test_a_clock_that_started_before_the_change_keeps_the_old_limit(tmp_path: Path) -> None:
    assert limits(changed(tmp_path)) == [10]


def test_a_clock_that_starts_on_the_day_of_the_change_has_the_new_limit(tmp_path: Path) -> None:
    fold = changed(tmp_path, start="accepted")

    assert limits(fold, ("approval.case.accepted", "2026-03-08")) == [10]
    assert limits(fold, ("approval.case.accepted", "2026-03-09")) == [3]


def test_a_subject_that_began_before_the_change_may_keep_the_old_law(tmp_path: Path) -> None:
    fold = changed(tmp_path, "subject_start", "accepted")

    assert limits(fold, ("approval.case.accepted", "2026-03-12")) == [10]


def test_a_subject_that_begins_after_the_change_has_the_new_law(tmp_path: Path) -> None:
    fold = changed(tmp_path, "subject_start", "accepted")
    events = history(received("2026-03-10"), ("approval.case.accepted", "2026-03-12"))
    (found,) = standing(fold, events, "TST-001", LATER)

    assert found.reading is not None
    assert found.reading.limit == 3


def test_a_change_at_once_takes_over_the_clocks_that_are_open(tmp_path: Path) -> None:
    fold = changed(tmp_path, "at_once")

    assert limits(fold) == [3]
    assert limits(fold, at="2026-03-06") == [10]


def test_a_change_at_once_leaves_what_was_done_before(tmp_path: Path) -> None:
    assert limits(changed(tmp_path, "at_once"), ("approval.case.decided", "2026-03-06")) == [10]


def test_a_correction_of_ours_applies_to_clocks_that_ran_before_it(tmp_path: Path) -> None:
    wrong = deadline(length=3)
    right = deadline(length=10, revision=2, corrects=1)
    events = history(received("2026-03-02"), ("approval.case.decided", "2026-03-10"))

    (before,) = standing(law(book_of(tmp_path, wrong)), events, "TST-001", LATER)
    (after,) = standing(law(book_of(tmp_path, wrong, right)), events, "TST-001", LATER)

    assert before.reading is not None
    assert after.reading is not None
    assert (before.reading.state, after.reading.state) == ("breached", "met")


def test_a_rule_binds_nobody_before_it_is_in_force(tmp_path: Path) -> None:
    fold = law(book_of(tmp_path, deadline(effective={"from": "2026-03-03"})))

    assert standing(fold, history(received("2026-03-02")), "TST-001", LATER) == []


def test_the_rule_of_a_city_binds_its_counties_and_of_a_province_its_cities(tmp_path: Path) -> None:
    for code, inside, outside in (
        ("990100", "990102", "990200"),
        ("990000", "990102", "980000"),
        ("9901", "990102", "990200"),
    ):
        fold = law(book_of(tmp_path, deadline(region=code)))
        bound = happened("approval.case.received", "2026-03-02", region=inside, case_no="A")
        free = happened("approval.case.received", "2026-03-02", region=outside, case_no="A")
        nowhere = happened("approval.case.received", "2026-03-02", region=None, case_no="A")

        assert [len(fold.fold([event]).clocks) for event in (bound, free, nowhere)] == [1, 0, 0]
