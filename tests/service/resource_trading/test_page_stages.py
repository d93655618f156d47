"""Where a tender stands on its page: dates held against dates counted by hand from the articles."""

from datetime import UTC, datetime

import httpx
import pytest

from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from tests.service.city import RULES, move_to
from tests.service.resource_trading.conftest import PUBLICITY, STAFF, Hall
from tests.service.resource_trading.looking import (
    looking,
    page,
    panel,
    tiles,
    words,
)
from tests.service.resource_trading.test_tender_life import OPENING, to_notice


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


async def test_a_tender_that_ended_leaves_the_later_stages_undone(
    hall: Hall, site: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish()
    await hall.done(ref, "terminate", ground="no-need")
    await move_to(dsn, OPENING)
    bar = await tiles(site, ref)
    # Ended on 2 March, while documents were on sale: neither the sale nor the bidding was finished.
    for name in ("招标文件发售", "编制与递交投标", "开标"):
        assert "不再进行" in bar[name], bar[name]
