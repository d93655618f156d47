"""The trading hall's pages on a real database: where a tender stands, its dates held against dates
counted by hand from the articles, and nothing of a bid before the opening."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from tests.service.city import RULES, move_to
from tests.service.desk import calling
from tests.service.resource_trading.conftest import PUBLICITY, STAFF, Hall
from tests.service.resource_trading.test_tender_life import OPENING, PUBLICITY_OVER, to_notice

PAGES = Path(__file__).parents[3] / "services/resource_trading/pages"
LANGUAGES = ("zh", "en")
BIDDER = "91330100MA2AAAAA0A"
ONLOOKER = Actor("post-7", "supervision-1", STAFF.region, frozenset({"tender.read"}))
RIVAL = Actor("post-5", "tenderer-2", STAFF.region, frozenset({"tenderer"}))
FOREIGNER = Actor("post-6", STAFF.office, "990200", STAFF.duties)


@asynccontextmanager
async def looking(dsn: str, law: Fold, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of `actor`."""
    app = create_app(
        Settings(dsn=dsn, pool_size=2), law=law, identify=loopback_only(actor, "127.0.0.1")
    )
    async with calling(app, "http://city.test") as client:
        client.headers["Accept"] = "text/html"
        yield client


@pytest.fixture
async def site(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the centre's own staff."""
    async with looking(dsn, law, STAFF) as client:
        yield client


def words(html: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def page(site: httpx.AsyncClient, address: str) -> str:
    """A page's markup."""
    answer = await site.get(address)
    assert answer.status_code == 200, (address, answer.text[:800])
    return answer.text


async def panel(site: httpx.AsyncClient, ref: str, name: str, language: str = "zh") -> str:
    """The words of one part of a tender's page."""
    html = await page(site, f"/trading/tenders/{ref}?lang={language}")
    found = re.search(rf'<section class="panel" id="{name}">.*?</section>', html, re.DOTALL)
    assert found, (name, html)
    return words(found[0])


async def tiles(site: httpx.AsyncClient, ref: str) -> dict[str, str]:
    """The stage bar: number of the stage → its words."""
    html = await page(site, f"/trading/tenders/{ref}?lang=zh")
    bar = html[html.index('role="list"') : html.index('id="facts"')]
    parts = [words(part) for part in bar.split('role="listitem">')[1:]]
    return {name: text for part in parts for _, name, text in [part.strip().split(" ", 2)]}


async def insert_bid(owner: Connection, ref: str) -> None:
    """A bid in the table, as it stands there only after the opening."""
    await owner.execute(
        "INSERT INTO bid (ref, bid_no, state, version, bidder, amount, marks, recorded_at, members)"
        " VALUES ($1, 'B-77', 'recorded', 2, $2, 777123456, '{}', city_now(), NULL)",
        ref,
        BIDDER,
    )


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


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        # 实施条例 16(1): five days from 2 March end on the 7th; to the 9th are seven.
        ("documents", ("最早 2026-03-07 周六 届满", "2026-03-09 周一 届满，共 7 日", "16(1)")),
        # 招标投标法 24: twenty days from 2 March end on the 22nd; to the 23rd are twenty-one.
        ("bidding", ("最早 2026-03-22 周日 届满", "2026-03-23 周一 届满，共 21 日", "第 24 条")),
        # 招标投标法 23, 实施条例 21: fifteen days before 23 March is the 8th.
        ("clarification", ("最迟 2026-03-08 周日", "《招标投标法》第 23 条")),
    ],
)
async def test_stages_before_the_opening(
    hall: Hall, site: httpx.AsyncClient, stage: str, expected: tuple[str, ...]
) -> None:
    text = await panel(site, await hall.publish(), f"stage-{stage}")
    assert [one for one in expected if one not in text] == []


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        # 实施条例 54(1): three days from 24 March end on the 27th.
        ("publicity", ("最早 2026-03-27 周五 届满", "共 3 日", "期限足够", "54(1)")),
        # 招标投标法 47: fifteen days after 27 March is Saturday 11 April, so Monday the 13th.
        ("decision", ("2026-03-27 周五 起 15 日内，最迟 2026-04-13 周一", "计时中", "第 47 条")),
        # 招标投标法 46(1): thirty days after 27 March is Sunday 26 April, so Monday the 27th.
        ("contract", ("最迟 2026-04-27 周一", "还剩 31 日", "第 46(1) 条")),
    ],
)
async def test_stages_after_the_opening(
    hall: Hall, site: httpx.AsyncClient, dsn: str, stage: str, expected: tuple[str, ...]
) -> None:
    ref = await hall.publish()
    await to_notice(hall, dsn, ref)
    text = await panel(site, ref, f"stage-{stage}")
    assert [one for one in expected if one not in text] == []


