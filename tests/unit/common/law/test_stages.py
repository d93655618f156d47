"""Stages and looks: how far past, when to remind, when a clock can next stand differently."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.law.clock import Reading
from libs.common.law.fold import Judged
from libs.common.law.rule import Deadline
from libs.common.law.stage import awaited, next_look, remind_at, stage_of, waits_until
from libs.common.worktime import cn_calendar
from tests.unit.common.law.making import (
    LOCAL,
    SHANGHAI,
    book_of,
    deadline,
    history,
    law,
    local,
    received,
    standing,
    state,
)

TWO_STAGES = [{"remind": 2}, {"yellow": 0}, {"red": 2}]


def judged(folder: Path, at: str, *more: Any, start: str = "2026-03-02", **fields: Any) -> Judged:
    """The clock of a deadline of five working days, read at `at`."""
    fold = law(book_of(folder, deadline(stages=TWO_STAGES, **fields)))
    (found,) = standing(fold, history(received(start), *more), "TST-001", at)
    return found


def parts(found: Judged) -> tuple[Deadline, Reading]:
    """Rule and reading of a clock that is judged."""
    assert isinstance(found.rule, Deadline)
    assert found.reading is not None
    return found.rule, found.reading


def stage(folder: Path, at: str, **fields: Any) -> str:
    """The stage that the clock has reached at `at`."""
    rule, reading = parts(judged(folder, at, **fields))
    return stage_of(rule, reading, reading.over)


# Due Monday 9 March: Tuesday is one day over, Thursday three.
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-09", "detected"),
        ("2026-03-10", "yellow"),
        ("2026-03-11", "yellow"),
        ("2026-03-12", "red"),
    ],
)
def test_stages_are_reached_one_after_another(tmp_path: Path, day: str, expected: str) -> None:
    assert stage(tmp_path, day) == expected


def test_an_overrun_beyond_the_known_calendar_is_never_red(tmp_path: Path) -> None:
    assert cn_calendar().covered[1].year == 2026
    found = judged(tmp_path, "2027-06-01", start="2026-12-28")
    rule, reading = parts(found)

    assert reading.provisional
    assert reading.over > 2
    assert stage_of(rule, reading, reading.over) == "yellow"


def looks(folder: Path, start: str = "2026-03-02", **fields: Any) -> list[datetime]:
    """Every instant at which an open clock is looked at again, from its start on."""
    found: list[datetime] = []
    after = local(f"{start}T12:00:00")
    for _ in range(9):
        fold = law(book_of(folder, deadline(stages=TWO_STAGES, **fields)))
        dossier = fold.fold(history(received(start)))
        rule, reading = parts(fold.judged(dossier, after)[0])
        look = next_look(rule, reading, cn_calendar(), SHANGHAI, after=after)
        if look is None:
            break
        found.append(look)
        after = look
    return found


def test_looks_are_the_reminder_the_limit_and_each_stage(tmp_path: Path) -> None:
    expected = ["2026-03-05", "2026-03-10", "2026-03-12"]

    assert looks(tmp_path) == [local(f"{day}T00:00:00") for day in expected]


def test_a_stage_waits_for_the_next_working_day(tmp_path: Path) -> None:
    # Due Friday 6 March; Saturday adds nothing, Monday 9 March is one over, Wednesday three.
    expected = ["2026-03-04", "2026-03-07", "2026-03-09", "2026-03-11"]

    assert looks(tmp_path, "2026-02-28") == [local(f"{day}T00:00:00") for day in expected]


@pytest.mark.parametrize(
    ("stages", "expected"),
    [([{"remind": 1}, {"yellow": 0}], "2026-03-06"), ([{"yellow": 0}], None)],
)
def test_a_reminder_comes_so_many_working_days_before(
    tmp_path: Path, stages: list[dict[str, int]], expected: str | None
) -> None:
    fold = law(book_of(tmp_path, deadline(stages=stages)))
    (found,) = standing(fold, history(received("2026-03-02")), "TST-001", "2026-03-02")

    when = remind_at(*parts(found), cn_calendar(), SHANGHAI)
    assert when == (local(f"{expected}T00:00:00") if expected else None)


def test_a_rule_that_only_reminds_never_finds() -> None:
    promise = received("2026-03-02", promised_limit=5, promised_unit="working_day")
    events = history(promise, ("approval.case.accepted", "2026-03-02"))

    assert state(law(LOCAL), events, "EMO-001", "2026-03-09") == "running"
    assert state(law(LOCAL), events, "EMO-001", "2026-03-10") == "void"
    assert state(law(LOCAL), events, "APV-023", "2026-03-10") == "overdue"


def test_a_stopped_clock_needs_no_further_look(tmp_path: Path) -> None:
    decided = ("approval.case.decided", "2026-03-03")
    rule, reading = parts(judged(tmp_path, "2026-03-04", decided))

    assert next_look(rule, reading, cn_calendar(), SHANGHAI, after=local("2026-03-04")) is None


def waits(folder: Path, at: str, *more: Any, **fields: Any) -> dict[int, datetime]:
    """How long each card waits for a source that may be one working day late."""
    rule, reading = parts(judged(folder, at, *more, **fields))
    return dict(awaited(rule, reading, cn_calendar(), SHANGHAI, allowance=1))


# Due Monday 9 March 2026: what was in time on the 9th comes on Tuesday at the latest; not yet two
# days over is the clock until the end of Wednesday the 11th, which Thursday may still tell.
def test_each_card_waits_for_what_its_source_may_still_tell(tmp_path: Path) -> None:
    found = waits(tmp_path, "2026-03-10")

    assert found == {0: local("2026-03-11T00:00:00"), 2: local("2026-03-13T00:00:00")}


def test_without_an_allowance_no_card_waits(tmp_path: Path) -> None:
    rule, reading = parts(judged(tmp_path, "2026-03-10"))

    assert not awaited(rule, reading, cn_calendar(), SHANGHAI, allowance=0)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ("2026-03-12T23:59:59", "yellow"),
        ("2026-03-13T00:00:00", "red"),
    ],
)
def test_a_stage_is_reached_once_nothing_can_show_otherwise(
    tmp_path: Path, known: str, expected: str
) -> None:
    rule, reading = parts(judged(tmp_path, "2026-03-12"))
    found = waits(tmp_path, "2026-03-12")

    assert stage_of(rule, reading, reading.over, found, local(known)) == expected
    assert stage_of(rule, reading, reading.over) == "red"


def test_a_clock_that_stopped_late_is_looked_at_until_its_cards_are_certain(
    tmp_path: Path,
) -> None:
    decided = ("approval.case.decided", "2026-03-12")
    rule, reading = parts(judged(tmp_path, "2026-03-12", decided))
    found = waits(tmp_path, "2026-03-12", decided)
    after, looks = local("2026-03-10"), []
    while look := next_look(rule, reading, cn_calendar(), SHANGHAI, after=after, awaited=found):
        looks.append(look)
        after = look

    assert looks == [local("2026-03-11T00:00:00"), local("2026-03-13T00:00:00")]


def test_what_happens_on_a_day_off_may_be_recorded_after_the_next_working_day() -> None:
    """Saturday 7 March: first recorded on Monday the 9th, with a working day more on the 10th."""
    saturday = local("2026-03-07T10:00:00")

    found = waits_until(saturday, 1, cn_calendar(), SHANGHAI)
    assert found == local("2026-03-11T00:00:00")


def test_every_stage_of_a_limit_in_hours_is_looked_at(tmp_path: Path) -> None:
    # Started on Monday at nine: 24 hours end on Tuesday at nine, 48 more on Thursday.
    stages = [{"yellow": 0}, {"red": 48}]
    hours = {"unit": "hour", "until": "instant", "length": 24, "stages": stages}
    fold = law(book_of(tmp_path, deadline(**hours)))
    (found,) = standing(fold, history(received("2026-03-02")), "TST-001", "2026-03-03T10:00:00")
    after = local("2026-03-03T10:00:00")

    look = next_look(*parts(found), cn_calendar(), SHANGHAI, after=after)
    assert look == local("2026-03-05T09:00:00") + timedelta(microseconds=1)
