"""Steps of the flow: recorded with the limit that the item's version gives them."""

from typing import Any

import pytest

from libs.common.db.engine import Connection
from tests.service.approval.browser import Browser
from tests.service.approval.conftest import Desk
from tests.service.approval.test_item_terms import version
from tests.service.desk import events_of

STEPS = """{"steps": [{"name": "现场勘查", "limit": 2, "unit": "working_day"},
    {"name": "审查", "limit": null, "unit": null}]}"""
SURVEY, REVIEW = "现场勘查", "审查"


@pytest.fixture
async def case_no(desk: Desk, owner: Connection) -> str:
    """An accepted case of an item with two steps."""
    await version(owner, 1, "2026-01-01", 4, steps=STEPS)
    answer = await desk.client.post("/cases", json={"item_code": "C7"})
    number: str = answer.json()["case_no"]
    desk.tags[number] = answer.headers["ETag"]
    await desk.done(number, "accept")
    return number


async def test_a_step_starts_with_its_own_limit(
    desk: Desk, owner: Connection, case_no: str
) -> None:
    await desk.done(case_no, "start-step", step=SURVEY)
    await desk.done(case_no, "end-step", step=SURVEY)
    await desk.done(case_no, "start-step", step=REVIEW)
    said = [event.data for event in await events_of(owner, f"case/{case_no}")][2:]
    assert said == [
        {"step": SURVEY, "step_limit": 2, "step_unit": "working_day"},
        {"step": SURVEY},
        {"step": REVIEW},
    ]


async def test_a_step_that_the_item_does_not_have_is_refused(desk: Desk, case_no: str) -> None:
    answer = await desk.do(case_no, "start-step", step="喝茶")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/step")


@pytest.mark.parametrize(
    ("done", "action", "code"),
    [
        ([], "end-step", "step_not_under_way"),
        (["start-step"], "start-step", "step_under_way"),
        (["start-step", "end-step"], "end-step", "step_not_under_way"),
    ],
)
async def test_a_step_starts_and_ends_in_turn(
    desk: Desk, case_no: str, done: list[str], action: str, code: str
) -> None:
    for one in done:
        await desk.done(case_no, one, step=SURVEY)
    answer = await desk.do(case_no, action, step=SURVEY)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


async def test_a_step_that_was_left_open_can_be_ended_after_the_decision(
    desk: Desk, case_no: str
) -> None:
    await desk.done(case_no, "start-step", step=REVIEW)
    await desk.done(case_no, "decide", outcome="refused", delivers_document=False)
    await desk.done(case_no, "end-step", step=REVIEW)


async def test_a_case_is_not_closed_over_a_step_that_runs(desk: Desk, case_no: str) -> None:
    await desk.done(case_no, "start-step", step=REVIEW)
    await desk.done(case_no, "decide", outcome="granted", delivers_document=True)
    await desk.done(case_no, "deliver")
    refused = await desk.do(case_no, "close")
    assert (refused.status_code, REVIEW in refused.json()["detail"]) == (422, True)
    await desk.done(case_no, "end-step", step=REVIEW)
    await desk.done(case_no, "close")


async def test_without_listed_steps_any_is_recorded_without_a_limit(
    desk: Desk, owner: Connection
) -> None:
    number = await desk.receive()
    await desk.done(number, "accept")
    await desk.done(number, "start-step", step="会签")
    events = await events_of(owner, f"case/{number}")
    assert events[-1].data == {"step": "会签"}


async def test_the_page_shows_the_steps_and_has_their_forms(browser: Browser, case_no: str) -> None:
    before: dict[str, Any] = {"page": await browser.text(f"/window/cases/{case_no}")}
    answer = await browser.step(case_no, "start-step", step=SURVEY)
    after = await browser.text(f"/window/cases/{case_no}")
    assert answer.status_code == 303, answer.text
    assert "尚未开始 现场勘查 2 个工作日" in before["page"]
    assert "结束“现场勘查”" in after
    assert "开始“现场勘查”" not in after
