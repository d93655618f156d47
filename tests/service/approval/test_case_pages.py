"""The page of one case: only allowed steps, what each does, and what its forms do."""

import re
from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor
from services.approval.case.policy import TRANSITIONS
from tests.service.approval.browser import APPROVER, LANGUAGES, STRANGER, WINDOW, Browser, accepted
from tests.service.approval.conftest import CLERK, Desk
from tests.service.desk import events_of


@pytest.mark.parametrize("actor", [WINDOW, APPROVER, CLERK])
@pytest.mark.parametrize("steps", [(), ("accept",), ("accept", "pause"), ("refuse",)])
async def test_only_steps_that_the_table_allows_the_post_are_offered(
    desk: Desk, browser: Browser, actor: Actor, steps: tuple[str, ...]
) -> None:
    said = {
        "pause": {"ground": "hearing", "notice_no": "N-1"},
        "refuse": {"ground": "not-ours", "remedy": "review"},
    }
    case_no = await desk.receive()
    state = "received"
    for step in steps:
        state = (await desk.done(case_no, step, **said.get(step, {})))["state"]
    browser.actor = actor
    expected = {
        line.action for line in TRANSITIONS if state in line.sources and line.who & actor.duties
    }
    # A refusal is closed only once its receipt is out: the page says so and has no form for it.
    held = {"close"} if state == "refused" else set()
    # A step of the flow ends where one runs.
    held |= {"end-step"}
    # Materials that were tolerated as missing are complete when the last one is taken in.
    held |= {"complete-materials"}
    # What came to the window is not pre-checked.
    held |= {"pre-check"}
    assert await browser.offers(case_no) == expected - held


async def test_a_step_says_what_it_does_to_the_clock(desk: Desk, browser: Browser) -> None:
    case_no = await accepted(desk)
    assert "暂停计时，需法定事由和书面通知" in await browser.text(f"/window/cases/{case_no}")


@pytest.mark.parametrize(("language", "label"), [("zh", "事项"), ("en", "Item")])
async def test_the_item_of_a_case_stands_under_its_own_name(
    desk: Desk, browser: Browser, language: str, label: str
) -> None:
    page = await browser.source(f"/window/cases/{await desk.receive()}", language)
    assert re.search(rf"<dt>{label}</dt><dd>.*A-1", page)


async def test_a_refusal_can_not_be_filed_before_its_receipt_and_the_page_says_why(
    desk: Desk, browser: Browser
) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "refuse", ground="not-ours", remedy="review")
    page = await browser.text(f"/window/cases/{case_no}")
    assert "行政许可法 32(2)" in page


async def test_a_form_takes_a_case_from_arrival_to_decision(
    browser: Browser, owner: Connection
) -> None:
    made = await browser.send(
        "/window/new",
        item_code="A-1",
        item_type="行政许可",
        channel="window",
        promised_limit="7",
        promised_unit="working_day",
        delivers_document="true",
    )
    assert made.status_code == 303, made.text
    case_no = made.headers["location"].rsplit("/", 1)[1]
    steps: list[tuple[str, dict[str, str]]] = [
        ("request-supplement", {"notice_no": "N-1", "materials": "平面图\r\n健康证明\r\n"}),
        ("receive-supplement", {"notice_no": "N-1"}),
        ("accept", {}),
        ("issue-receipt", {"document_no": "R-1", "sealed": "true", "dated": "true"}),
        ("pause", {"ground": "testing", "notice_no": "N-2"}),
        ("resume", {}),
        (
            "extend",
            {
                "extension_length": "5",
                "approver_level": "office_head",
                "told_at": "2026-03-02T08:00",
            },
        ),
        ("decide", {"outcome": "granted", "delivers_document": "true", "licence_no": "L-1"}),
    ]
    for action, form in steps:
        answer = await browser.step(case_no, action, **form)
        assert answer.status_code == 303, (action, answer.text)
        assert answer.headers["location"] == f"/window/cases/{case_no}"
    events = await events_of(owner, f"case/{case_no}")
    assert events[1].data["materials"] == ["平面图", "健康证明"]
    assert events[7].data["told_at"].startswith("2026-03-02T08:00:00+08:00")
    assert events[-1].data == {"outcome": "granted", "delivers_document": True, "licence_no": "L-1"}
    assert "已作出决定：准予" in await browser.text(f"/window/cases/{case_no}")


