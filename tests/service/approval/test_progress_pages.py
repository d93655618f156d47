"""The applicant's own pages: a form, and how the case stands, without a login or JavaScript."""

import re
from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from tests.service.approval.browser import LANGUAGES, Browser
from tests.service.approval.conftest import LICENCE, Desk
from tests.service.approval.test_applicants import NAME, NUMBER, PERSON, PHONE


class Visitor:
    """Somebody with a browser of their own, who is not signed in."""

    def __init__(self, browser: Browser) -> None:
        self.client = browser.client

    async def sends(self, case_no: str, code: str) -> httpx.Response:
        """The answer to the form."""
        form = {"case_no": case_no, "query_code": code}
        return await self.client.post("/cases", data=form, headers={"Accept": "text/html"})

    async def words(self, case_no: str, language: str = "zh") -> str:
        """The words of the case's page."""
        headers = {"Accept": "text/html", "Accept-Language": language}
        page = await self.client.get(f"/cases/{case_no}", headers=headers)
        assert page.status_code == 200, page.text
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.fixture
def visitor(browser: Browser) -> Visitor:
    return Visitor(browser)


async def received(desk: Desk, **body: Any) -> tuple[str, str]:
    answer = await desk.client.post("/cases", json={**LICENCE, **body})
    told = answer.json()
    desk.tags[told["case_no"]] = answer.headers["ETag"]
    return told["case_no"], told["query_code"]


async def test_the_form_leads_to_the_case_and_keeps_the_code_out_of_the_address(
    desk: Desk, visitor: Visitor
) -> None:
    case_no, code = await received(desk)
    answer = await visitor.sends(case_no, code)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case_no}")
    for part in (f"Path=/cases/{case_no}", "HttpOnly", "SameSite=strict"):
        assert part in cookie


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_says_by_which_day_and_why(
    desk: Desk, visitor: Visitor, language: str
) -> None:
    case_no, code = await received(desk)
    await desk.done(case_no, "accept")
    await visitor.sends(case_no, code)
    page = await visitor.words(case_no, language)
    # 20 working days after Monday 2 March 2026, none of them a holiday (行政许可法 42).
    weekday, article = {"zh": ("周一", "《行政许可法》第 42(1) 条"), "en": ("Mon", "art. 42(1)")}[
        language
    ]
    assert f"2026-03-30 {weekday}" in page
    assert article in page
    assert {"zh": "第 20 个工作日", "en": "20 working days"}[language] in page


async def test_a_paused_case_says_why_there_is_no_date(desk: Desk, visitor: Visitor) -> None:
    case_no, code = await received(desk)
    await desk.done(case_no, "accept")
    await desk.done(case_no, "pause", ground="testing", notice_no="N-1")
    await visitor.sends(case_no, code)
    page = await visitor.words(case_no)
    assert "起因检测暂停计时" in page
    assert "共 20 个工作日；目前暂停计时，恢复后确定到期日" in page
    assert "2026-03-30" not in page


async def test_the_page_shows_what_comes_next(desk: Desk, visitor: Visitor) -> None:
    case_no, code = await received(desk, delivers_document=True)
    await visitor.sends(case_no, code)
    page = await visitor.words(case_no)
    # Five days to accept, refuse or ask for more (行政许可法 32): Monday 9 March.
    assert re.search(
        "收件 .*审查材料，决定是否受理 最晚 2026-03-09 周一 .*作出决定 .*颁发、送达证件", page
    )


async def test_the_page_names_the_office_with_its_telephone_and_address(
    desk: Desk, visitor: Visitor, owner: Connection
) -> None:
    await owner.execute("""
        INSERT INTO body (code, version, name, region, level, office_hours, first_day, telephone,
            address) VALUES ('office-1', 1, '阳光市审批局', '990100000000', 'city', '[]',
            '2026-01-01', '010-5550 0000', '阳光路 1 号')""")
    case_no, code = await received(desk)
    await visitor.sends(case_no, code)
    page = await visitor.words(case_no)
    assert "请致电 阳光市审批局：010-5550 0000" in page
    assert "阳光路 1 号" in page


async def test_the_page_never_says_who_applied(desk: Desk, visitor: Visitor) -> None:
    case_no, code = await received(desk, applicant=PERSON)
    await visitor.sends(case_no, code)
    page = (await visitor.client.get(f"/cases/{case_no}")).text
    assert [word for word in (NAME, NAME[0] + "*", NUMBER, PHONE, code) if word in page] == []


async def test_without_the_code_there_is_the_form_and_nothing_of_the_case(
    desk: Desk, visitor: Visitor
) -> None:
    case_no, _ = await received(desk)
    known = await visitor.client.get(f"/cases/{case_no}")
    absent = await visitor.client.get("/cases/990100-20260302-99999999")
    same = known.text.replace(case_no, "-") == absent.text.replace("990100-20260302-99999999", "-")
    assert (known.status_code, absent.status_code, same) == (200, 200, True)


async def test_a_wrong_code_gets_the_form_with_what_to_do(desk: Desk, visitor: Visitor) -> None:
    case_no, _ = await received(desk)
    answer = await visitor.sends(case_no, "22222222")
    assert answer.status_code == 404
    assert "没有这个办件,或查询码不对" in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_closed_number_says_when_to_come_again(desk: Desk, visitor: Visitor) -> None:
    case_no, code = await received(desk)
    for _ in range(10):
        await visitor.sends(case_no, "22222222")
    answer = await visitor.sends(case_no, code)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
    assert "请一小时后再试" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_state_has_its_sentence(desk: Desk, visitor: Visitor, language: str) -> None:
    granted = {"outcome": "granted", "delivers_document": True}
    lives: list[list[tuple[str, dict[str, Any]]]] = [
        [("request-supplement", {"notice_no": "N", "materials": ["M"]})],
        [("refuse", {"ground": "not-in-competence", "remedy": "reconsideration"})],
        [("accept", {}), ("decide", granted)],
        [("accept", {}), ("decide", granted), ("deliver", {}), ("close", {})],
        [("accept", {}), ("start-step", {"step": "审查"}), ("end-step", {"step": "审查"})],
        [("withdraw", {})],
    ]
    for steps in lives:
        case_no, code = await received(desk)
        for action, body in steps:
            await desk.done(case_no, action, **body)
        await visitor.sends(case_no, code)
        assert case_no in await visitor.words(case_no, language)


async def test_the_notice_prints_applicant_and_query_code(desk: Desk, browser: Browser) -> None:
    case_no, code = await received(desk, applicant=PERSON)
    await desk.done(case_no, "accept")
    page = await browser.text(f"/window/cases/{case_no}/receipt")
    pdf = await browser.get(f"/window/cases/{case_no}/receipt.pdf")
    assert f"申请人 {NAME} ({NUMBER[0]}" in page
    assert f"查询码 {code[:4]}-{code[4:]}" in page
    assert NUMBER not in page
    assert pdf.status_code == 200
