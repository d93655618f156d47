"""Commands that the law forbids are refused with the article; lawful ones beside them pass."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.service.approval.conftest import Desk
from tests.service.city import move_to

EXTEND = {
    "extension_length": 10,
    "approver_level": "office_head",
    "told_at": "2026-03-02T09:00:00+08:00",
}
JOINT = {"joint": True, "lead_office": "office-1"}


async def accepted(desk: Desk, **body: Any) -> str:
    case_no = await desk.receive(**body)
    await desk.done(case_no, "accept")
    return case_no


async def test_the_head_of_the_office_extends_by_ten_days(desk: Desk) -> None:
    case_no = await accepted(desk)
    shown = await desk.done(case_no, "extend", **EXTEND)
    # 30 working days after 2 March: ten after 30 March, without Qingming (4 to 6 April).
    assert shown["due"]["day"] == "2026-04-14"


@pytest.mark.parametrize(
    ("change", "article"),
    [
        ({"approver_level": "other"}, "行政许可法 42(1)"),
        ({"approver_level": "government_head"}, "行政许可法 42(1)"),
        ({"extension_length": 11}, "行政许可法 42(1)"),
    ],
)
async def test_an_extension_the_law_does_not_know_is_refused_with_the_article(
    desk: Desk, change: dict[str, Any], article: str
) -> None:
    case_no = await accepted(desk)
    answer = await desk.do(case_no, "extend", **EXTEND | change)
    assert answer.status_code == 422
    assert answer.json()["law"] == article, answer.text


async def test_a_joint_case_is_extended_by_the_head_of_the_government_alone(desk: Desk) -> None:
    case_no = await accepted(desk, **JOINT)
    by_office = await desk.do(case_no, "extend", **EXTEND)
    change = {"extension_length": 15, "approver_level": "government_head"}
    by_government = await desk.do(case_no, "extend", **EXTEND | change)
    assert (by_office.status_code, by_office.json()["law"]) == (422, "行政许可法 42(2)")
    assert by_government.status_code == 200


@pytest.mark.parametrize(("day", "status"), [(30, 200), (31, 422)])
async def test_an_extension_is_possible_up_to_the_due_day_and_not_after(
    desk: Desk, dsn: str, day: int, status: int
) -> None:
    case_no = await accepted(desk)
    await move_to(dsn, datetime(2026, 3, day, 15, 30, tzinfo=UTC))
    answer = await desk.do(case_no, "extend", **EXTEND)
    assert answer.status_code == status


async def test_a_limit_is_extended_only_once(desk: Desk) -> None:
    case_no = await accepted(desk)
    await desk.done(case_no, "extend", **EXTEND | {"extension_length": 5})
    answer = await desk.do(case_no, "extend", **EXTEND | {"extension_length": 5})
    assert answer.status_code == 422


async def test_a_public_service_has_no_limit_of_the_licensing_law_to_extend(desk: Desk) -> None:
    case_no = await accepted(desk, item_type="公共服务")
    answer = await desk.do(case_no, "extend", **EXTEND)
    assert answer.status_code == 422


async def test_a_second_supplement_notice_is_refused(desk: Desk) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "request-supplement", notice_no="N-1", materials=["M-1"])
    await desk.done(case_no, "receive-supplement", notice_no="N-1")
    answer = await desk.do(case_no, "request-supplement", notice_no="N-2", materials=["M-2"])
    assert (answer.status_code, answer.json()["law"]) == (422, "行政许可法 32(1)(4), 72(4)")


async def test_a_defective_supplement_may_be_asked_for_again(desk: Desk) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "request-supplement", notice_no="N-1", materials=["M-1"])
    await desk.done(case_no, "receive-supplement", notice_no="N-1")
    body = {"notice_no": "N-2", "materials": ["M-1"], "supplement_defective": True}
    answer = await desk.do(case_no, "request-supplement", **body)
    assert answer.status_code == 200


@pytest.mark.parametrize("missing", ["sealed", "dated"])
async def test_a_receipt_without_seal_or_date_is_refused(desk: Desk, missing: str) -> None:
    case_no = await accepted(desk)
    body = {"document_no": "R-1", "sealed": True, "dated": True, missing: False}
    answer = await desk.do(case_no, "issue-receipt", **body)
    assert (answer.status_code, answer.json()["law"]) == (422, "行政许可法 32(2)")


async def test_a_granted_licence_is_delivered_before_the_case_closes(desk: Desk) -> None:
    case_no = await accepted(desk)
    await desk.done(case_no, "decide", outcome="granted", delivers_document=True)
    answer = await desk.do(case_no, "close")
    assert (answer.status_code, answer.json()["law"]) == (422, "行政许可法 44")


async def test_a_pause_holds_the_due_date_and_its_days_do_not_count(desk: Desk, dsn: str) -> None:
    case_no = await accepted(desk)
    await move_to(dsn, datetime(2026, 3, 4, 2, tzinfo=UTC))
    paused = await desk.done(case_no, "pause", ground="hearing", notice_no="N-1")
    await move_to(dsn, datetime(2026, 3, 11, 2, tzinfo=UTC))
    resumed = await desk.done(case_no, "resume")
    # (4 March, 11 March] holds five working days. 30 March and five more: 31 March, 1, 2, 3 April
    # and, past Qingming (4 to 6 April), the 7th.
    assert (paused["due"], resumed["due"]["day"]) == (None, "2026-04-07")


async def test_a_refusal_speaks_the_callers_language(desk: Desk) -> None:
    desk.client.headers["Accept-Language"] = "en"
    case_no = await accepted(desk)
    answer = await desk.do(case_no, "extend", **EXTEND | {"extension_length": 11})
    assert "at most ten working days" in answer.json()["detail"]
    assert answer.json()["errors"][0]["message"].startswith("APV-011 ")
