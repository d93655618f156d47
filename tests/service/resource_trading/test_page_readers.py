"""Who sees what on the pages: nothing of a bid before the opening, nothing outside the scope."""

import re
from datetime import datetime

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from tests.service.city import move_to
from tests.service.resource_trading.conftest import STAFF, Hall
from tests.service.resource_trading.looking import (
    BIDDER,
    FOREIGNER,
    LANGUAGES,
    ONLOOKER,
    READER,
    RIVAL,
    WITHOUT,
    in_region,
    insert_bid,
    looking,
    opened,
    page,
    panel,
    tenderer,
)
from tests.service.resource_trading.test_tender_life import OPENING


@pytest.mark.parametrize("instant", [None, OPENING])
async def test_before_the_opening_no_bid_nor_their_number_is_anywhere(
    hall: Hall,
    site: httpx.AsyncClient,
    owner: Connection,
    dsn: str,
    instant: datetime | None,
) -> None:
    ref = await hall.publish()
    if instant:
        await move_to(dsn, instant)
    without = await panel(site, ref, "bids")
    await insert_bid(owner, ref)
    for language in LANGUAGES:
        for address in ("/trading", f"/trading/tenders/{ref}"):
            html = await page(site, f"{address}?lang={language}")
            assert not re.search(f"B-77|{BIDDER}|7,771,234", html)
    assert await panel(site, ref, "bids") == without
    assert "尚未开标" in without


async def test_opened_bids_are_shown_in_yuan_with_masked_marks(
    hall: Hall, site: httpx.AsyncClient, dsn: str, owner: Connection
) -> None:
    ref = await opened(hall, dsn, owner)
    await owner.execute(
        """UPDATE bid SET marks = '{"bond_accounts": [{"hash": "k:0123", "shown": "…5678"}]}'"""
    )
    text = await panel(site, ref, "bids")
    for said in ("B-77", BIDDER, "7,771,234.56 元", "保证金账户 …5678"):
        assert said in text
    assert "0123" not in text


@pytest.mark.parametrize("actor", [RIVAL, ONLOOKER])
async def test_opened_bids_are_withheld_from_posts_that_may_not_read_them(
    hall: Hall, law: Fold, dsn: str, owner: Connection, actor: Actor
) -> None:
    ref = await opened(hall, dsn, owner)
    async with looking(dsn, law, actor) as site:
        html = await page(site, f"/trading/tenders/{ref}?lang=zh")
    assert "投标不向您的岗位显示" in html
    assert not re.search(f"B-77|{BIDDER}|7,771,234", html)


async def test_another_region_has_no_such_tender(hall: Hall, law: Fold, dsn: str) -> None:
    ref = await hall.publish()
    async with looking(dsn, law, FOREIGNER) as site:
        answer = await site.get(f"/trading/tenders/{ref}?lang=zh")
        listed = await page(site, "/trading")
    assert answer.status_code == 404
    assert "没有找到所请求的内容" in answer.text
    assert ref not in listed


async def test_only_an_onlooker_is_led_to_the_monitor(
    hall: Hall, site: httpx.AsyncClient, law: Fold, dsn: str
) -> None:
    ref = await hall.publish("T-2026-1~L2")
    link = 'href="/monitor/subjects/tender/T-2026-1/L2"'
    async with looking(dsn, law, ONLOOKER) as onlooker:
        assert link in await page(onlooker, f"/trading/tenders/{ref}")
    assert link not in await page(site, f"/trading/tenders/{ref}")


async def test_before_the_opening_an_onlookers_page_asks_for_no_leads(
    hall: Hall, law: Fold, dsn: str
) -> None:
    ref = await hall.publish()
    async with looking(dsn, law, ONLOOKER) as onlooker:
        html = await page(onlooker, f"/trading/tenders/{ref}?lang=zh")
    assert "/monitor/leads/" not in html
    assert "线索" not in html


