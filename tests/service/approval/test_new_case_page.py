"""Taking an application in by the form."""

import asyncio
import re

from libs.common.db.engine import Connection
from tests.service.approval.browser import (
    APPROVER,
    Browser,
)


async def test_only_a_window_takes_applications_in(browser: Browser) -> None:
    browser.actor = APPROVER
    form = await browser.get("/window/new")
    sent = await browser.send(
        "/window/new", item_code="A-1", item_type="行政许可", channel="window"
    )
    assert (form.status_code, sent.status_code) == (403, 403)


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
    assert re.search(r"<dt>事项</dt><dd>小餐饮登记 .*C7", page)
    assert re.search(r"承诺时限</dt><dd>4 个工作日", page)
    assert re.search(r"即办件</dt><dd>是", page)
    # What is given is not asked again.
    assert re.search(r'name="(item_type|promised_limit|immediate)"', page) is None


FORM = {"item_code": "A-1", "item_type": "行政许可", "channel": "window"}


async def form_key(browser: Browser) -> str:
    found = re.search(
        r'name="form_key" value="([0-9a-f-]{36})"', await browser.source("/window/new")
    )
    assert found is not None
    return found[1]


async def test_a_form_sent_twice_makes_one_case(browser: Browser, owner: Connection) -> None:
    key = await form_key(browser)
    answers = await asyncio.gather(
        *(browser.send("/window/new", form_key=key, **FORM) for _ in range(3))
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await owner.fetchval('SELECT count(*) FROM "case"') == 1


async def test_a_form_sent_again_with_other_values_is_told_so(browser: Browser) -> None:
    key = await form_key(browser)
    await browser.send("/window/new", form_key=key, **FORM)
    again = await browser.send("/window/new", form_key=key, **{**FORM, "item_code": "B-1"})
    assert again.status_code == 409
    assert "这张表单已经提交过" in again.text


async def test_a_form_that_was_refused_can_be_mended_and_sent(browser: Browser) -> None:
    key = await form_key(browser)
    wrong = await browser.send("/window/new", form_key=key, **{**FORM, "channel": "pigeon"})
    right = await browser.send("/window/new", form_key=key, **FORM)
    assert (wrong.status_code, right.status_code) == (422, 303)


async def test_two_pages_make_two_cases(browser: Browser, owner: Connection) -> None:
    for _ in range(2):
        await browser.send("/window/new", form_key=await form_key(browser), **FORM)
    assert await owner.fetchval('SELECT count(*) FROM "case"') == 2


async def test_the_form_takes_the_applicant_in(browser: Browser, owner: Connection) -> None:
    who = {"applicant.kind": "organisation", "applicant.name": "阳光市测试餐饮有限公司"}
    made = await browser.send("/window/new", **FORM, **who)
    case_page = await browser.text(made.headers["location"])
    assert await owner.fetchval("SELECT name FROM applicant") == who["applicant.name"]
    assert who["applicant.name"] in case_page
    assert "查询码" in case_page
