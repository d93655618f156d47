"""Correcting an entry of the receipt: who may, until when, and what becomes of the dates."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from tests.service.approval.browser import APPROVER, STRANGER, WINDOW, Browser, accepted
from tests.service.approval.conftest import Desk
from tests.service.city import move_to
from tests.service.desk import events_of

WHY = {"reason_code": "typing_error", "reason": "张三的申请表看错了"}
SERVICE: dict[str, Any] = {"item_type": "公共服务"}


def dues(shown: dict[str, Any]) -> dict[str, str]:
    """Rule → last day."""
    return {row["rule"]: row["day"] for row in shown["deadlines"]}


async def facts(owner: Connection, case_no: str) -> dict[str, Any]:
    """What the last event of a case says."""
    return dict((await events_of(owner, f"case/{case_no}"))[-1].data)


async def test_a_licence_entered_as_a_service_gets_its_date_from_the_acceptance_on(
    desk: Desk, dsn: str
) -> None:
    case_no = await desk.receive(**SERVICE)
    before = await desk.done(case_no, "accept")
    await move_to(dsn, datetime(2026, 3, 10, 2, tzinfo=UTC))
    shown = await desk.done(case_no, "correct", item_type="行政许可", **WHY)

    assert dues(before) == {}
    # Twenty working days after Monday, 2 March 2026, no holiday between: Monday, 30 March.
    assert dues(shown) == {"APV-010": "2026-03-30"}
    assert shown["item_type"] == "行政许可"


async def test_a_licence_that_was_none_loses_its_date(desk: Desk, owner: Connection) -> None:
    case_no = await accepted(desk)
    shown = await desk.done(case_no, "correct", item_type="公共服务", **WHY)

    assert (dues(shown), shown["due"]) == ({}, None)
    assert await owner.fetchval('SELECT due_at FROM "case"') is None


async def test_a_promise_entered_by_mistake_is_taken_back(desk: Desk, owner: Connection) -> None:
    case_no = await desk.receive(promised_limit=5, promised_unit="working_day")
    before = await desk.done(case_no, "accept")
    shown = await desk.done(case_no, "correct", without_promise=True, **WHY)

    assert dues(before).keys() - dues(shown).keys() == {"APV-023"}
    assert (await facts(owner, case_no))["removed"] == ["promised_limit", "promised_unit"]


async def test_another_promise_moves_the_date(desk: Desk) -> None:
    case_no = await desk.receive(promised_limit=5, promised_unit="working_day")
    await desk.done(case_no, "accept")
    shown = await desk.done(case_no, "correct", promised_limit=3, **WHY)

    # Three working days after Monday, 2 March 2026.
    assert dues(shown)["APV-023"] == "2026-03-05"


async def test_while_paused_no_date_is_fixed_and_after_it_the_right_one(
    desk: Desk, dsn: str
) -> None:
    case_no = await accepted(desk, **SERVICE)
    await desk.done(case_no, "pause", ground="hearing", notice_no="N-1")
    held = await desk.done(case_no, "correct", item_type="行政许可", **WHY)
    shown = await desk.done(case_no, "resume")

    assert (dues(held), held["state"]) == ({}, "paused")
    assert dues(shown) == {"APV-010": "2026-03-30"}


async def test_the_event_says_what_was_wrong_and_no_word_of_why(
    desk: Desk, owner: Connection
) -> None:
    case_no = await desk.receive(channel="post")
    await desk.done(case_no, "correct", channel="window", item_type="行政许可", **WHY)

    assert await facts(owner, case_no) == {
        "corrects": 1,
        "reason_code": "typing_error",
        "removed": [],
        "channel": "window",
    }
    kept = await owner.fetchval("SELECT detail::text FROM audit WHERE action = 'correct'")
    assert "张三的申请表看错了" in kept
    assert '"channel": "post"' in kept
    everything = await owner.fetchval("SELECT string_agg(value::text, '') FROM outbox")
    assert "张三" not in everything


async def test_of_two_corrections_the_later_counts(desk: Desk) -> None:
    case_no = await accepted(desk)
    await desk.done(case_no, "correct", item_type="公共服务", **WHY)
    shown = await desk.done(case_no, "correct", item_type="行政许可", **WHY)

    assert dues(shown) == {"APV-010": "2026-03-30"}


async def test_a_correction_that_shows_an_earlier_step_in_a_new_light_is_taken_all_the_same(
    desk: Desk,
) -> None:
    case_no = await desk.receive(**SERVICE)
    for number in ("N-1", "N-2"):
        await desk.done(case_no, "request-supplement", notice_no=number, materials=["x"])
        await desk.done(case_no, "receive-supplement", notice_no=number)
    # Twice asked for a supplement: a licence may not (行政许可法 32), but so it was.
    answer = await desk.do(case_no, "correct", item_type="行政许可", **WHY)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, ""),
        ({"item_type": "行政许可"}, ""),
        ({"promised_limit": 5}, "/"),
        ({"limit_set_by_law": True}, "/"),
    ],
    ids=["nothing", "nothing-new", "limit-without-unit", "law-without-limit"],
)
async def test_what_can_not_stand_is_refused(
    desk: Desk, owner: Connection, said: dict[str, Any], pointer: str
) -> None:
    case_no = await desk.receive()
    answer = await desk.do(case_no, "correct", **said, **WHY)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert len(await events_of(owner, f"case/{case_no}")) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"received_on": "2026-03-01"},
        {"case_no": "990100-20260302-00000009"},
        {"joint": True},
        {"reason_code": "because"},
        {"reason": ""},
        {"item_type": "别的"},
        {"corrects": 2},
    ],
    ids=["day", "number", "joint", "code", "no-reason", "type", "another-event"],
)
async def test_nothing_else_of_a_receipt_is_corrected(desk: Desk, said: dict[str, Any]) -> None:
    case_no = await desk.receive()
    answer = await desk.do(case_no, "correct", **{**WHY, "channel": "online", **said})

    assert answer.status_code == 422


async def test_after_the_decision_nothing_is_corrected(desk: Desk) -> None:
    case_no = await accepted(desk)
    await desk.done(case_no, "decide", outcome="refused", delivers_document=False)
    answer = await desk.do(case_no, "correct", item_type="公共服务", **WHY)

    assert (answer.status_code, answer.json()["code"]) == (409, "step_not_possible")


@pytest.mark.parametrize(("actor", "status"), [(WINDOW, 303), (APPROVER, 403), (STRANGER, 404)])
async def test_only_the_windows_of_the_cases_office_correct(
    desk: Desk, browser: Browser, actor: Any, status: int
) -> None:
    case_no = await desk.receive()
    browser.actor = actor
    answer = await browser.send(
        f"/window/cases/{case_no}/correct", version="1", channel="online", **WHY
    )

    assert answer.status_code == status


async def test_the_history_shows_what_was_before_and_after(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive(channel="post", promised_limit=5, promised_unit="working_day")
    await browser.step(
        case_no, "correct", item_type="公共服务", channel="window", without_promise="true", **WHY
    )
    await browser.step(case_no, "correct", channel="online", **WHY)
    page = await browser.text(f"/window/cases/{case_no}")
    english = await browser.text(f"/window/cases/{case_no}", "en")

    assert "事项类型：行政许可 → 公共服务；收件渠道：邮寄 → 窗口；承诺时限：5 个工作日 → 无" in page
    assert "收件渠道：窗口 → 网上；录入笔误" in page
    assert "Promised limit: 5 working days → none" in english
    assert "张三" not in page


async def test_the_facts_of_the_page_are_the_right_ones(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive(promised_limit=5, promised_unit="working_day")
    await browser.step(case_no, "correct", without_promise="true", channel="online", **WHY)
    page = await browser.source(f"/window/cases/{case_no}")
    facts = page[page.index('class="facts"') : page.index("</dl>")]

    assert "网上" in facts
    assert "承诺时限" not in facts


async def catalogue(owner: Connection) -> None:
    """Two items: A-1, a licence with a promise of ten days, and B-2, a service with three."""
    await owner.execute("""
        INSERT INTO item_version (code, version, first_day, withdrawn, name, item_type, body,
            region, promised_limit, promised_unit, limit_set_by_law, immediate, details)
        VALUES ('A-1', 1, '2026-01-01', false, '小餐饮登记', '行政许可', 'office-1',
                '990100000000', 10, 'working_day', false, false, '{}'),
               ('B-2', 4, '2026-01-01', false, '社保查询', '公共服务', 'office-1',
                '990100000000', 3, 'working_day', false, false, '{}')""")


async def test_with_another_item_come_that_items_version_type_and_limits(
    desk: Desk, owner: Connection
) -> None:
    await catalogue(owner)
    case_no = await accepted(desk, item_code="A-1")
    shown = await desk.done(case_no, "correct", item_code="B-2", **WHY)

    assert (shown["item_code"], shown["item_version"], shown["item_type"]) == ("B-2", 4, "公共服务")
    assert dues(shown) == {"APV-023": "2026-03-05"}
    said = await facts(owner, case_no)
    assert (said["item_version"], said["promised_limit"]) == (4, 3)


@pytest.mark.parametrize(
    ("said", "pointer"),
    [({"item_code": "C-3"}, "/item_code"), ({"promised_limit": 30}, "/promised_limit")],
)
async def test_a_correction_does_not_contradict_the_catalogue(
    desk: Desk, owner: Connection, said: dict[str, Any], pointer: str
) -> None:
    await catalogue(owner)
    case_no = await accepted(desk, item_code="A-1")
    answer = await desk.do(case_no, "correct", **said, **WHY)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_stale_page_corrects_nothing(client: httpx.AsyncClient, desk: Desk) -> None:
    case_no = await desk.receive()
    answer = await client.post(
        f"/cases/{case_no}/correct", json={"channel": "online", **WHY}, headers={"If-Match": '"9"'}
    )

    assert answer.status_code == 412
