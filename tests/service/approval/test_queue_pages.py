"""The queue of the window: what is first, what waits, what a search finds."""

import html
import re
from datetime import UTC, datetime

import pytest

from libs.common.db.engine import Connection
from tests.service.approval.browser import (
    LANGUAGES,
    REGISTRAR,
    STRANGER,
    Browser,
    accepted,
)
from tests.service.approval.conftest import Desk
from tests.service.city import move_to


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
    assert "没有与" in page
    assert "/window/cases/" not in await browser.source(f"/window?q={case_no}")


async def test_a_post_without_cases_sees_none(browser: Browser) -> None:
    browser.actor = REGISTRAR
    assert (await browser.get("/window")).status_code == 403


async def test_the_queue_calls_an_office_of_the_organisation_by_its_name(
    browser: Browser, owner: Connection
) -> None:
    await owner.execute("""
        INSERT INTO body (code, version, name, region, level, office_hours, first_day)
        VALUES ('office-1', 1, '阳光市审批局', '990100000000', 'city', '[]', '2026-01-01')""")
    assert "阳光市审批局 office-1 截至" in await browser.text("/window")