async def test_a_stale_page_is_refused(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "accept")
    answer = await browser.send(f"/window/cases/{case_no}/withdraw", version="1")
    assert answer.status_code == 412
    assert "内容已被他人更新" in answer.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"version": "x"}, "缺少页面的版本号"),
        ({"version": "2", "notice_no": "N-1", "ground": "holiday"}, "/ground"),
        ({"version": "2", "ground": "hearing"}, "/notice_no"),
        ({"version": "2", "ground": "hearing", "notice_no": "N", "colour": "red"}, "/colour"),
    ],
)
async def test_a_wrong_value_is_named(
    desk: Desk, browser: Browser, form: dict[str, str], said: str
) -> None:
    case_no = await accepted(desk)
    answer = await browser.send(f"/window/cases/{case_no}/pause", **form)
    assert (answer.status_code, said in answer.text) == (422, True)


async def test_a_refusal_by_law_names_the_article(desk: Desk, browser: Browser) -> None:
    case_no = await accepted(desk)
    answer = await browser.step(
        case_no,
        "extend",
        extension_length="30",
        approver_level="office_head",
        told_at="2026-03-02T08:00",
    )
    assert answer.status_code == 422
    assert "依据: 行政许可法 42(1)" in answer.text


async def test_a_case_of_another_office_is_not_there(desk: Desk, browser: Browser) -> None:
    case_no = await accepted(desk)
    browser.actor = STRANGER
    pages = [
        await browser.get(f"/window/cases/{case_no}{part}")
        for part in ("", "/receipt", "/receipt.pdf")
    ]
    step = await browser.send(f"/window/cases/{case_no}/withdraw", version="2")
    assert [answer.status_code for answer in [*pages, step]] == [404] * 4


@pytest.mark.parametrize("address", ["/window/new", "/window/cases/{}/accept"])
@pytest.mark.parametrize("token", [None, "another"])
async def test_a_form_that_is_not_of_our_pages_is_refused(
    desk: Desk, browser: Browser, owner: Connection, address: str, token: str | None
) -> None:
    case_no = await desk.receive()
    form = {"version": "1", "item_code": "A-1", "item_type": "行政许可", "channel": "window"}
    sent = form if token is None else {**form, "csrf_token": token}
    answer = await browser.client.post(address.format(case_no), data=sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")
    assert await owner.fetchval("SELECT count(*) FROM outbox") == 1


async def test_a_form_without_an_account_is_refused(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    del browser.app.state.account
    answer = await browser.send(f"/window/cases/{case_no}/accept", version="1", csrf_token="")
    assert answer.status_code == 403


async def test_what_is_typed_in_is_never_taken_as_markup(desk: Desk, browser: Browser) -> None:
    script = "<script>alert(1)</script>&\"'"
    case_no = await desk.receive(item_code=script)
    await browser.step(case_no, "refuse", ground=script, remedy=script)
    for address in (
        f"/window/cases/{case_no}",
        f"/window/cases/{case_no}/receipt",
        "/window?list=finish",
        f"/window?q={script}",
        f"/window/new?item={script}",
    ):
        page = await browser.source(str(httpx.URL(address)))
        assert "<script" not in page, address
        assert "&lt;script&gt;" in page, address
    assert (await browser.get(f"/window/cases/{case_no}/receipt.pdf")).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_state_has_its_sentence_and_words(
    desk: Desk, browser: Browser, language: str
) -> None:
    lives: list[list[tuple[str, dict[str, Any]]]] = [
        [],
        [("request-supplement", {"notice_no": "N", "materials": ["M"]})],
        [("accept", {}), ("pause", {"ground": "hearing", "notice_no": "N"})],
        [("accept", {}), ("decide", {"outcome": "granted", "delivers_document": True})],
        [("accept", {}), ("decide", {"outcome": "refused", "delivers_document": False})],
        [
            ("accept", {}),
            ("decide", {"outcome": "granted", "delivers_document": True}),
            ("deliver", {}),
        ],
        [("withdraw", {}), ("close", {})],
    ]
    for steps in lives:
        case_no = await desk.receive()
        for action, body in steps:
            await desk.done(case_no, action, **body)
        page = await browser.text(f"/window/cases/{case_no}", language)
        assert case_no in page
        await browser.text("/window", language)