async def test_after_the_opening_an_onlookers_page_asks_the_monitor_for_leads(
    hall: Hall, law: Fold, dsn: str, owner: Connection
) -> None:
    ref = await opened(hall, dsn, owner)
    async with looking(dsn, law, ONLOOKER) as onlooker:
        html = await page(onlooker, f"/trading/tenders/{ref}")
    assert 'hx-get="/monitor/leads/tender/T-2026-1"' in html
    assert '<a href="/monitor/leads/tender/T-2026-1"' in html


@pytest.mark.parametrize("actor", [STAFF, RIVAL, READER], ids=["staff", "rival", "reader"])
async def test_nobody_else_s_page_names_the_leads(
    hall: Hall, law: Fold, dsn: str, owner: Connection, actor: Actor
) -> None:
    ref = await opened(hall, dsn, owner)
    async with looking(dsn, law, actor) as site:
        html = await page(site, f"/trading/tenders/{ref}?lang=zh")
    assert "/monitor/leads/" not in html
    assert "线索" not in html


async def test_a_tenderer_sees_the_tenders_of_its_own_office_alone(
    hall: Hall, law: Fold, dsn: str
) -> None:
    ref = await hall.publish()
    own, other = (tenderer(office) for office in (STAFF.office, "tenderer-9"))
    async with looking(dsn, law, own) as site:
        assert ref in await page(site, "/trading")
        assert (await site.get(f"/trading/tenders/{ref}")).status_code == 200
    async with looking(dsn, law, other) as site:
        assert ref not in await page(site, "/trading")
        assert (await site.get(f"/trading/tenders/{ref}")).status_code == 404


READS = ("/tenders/{ref}", "/tenders/{ref}/bids", "/tenders/{ref}/bids/B-77")


@pytest.mark.parametrize("address", READS)
async def test_the_api_shows_a_tender_within_the_scope_alone(
    hall: Hall, law: Fold, dsn: str, owner: Connection, address: str
) -> None:
    ref = await opened(hall, dsn, owner)
    answers = []
    for actor in (STAFF, tenderer(STAFF.office), tenderer("tenderer-9"), FOREIGNER, WITHOUT):
        async with looking(dsn, law, actor) as site:
            answer = await site.get("/api/trading/v1" + address.format(ref=ref))
            answers.append(answer.status_code)
    assert answers == [200, 200, 404, 404, 403]


async def test_the_list_of_the_api_holds_the_scope(hall: Hall, law: Fold, dsn: str) -> None:
    ref = await hall.publish()
    listed = []
    for actor in (STAFF, tenderer(STAFF.office), tenderer("tenderer-9"), FOREIGNER):
        async with looking(dsn, law, actor) as site:
            answer = await site.get("/api/trading/v1/tenders")
            listed.append([item["ref"] for item in answer.json()["items"]])
    assert listed == [[ref], [ref], [], []]


async def test_a_supervisor_of_the_city_sees_the_tenders_of_its_counties(
    dsn: str, law: Fold
) -> None:
    county = in_region("county-1", "tenderer", "tender.read", region="990121")
    async with looking(dsn, law, county) as client:
        client.base_url = httpx.URL("http://city.test/api/trading/v1")
        ref = await Hall(client).publish()
    async with looking(dsn, law, ONLOOKER) as site:
        assert ref in await page(site, "/trading")


@pytest.mark.parametrize("path", ["bids", "bids/B-77"])
async def test_before_the_opening_a_bid_that_is_there_and_one_that_is_not_answer_alike(
    hall: Hall, client: httpx.AsyncClient, owner: Connection, path: str
) -> None:
    ref = await hall.publish()
    before = await client.get(f"/tenders/{ref}/{path}")
    await insert_bid(owner, ref)
    after = await client.get(f"/tenders/{ref}/{path}")
    assert (before.status_code, after.status_code) == (409, 409)
    assert before.json()["detail"] == after.json()["detail"]