async def test_the_stage_bar_says_how_far_each_stage_is(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish(estimated_price=10_000_000_00, bid_bond=100_000_00)
    await to_notice(hall, dsn, ref)
    bar = await tiles(site, ref)
    assert len(bar) == 10
    for name, said in (
        ("编制与递交投标", "已完成"),
        ("澄清与修改", "没有此环节"),
        ("候选人公示", "法定至少 3 日，实际 3 日"),
        ("签订合同", "进行中"),
        ("退还投标保证金", "未到"),
    ):
        assert said in bar[name], (name, bar[name])


async def test_a_publicity_that_is_too_short_is_shown_as_such(
    hall: Hall, dsn: str, law: Fold
) -> None:
    short = PUBLICITY | {"publicity_until": "2026-03-26T17:30:00+08:00"}
    lax = installed_law("Asia/Shanghai", packs=[RULES / "national/licence.yaml"])
    async with looking(dsn, lax, STAFF) as client:
        client.base_url = httpx.URL("http://city.test/api/trading/v1")
        other = Hall(client)
        ref = await other.publish()
        await move_to(dsn, OPENING)
        await other.done(ref, "open", bids=5)
        await other.done(ref, "evaluate")
        await other.done(ref, "publicise-candidates", **short)
    async with looking(dsn, law, STAFF) as site:
        text = await panel(site, ref, "stage-publicity")
        bar = await tiles(site, ref)
    # 24 to 26 March are two days of three.
    for said in ("期限不足", "2026-03-26 周四 届满，共 2 日，短少 1 日", "第 54(1) 条"):
        assert said in text
    assert "期限不足 法定至少 3 日，实际 2 日" in bar["候选人公示"]


async def test_a_change_is_shown_with_the_days_it_came_ahead(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish()
    await move_to(dsn, datetime(2026, 3, 5, 2, tzinfo=UTC))
    await hall.done(ref, "clarify", affects_preparation=True)
    text = await panel(site, ref, "stage-clarification")
    # From 5 to 23 March are eighteen days of fifteen (招标投标法 23).
    for said in ("期限足够", "最迟 2026-03-08 周日", "2026-03-05 周四，提前 18 日"):
        assert said in text


async def test_a_step_without_a_date_is_named(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish()
    await move_to(dsn, OPENING)
    closed = words(await page(site, f"/trading/tenders/{ref}?lang=zh"))
    await hall.done(ref, "open", bids=5)
    opened = words(await page(site, f"/trading/tenders/{ref}?lang=zh"))
    assert "下一步：投标已截止，待开标 2026-03-23 周一 10:00" in closed
    assert "下一步：待评标" in opened


async def test_what_the_law_can_not_tell_is_called_undetermined(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish()
    await to_notice(hall, dsn, ref)
    await hall.done(ref, "sign-contract", contract_price=10_000_000_00)
    text = await panel(site, ref, "stage-refund")
    assert "待补信息" in text
    assert "缺少信息「投标保证金」" in text


async def test_an_open_objection_stops_the_proceedings_until_it_is_answered(
    hall: Hall, site: httpx.AsyncClient
) -> None:
    ref = await hall.publish()
    before = words(await page(site, f"/trading/tenders/{ref}?lang=zh"))
    await hall.done(ref, "file-objection", objection_no="O-1", against="documents")
    held = words(await page(site, f"/trading/tenders/{ref}?lang=zh"))
    listed = words(await page(site, "/trading?lang=zh"))
    await hall.done(ref, "answer-objection", objection_no="O-1")
    after = words(await page(site, f"/trading/tenders/{ref}?lang=zh"))
    told = "异议 O-1 尚未答复,答复前应当暂停招标投标活动"
    assert [told in text for text in (before, held, after)] == [False, True, False]
    assert "活动暂停" in listed
    # 实施条例 22: answered within three days of 2 March; ten days before 23 March is the 13th.
    assert "最迟 2026-03-05 周四" in held
    assert "对招标文件的异议，最迟 2026-03-13 周五 提出" in held
    assert "已答复" in after


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


async def opened(hall: Hall, dsn: str, owner: Connection) -> str:
    ref = await hall.publish()
    await move_to(dsn, OPENING)
    await hall.done(ref, "open", bids=3)
    await insert_bid(owner, ref)
    return ref


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


async def test_a_terminated_tender_waits_for_nothing(hall: Hall, site: httpx.AsyncClient) -> None:
    ref = await hall.publish()
    await hall.done(ref, "terminate", ground="no-need")
    bar = await tiles(site, ref)
    assert "不再进行" in bar["签订合同"]


async def test_a_limit_that_has_passed_is_shown_as_overdue(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish()
    await to_notice(hall, dsn, ref)
    await move_to(dsn, datetime(2026, 4, 28, 2, tzinfo=UTC))
    text = await panel(site, ref, "stage-contract")
    # Due on 27 April; the 28th is one day past it.
    assert "超期" in text
    assert "超出 1 日" in text


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
