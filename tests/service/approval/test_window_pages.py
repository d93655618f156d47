"""The window console on a real database: what the first screen says, and what its forms do."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from fastapi import Request

from libs.common.db.engine import Connection
from libs.common.events.contracts.approval import CaseAccepted, CaseDecided
from libs.common.identity.actor import Actor
from libs.common.identity.pages import Account
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline
from services.approval.app import create_app
from services.approval.case.policy import TRANSITIONS
from services.approval.settings import Settings
from tests.service.approval.conftest import CLERK, Desk
from tests.service.city import move_to
from tests.service.desk import calling, events_of

TOKEN = "token-of-these-pages"  # noqa: S105
PAGES = Path(__file__).parents[3] / "services/approval/pages"
LANGUAGES = ("zh", "en")
WINDOW = Actor("post-1", "office-1", "990100", frozenset({"window"}))
APPROVER = Actor("post-2", "office-1", "990100", frozenset({"approver"}))
STRANGER = Actor("post-3", "office-2", "990100", frozenset({"window", "approver"}))
REGISTRAR = Actor("post-4", "office-1", "990100", frozenset({"registrar"}))


class Browser:
    """A browser at the window; `actor` is who sits before it."""

    def __init__(self, dsn: str, law: Fold) -> None:
        self.actor = CLERK
        self.app = create_app(Settings(dsn=dsn, pool_size=4), law=law, identify=self._identify)
        self.app.state.account = self._account
        self.client: httpx.AsyncClient

    async def _identify(self, request: Request) -> Actor:
        return self.actor

    async def _account(self, request: Request) -> Account:
        return Account(self.actor.post, TOKEN)

    async def get(self, address: str, language: str = "zh") -> httpx.Response:
        """A page."""
        headers = {"Accept": "text/html", "Cookie": f"lang={language}"}
        return await self.client.get(address, headers=headers)

    async def source(self, address: str, language: str = "zh") -> str:
        """The HTML of a page that must be there."""
        answer = await self.get(address, language)
        assert answer.status_code == 200, (address, answer.text[:800])
        return answer.text

    async def text(self, address: str, language: str = "zh") -> str:
        """A page's words, without its tags."""
        words = re.sub(r"<[^>]+>", " ", await self.source(address, language))
        return re.sub(r"\s+", " ", html.unescape(words))

    async def send(self, address: str, **form: str) -> httpx.Response:
        """The answer to a form of the page."""
        headers = {"Accept": "text/html", "Cookie": "lang=zh"}
        return await self.client.post(address, data={"csrf_token": TOKEN, **form}, headers=headers)

    async def step(self, case_no: str, action: str, **form: str) -> httpx.Response:
        """The answer to the form of a step, with the version that the page shows."""
        page = await self.source(f"/window/cases/{case_no}")
        found = re.search(r'name="version" value="(\d+)"', page)
        version = found[1] if found else "1"
        return await self.send(f"/window/cases/{case_no}/{action}", version=version, **form)

    async def offers(self, case_no: str) -> set[str]:
        """The steps for which the case's page has a form."""
        page = await self.source(f"/window/cases/{case_no}")
        return set(re.findall(rf'action="/window/cases/{case_no}/([a-z-]+)"', page))


@pytest.fixture
async def browser(dsn: str, law: Fold) -> AsyncIterator[Browser]:
    made = Browser(dsn, law)
    async with calling(made.app, "http://city.test") as caller:
        made.client = caller
        yield made


async def accepted(desk: Desk, **body: Any) -> str:
    case_no = await desk.receive(**body)
    await desk.done(case_no, "accept")
    return case_no


async def test_the_queue_says_how_many_working_days_each_case_has_left(
    desk: Desk, browser: Browser, dsn: str
) -> None:
    # Received on Monday 2 March 2026; promised in 3, 5 and 7 working days.
    late = await accepted(desk, promised_limit=3, promised_unit="working_day")
    due = await accepted(desk, promised_limit=4, promised_unit="working_day")
    later = await accepted(desk, promised_limit=6, promised_unit="working_day")
    await move_to(dsn, datetime(2026, 3, 6, 2, tzinfo=UTC))
    page = await browser.text("/window?list=running")
    assert re.search(f"超期 1 个工作日 {late} .*今天到期 {due} .*还剩 2 个工作日 {later} ", page)


async def test_the_queue_is_ordered_by_due_date_and_not_by_arrival(
    desk: Desk, browser: Browser
) -> None:
    slow = await accepted(desk, promised_limit=9, promised_unit="working_day")
    quick = await accepted(desk, promised_limit=2, promised_unit="working_day")
    page = await browser.text("/window?list=running")
    assert page.index(quick) < page.index(slow)


