"""The notice of acceptance or refusal, on screen and as PDF."""

import re

import pytest

from libs.common.db.engine import Connection
from libs.common.events.contracts.approval import CaseAccepted, CaseDecided
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline
from tests.service.approval.browser import (
    LANGUAGES,
    Browser,
    accepted,
)
from tests.service.approval.conftest import Desk
from tests.service.desk import events_of


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
