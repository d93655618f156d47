"""The steps of a flow, told from the item's version and the case's history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from libs.common.law.instants import to_micros
from services.approval.case.flow import flow_of, next_steps, running

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
STEPS: list[dict[str, Any]] = [
    {"name": "审查", "limit": 2, "unit": "working_day"},
    {"name": "会签"},
]


def event(name: str, step: str, hours: int) -> list[Any]:
    kind = f"cn.sunlight.approval.case.step-{name}.v1"
    return [kind, to_micros(START + timedelta(hours=hours)), {"step": step}]


def test_steps_stand_in_the_items_order_whatever_came_first() -> None:
    flow = flow_of(STEPS, [event("started", "会签", 1)])
    assert [(step.name, step.runs) for step in flow] == [("审查", False), ("会签", True)]


def test_a_step_that_ran_again_shows_its_last_turn() -> None:
    turns = [event("started", "审查", 1), event("ended", "审查", 2), event("started", "审查", 3)]
    (review, _) = flow_of(STEPS, turns)
    assert (review.started, review.ended, review.limit) == (START + timedelta(hours=3), None, 2)


def test_what_was_recorded_beside_the_list_stands_after_it() -> None:
    flow = flow_of(STEPS, [event("started", "听取意见", 1)])
    assert [step.name for step in flow] == ["审查", "会签", "听取意见"]


def test_those_not_yet_begun_come_first_and_those_that_run_are_ended() -> None:
    flow = flow_of(STEPS, [event("started", "审查", 1), event("ended", "审查", 2)])
    assert [step.name for step in next_steps(flow)] == ["会签", "审查"]
    assert running(flow) == []