async def test_a_page_of_the_queue_goes_on_where_the_one_before_ended(
    desk: Desk, browser: Browser
) -> None:
    numbers = [
        await accepted(desk, promised_limit=days, promised_unit="working_day")
        for days in (4, 2, 2, 8)
    ]
    address, seen = "/window?list=running&limit=3", []
    while address:
        page = await browser.source(address)
        seen += re.findall(r'href="/window/cases/([0-9-]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = html.unescape(following[1]) if following else ""
    assert seen == [numbers[1], numbers[2], numbers[0], numbers[3]]


@pytest.mark.parametrize(
    ("near", "shown"), [("overdue", "late"), ("today", "due"), ("soon", "due later")]
)
async def test_a_filter_by_due_day_shows_only_those(
    desk: Desk, browser: Browser, dsn: str, near: str, shown: str
) -> None:
    numbers = {
        name: await accepted(desk, promised_limit=days, promised_unit="working_day")
        for name, days in (("late", 3), ("due", 4), ("later", 6), ("far", 12))
    }
    await move_to(dsn, datetime(2026, 3, 6, 2, tzinfo=UTC))
    page = await browser.text(f"/window?due={near}")
    assert {name for name, number in numbers.items() if number in page} == set(shown.split())


async def test_what_waits_and_what_is_new_stand_apart(desk: Desk, browser: Browser) -> None:
    new = await desk.receive()
    supplementing = await desk.receive()
    await desk.done(supplementing, "request-supplement", notice_no="N-1", materials=["M-1"])
    paused = await accepted(desk)
    await desk.done(paused, "pause", ground="hearing", notice_no="N-2")
    page = await browser.text("/window")
    arrivals, rest = page.split("新收件，待受理")[-1].split("等待申请人或法定程序", 1)
    # Five working days to ask for what is missing (行政许可法 32): Monday 9 March.
    assert new in arrivals
    assert "2026-03-09 周一" in arrivals
    assert (supplementing in rest, paused in rest, paused in arrivals) == (True, True, False)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_empty_queue_says_what_would_stand_there(browser: Browser, language: str) -> None:
    words = {
        "zh": ("没有待受理的新收件", "受理后的办件列在这里，最早到期的在前"),
        "en": ("No new application waits", "Accepted cases stand here, soonest due first"),
    }
    page = await browser.text("/window", language)
    assert all(word in page for word in words[language])


async def test_a_search_finds_part_of_a_number_and_an_item(desk: Desk, browser: Browser) -> None:
    first = await desk.receive(item_code="A-1")
    second = await desk.receive(item_code="B-9")
    by_number = await browser.text("/window?q=00000001")
    by_item = await browser.text("/window?q=B-9")
    assert (first in by_number, second in by_number) == (True, False)
    assert (first in by_item, second in by_item) == (False, True)


async def test_a_search_for_a_whole_number_leads_to_the_case(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    answer = await browser.get(f"/window?q={case_no}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/window/cases/{case_no}")


async def test_a_search_keeps_to_the_office(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    browser.actor = STRANGER
    page = await browser.text(f"/window?q={case_no}")
    assert "本单位没有与" in page


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
    assert await browser.offers(case_no) == expected - held


async def test_a_step_says_what_it_does_to_the_clock(desk: Desk, browser: Browser) -> None:
    case_no = await accepted(desk)
    assert "暂停计时，需法定事由和书面通知" in await browser.text(f"/window/cases/{case_no}")


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


async def test_a_post_without_cases_sees_none(browser: Browser) -> None:
    browser.actor = REGISTRAR
    assert (await browser.get("/window")).status_code == 403


async def test_only_a_window_takes_applications_in(browser: Browser) -> None:
    browser.actor = APPROVER
    form = await browser.get("/window/new")
    sent = await browser.send(
        "/window/new", item_code="A-1", item_type="行政许可", channel="window"
    )
    assert (form.status_code, sent.status_code) == (403, 403)


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


async def test_the_catalogue_fills_in_what_it_knows_of_an_item(
    browser: Browser, owner: Connection
) -> None:
    await owner.execute("""
        INSERT INTO item_version (code, version, first_day, withdrawn, name, item_type, body,
            region, promised_limit, promised_unit, limit_set_by_law, immediate,
            delivers_document, details)
        VALUES ('C7', 1, '2026-01-01', false, '小餐饮登记', '行政确认', 'office-1',
            '990100000000', 4, 'working_day', false, true, false, '{}')""")
    page = await browser.source("/window/new?item=C7")
    assert "小餐饮登记" in page
    assert '<option value="行政确认" selected>' in page
    assert re.search(r'name="promised_limit" type="number" value="4"', page)
    assert re.search(r'name="immediate" value="true" checked', page)


async def test_the_notice_prints_the_date_that_the_events_give(
    desk: Desk, browser: Browser, owner: Connection, law: Fold
) -> None:
    case_no = await accepted(desk, promised_limit=7, promised_unit="working_day")
    events = await events_of(owner, f"case/{case_no}")
    dues = sorted(
        row.reading.due
        for row in law.judged(law.fold(events), events[-1].recordedtime)
        if isinstance(row.rule, Deadline) and row.reading is not None and row.reading.due
        if CaseAccepted.event_type in row.rule.start and CaseDecided.event_type in row.rule.stop
        if any(stage.remind is None for stage in row.rule.stages)
    )
    page = await browser.text(f"/window/cases/{case_no}/receipt")
    assert len(dues) > 0
    assert f"到期日 {dues[0]}" in page
    assert all(str(due) in page for due in dues)


async def test_the_notice_says_article_and_what_does_not_count(
    desk: Desk, browser: Browser
) -> None:
    case_no = await accepted(desk)
    await desk.done(case_no, "issue-receipt", document_no="SL-77", sealed=True, dated=True)
    page = await browser.text(f"/window/cases/{case_no}/receipt")
    # 20 working days after Monday 2 March 2026.
    for words in (
        "受理通知书",
        "SL-77",
        case_no,
        "受理日期 2026-03-02 周一",
        "到期日 2026-03-30 周一",
        "听证、招标、拍卖、检验、检测、检疫、鉴定、专家评审",
        "《行政许可法》第 45 条",
        "《行政许可法》第 42(1) 条",
        "日期 2026-03-02 周一",
    ):
        assert words in page


async def test_a_paused_case_prints_no_due_date(desk: Desk, browser: Browser) -> None:
    case_no = await accepted(desk)
    await desk.done(case_no, "pause", ground="testing", notice_no="N-1")
    page = await browser.text(f"/window/cases/{case_no}/receipt")
    assert "目前因检测暂停计时" in page
    assert "2026-03-30" not in page


async def test_a_refusal_prints_ground_and_remedy(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "refuse", ground="not-in-competence", remedy="reconsideration")
    page = await browser.text(f"/window/cases/{case_no}/receipt")
    for words in ("不予受理通知书", "不属于本机关职权范围", "行政复议", "六十日"):
        assert words in page


async def test_there_is_no_notice_before_the_application_is_answered(
    desk: Desk, browser: Browser
) -> None:
    case_no = await desk.receive()
    answer = await browser.get(f"/window/cases/{case_no}/receipt")
    assert answer.status_code == 404
    assert "还没有通知书" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pdf_says_the_words_of_the_page(
    desk: Desk, browser: Browser, language: str
) -> None:
    case_no = await accepted(desk)
    answer = await browser.get(f"/window/cases/{case_no}/receipt.pdf", language)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    title = {"zh": "受理通知书", "en": "Notice of acceptance"}[language]
    shown = printed(answer.content)
    for words in (case_no, "2026-03-30", title):
        assert words in shown


def printed(content: bytes) -> str:
    """The text of an uncompressed PDF whose font takes UCS-2 (UniGB-UCS2-H)."""
    found = []
    for shown in re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", content, re.DOTALL):
        raw = re.sub(
            rb"\\(?:([0-7]{3})|(.))",
            lambda part: bytes([int(part[1], 8)]) if part[1] else _escaped(part[2]),
            shown,
            flags=re.DOTALL,
        )
        found.append(raw.decode("utf-16-be"))
    return "".join(found)


def _escaped(sign: bytes) -> bytes:
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}.get(sign, sign)


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


def test_no_page_speaks_a_verdict() -> None:
    verdicts = re.compile(
        "违法|违规|违纪|渎职|失职|舞弊|腐败|guilty|illegal|violat|corrupt|offence"
    )
    files = [*PAGES.glob("words/*.yaml"), *PAGES.glob("templates/*.html")]
    assert len(files) > 6
    assert [path.name for path in files if verdicts.search(path.read_text(encoding="utf-8"))] == []


def test_every_step_of_the_table_has_its_words() -> None:
    tree = yaml.safe_load((PAGES / "words/pages.yaml").read_text(encoding="utf-8"))
    steps = {line.action for line in TRANSITIONS}
    assert steps - set(tree["act"]) == set()
    assert steps - {"receive"} - set(tree["act_note"]) == set()
    states = {str(line.to) for line in TRANSITIONS if line.to}
    assert states - set(tree["state"]) == set()
    assert states - set(tree["sentence"]) == set()
