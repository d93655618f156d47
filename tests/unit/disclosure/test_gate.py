"""From when an overdue fact counts and may be shown, and what stands beside it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import Event
from services.disclosure.overdue.policy import Matter, change, changed
from tests.unit.disclosure.events import (
    AT,
    IDENTITY,
    MOBILE,
    answered,
    assigned,
    detected,
    ended,
    follow_up,
)

CITY = ZoneInfo("Asia/Shanghai")
DEADLINES = {"APV-010": "approval"}
LIMIT = AT + timedelta(days=5)


def after(*events: Event) -> Matter | None:
    """The matter after events, one a day from AT on."""
    told = [
        change(item._replace(recordedtime=AT + timedelta(days=day)), DEADLINES, CITY)
        for day, item in enumerate(events)
    ]
    return reduce(changed, [one for one in told if one], None)


def standing(*events: Event) -> Matter:
    found = after(*events)
    assert found is not None
    return found


def test_a_fact_waits_as_long_as_its_office_is_not_asked() -> None:
    assert standing(detected()).opens_at is None


def test_a_fact_may_be_shown_when_the_time_to_answer_has_passed() -> None:
    assert standing(detected(), assigned(answer_by=LIMIT)).opens_at == LIMIT


def test_a_fact_may_be_shown_as_soon_as_its_office_answers() -> None:
    found = standing(detected(), assigned(answer_by=LIMIT), answered())
    assert found.opens_at == AT + timedelta(days=2)
    assert found.answer is not None
    assert found.answer.statement == "材料核查用时较长"


def test_an_answer_after_the_time_leaves_the_gate_open_as_it_was() -> None:
    found = standing(detected(), assigned(answer_by=AT + timedelta(days=1)), answered())
    assert found.opens_at == AT + timedelta(days=1)


def test_a_longer_time_to_answer_moves_a_gate_that_is_still_shut() -> None:
    later = assigned(3, answer_by=LIMIT)
    found = standing(detected(), assigned(answer_by=AT + timedelta(days=3)), later)
    assert found.opens_at == LIMIT


def test_what_was_shown_stays_shown_when_the_answer_is_sent_back() -> None:
    asked = assigned(answer_by=LIMIT)
    found = standing(detected(), asked, answered(), assigned(4, answer_by=LIMIT))
    assert found.opens_at == AT + timedelta(days=2)
    assert found.answer is not None


def test_a_matter_waived_while_its_time_ran_is_never_shown_alone() -> None:
    waived = follow_up("waived", 3, reason="outage")
    assert standing(detected(), assigned(answer_by=LIMIT), waived).opens_at is None


def test_a_waiver_that_makes_a_matter_count_changes_it() -> None:
    waived = follow_up("waived", 3, reason="outage")
    found = standing(detected(), assigned(answer_by=LIMIT), waived)
    assert found.changed_at == AT + timedelta(days=2)


def test_a_waiver_of_a_matter_that_counts_already_changes_no_number() -> None:
    waived = follow_up("waived", 3, reason="outage")
    assert standing(detected(), answered(2), waived).changed_at == AT


def test_a_matter_waived_is_not_shown_alone_though_it_was_waived_and_asked_before() -> None:
    waived = follow_up("waived", 2, reason="outage")
    asked = assigned(3, answer_by=LIMIT)
    again = follow_up("waived", 4, reason="force_majeure")
    found = standing(detected(), waived, asked, again)
    assert (found.opens_at, found.changed_at) == (None, AT + timedelta(days=1))


def test_a_matter_waived_after_its_answer_stays_shown_with_the_reason() -> None:
    waived = follow_up("waived", 4, reason="force_majeure")
    found = standing(detected(), assigned(answer_by=LIMIT), answered(), waived)
    assert found.opens_at == AT + timedelta(days=2)
    assert found.waived_for == "force_majeure"


def test_a_rescinded_matter_loses_its_answer() -> None:
    found = standing(detected(), assigned(), answered(), ended("rescinded", sequence=4))
    assert (found.state, found.opens_at, found.answer) == ("rescinded", None, None)


def test_an_answer_to_a_rescinded_matter_is_not_kept() -> None:
    found = standing(detected(), ended("rescinded"), answered())
    assert found.answer is None


def test_a_rescinded_matter_that_stands_again_begins_anew() -> None:
    events = detected(), assigned(), answered(), ended("rescinded", sequence=4)
    found = standing(*events, detected(sequence=5))
    assert (found.state, found.opens_at, found.answer) == ("standing", None, None)


def test_a_finding_that_never_was_public_leaves_no_answer() -> None:
    assert after(detected(public=False), assigned(), answered()) is None


def test_a_step_done_late_is_no_longer_overdue_now() -> None:
    found = standing(detected(), detected(sequence=2, over=3, unit="working_day"))
    assert (found.state, found.fact.over) == ("finished", 3)


def test_a_late_step_that_was_answered_for_keeps_the_answer_when_it_is_done() -> None:
    found = standing(detected(), assigned(), answered(), detected(sequence=4, over=1))
    assert found.answer is not None
    assert found.opens_at is not None


@pytest.mark.parametrize("text", [f"请拨 {MOBILE}", f"申请人 {IDENTITY}"])
def test_a_statement_with_a_number_of_a_person_is_kept_back(text: str) -> None:
    found = standing(detected(), answered(2, statement=text))
    assert found.answer is not None
    assert found.answer.statement is None
    assert found.answer.cause == "department"


@pytest.mark.parametrize("how", ["corrected", "verified", "escalated"])
def test_later_steps_say_only_how_it_is_handled(how: str) -> None:
    before = standing(detected(), assigned(), answered())
    found = standing(detected(), assigned(), answered(), follow_up(how, 4))
    assert found.handling == how
    assert (found.opens_at, found.answer) == (before.opens_at, before.answer)


def _open(matter: Matter | None, at: datetime) -> bool:
    return matter is not None and matter.opens_at is not None and matter.opens_at <= at


STEPS: Sequence[Event] = (
    detected(),
    detected(over=2),
    assigned(answer_by=AT + timedelta(days=2)),
    assigned(answer_by=LIMIT),
    answered(),
    follow_up("waived", 1, reason="outage"),
    follow_up("corrected", 1),
    follow_up("closed", 1),
)


@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_a_fact_shown_once_stays_shown_unless_it_is_rescinded(steps: list[Event]) -> None:
    shown = [_open(after(*steps[:n]), AT + timedelta(days=n - 1)) for n in range(len(steps) + 1)]
    assert shown == sorted(shown)
