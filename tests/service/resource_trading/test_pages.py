"""The trading hall's pages: the list, bids, lots, what every page must never do."""

import re
from datetime import datetime
from typing import Any

import httpx
import pytest
import yaml

from libs.common.db.engine import Connection
from tests.service.city import move_to
from tests.service.resource_trading.conftest import PUBLICITY, Hall
from tests.service.resource_trading.looking import (
    LANGUAGES,
    PAGES,
    opened,
    page,
    panel,
    words,
)
from tests.service.resource_trading.test_tender_life import OPENING, PUBLICITY_OVER, to_notice


async def test_the_empty_list_says_what_would_stand_there(site: httpx.AsyncClient) -> None:
    text = words(await page(site, "/trading?lang=zh"))
    assert "本地区还没有招标项目" in text
    assert "招标文件发出后" in text


async def test_the_list_shows_stage_and_next_date(hall: Hall, site: httpx.AsyncClient) -> None:
    await hall.publish()
    text = words(await page(site, "/trading?lang=zh"))
    row = text[text.index("T-2026-1") :]
    # Published at 09:00 on 2 March: the sale of documents ends first, on the 9th at 17:00.
    assert row.index("招标中") < row.index("招标文件停止发售 2026-03-09 周一 17:00")


async def test_the_next_date_after_the_notice_is_the_earliest_due_day(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    await to_notice(hall, dsn, await hall.publish())
    text = words(await page(site, "/trading?lang=zh"))
    # Report within 15 days of 27 March (招标投标法 47): 11 April is a Saturday, so Monday the 13th.
    assert "定标后十五日内书面报告 2026-04-13 周一" in text


async def test_a_filter_leaves_tenders_of_one_stage(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    await hall.publish("T-2026-1")
    await hall.done(await hall.publish("T-2026-2"), "terminate", ground="no-need")
    ended = await page(site, "/trading?state=terminated")
    opened = await page(site, "/trading?state=opened&lang=zh")
    assert ("T-2026-2" in ended, "T-2026-1" in ended) == (True, False)
    assert "没有处于这一阶段的项目" in opened


async def test_pages_of_the_list_follow_each_other(hall: Hall, site: httpx.AsyncClient) -> None:
    for number in range(1, 4):
        await hall.publish(f"T-2026-{number}")
    address: str | None = "/trading?limit=2"
    seen: list[str] = []
    while address:
        html = await page(site, address)
        seen += re.findall(r'href="/trading/tenders/([^"?]+)"', html)
        found = re.search(r'href="([^"]+)" rel="next"', html)
        address = found[1].replace("&amp;", "&") if found else None
    assert seen == ["T-2026-1", "T-2026-2", "T-2026-3"]


async def test_an_unknown_stage_is_refused(site: httpx.AsyncClient) -> None:
    assert (await site.get("/trading?state=somewhere")).status_code == 422


async def test_lots_lead_to_each_other(hall: Hall, site: httpx.AsyncClient) -> None:
    for ref in ("T-2026-1~L1", "T-2026-1~L2", "T-2026-2~L1"):
        await hall.publish(ref)
    html = await page(site, "/trading/tenders/T-2026-1~L1")
    assert re.findall(r'href="(/trading/tenders/[^"?]+)"', html) == ["/trading/tenders/T-2026-1~L2"]


async def test_award_and_contract_are_shown(hall: Hall, site: httpx.AsyncClient, dsn: str) -> None:
    ref = await hall.publish()
    await to_notice(hall, dsn, ref)
    await hall.done(ref, "sign-contract", contract_price=10_000_000_00, performance_bond=10**8)
    text = await panel(site, ref, "award")
    for said in ("P-2", "10,500,000.00 元", "中标人 P-1", "履约保证金 1,000,000.00 元"):
        assert said in text


async def test_what_came_from_outside_is_never_taken_as_markup(
    hall: Hall, site: httpx.AsyncClient, dsn: str, owner: Connection
) -> None:
    evil = "<script>alert(1)</script>"
    ref = await opened(hall, dsn, owner)
    await hall.done(ref, "evaluate")
    await hall.done(ref, "publicise-candidates", **PUBLICITY)
    await move_to(dsn, PUBLICITY_OVER)
    await hall.done(ref, "decide", winner="P-1", award_price=1)
    await owner.execute("UPDATE award SET winner = $1", evil)
    await owner.execute("UPDATE bid SET bidder = $1, ground = $1, result = 'rejected'", evil)
    await owner.execute("UPDATE tender SET kind = $1, office = $1", evil)
    for address in ("/trading", f"/trading/tenders/{ref}"):
        html = await page(site, address)
        assert evil not in html
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_stage_of_a_tender_has_its_pages(
    hall: Hall, site: httpx.AsyncClient, dsn: str, language: str
) -> None:
    ref = await hall.publish(estimated_price=10_000_000_00, bid_bond=100_000_00)
    address = f"/trading/tenders/{ref}?lang={language}"
    steps: list[tuple[datetime | None, str, dict[str, Any]]] = [
        (None, "clarify", {"affects_preparation": True}),
        (OPENING, "open", {"bids": 5}),
        (None, "evaluate", {}),
        (None, "publicise-candidates", PUBLICITY),
        (PUBLICITY_OVER, "decide", {"winner": "P-1", "award_price": 10**9}),
        (None, "issue-notice", {}),
        (None, "report", {}),
        (None, "sign-contract", {"contract_price": 10**9}),
        (None, "refund-bonds", {}),
    ]
    for instant, action, body in steps:
        if instant:
            await move_to(dsn, instant)
        await page(site, address)
        await page(site, f"/trading?lang={language}")
        await hall.done(ref, action, **body)
    last = words(await page(site, address))
    assert {"zh": "没有待到的日期", "en": "no date is waiting"}[language] in last


def test_no_page_speaks_a_verdict() -> None:
    verdicts = re.compile(
        "违法|违规|违纪|渎职|失职|舞弊|串标|围标|腐败|guilty|illegal|violat|corrupt|collu|offence"
    )
    files = [*PAGES.glob("words/*.yaml"), *PAGES.glob("templates/**/*.html")]
    assert len(files) > 8
    assert [path.name for path in files if verdicts.search(path.read_text(encoding="utf-8"))] == []


def test_no_page_has_inline_script_or_style() -> None:
    inline = re.compile(r"<script|<style|\sstyle=|\son[a-z]+=")
    files = [*PAGES.glob("templates/**/*.html")]
    assert [path.name for path in files if inline.search(path.read_text(encoding="utf-8"))] == []


def test_every_text_is_in_both_languages() -> None:
    waiting = list(yaml.safe_load((PAGES / "words/pages.yaml").read_text("utf-8")).items())
    while waiting:
        name, node = waiting.pop()
        if all(isinstance(part, str) for part in node.values()):
            assert set(node) == {"zh", "en"}, name
        else:
            waiting += node.items()
