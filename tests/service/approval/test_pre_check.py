"""网上申请预审: what was sent online is looked at within a working day, and told once."""

import pytest

from libs.common.db.engine import Connection
from tests.service.approval.conftest import Desk
from tests.service.desk import events_of


async def test_the_result_is_told_and_the_case_stays_where_it_is(
    desk: Desk, owner: Connection
) -> None:
    case_no = await desk.receive(channel="online")
    case = await desk.done(case_no, "pre-check", precheck_passed=True, notice_no="YS-1")
    told = (await events_of(owner, f"case/{case_no}"))[-1]
    assert case["state"] == "received"
    assert told.type == "cn.sunlight.approval.case.pre-checked.v1"
    assert told.data == {"precheck_passed": True, "notice_no": "YS-1"}


async def test_it_is_told_once(desk: Desk) -> None:
    case_no = await desk.receive(channel="online")
    await desk.done(case_no, "pre-check", precheck_passed=False)
    answer = await desk.do(case_no, "pre-check", precheck_passed=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "refused_by_law")


@pytest.mark.parametrize("channel", ["window", "terminal", "post"])
async def test_what_came_another_way_is_not_pre_checked(desk: Desk, channel: str) -> None:
    case_no = await desk.receive(channel=channel)
    answer = await desk.do(case_no, "pre-check", precheck_passed=True)
    assert answer.status_code == 422


async def test_it_says_what_is_wrong_without_an_answer(desk: Desk) -> None:
    case_no = await desk.receive(channel="online")
    answer = await desk.do(case_no, "pre-check")
    assert answer.json()["errors"][0]["pointer"] == "/precheck_passed"
