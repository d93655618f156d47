"""Lots (标段) of one tender: each with its own bids, award and contract, shown together."""

from typing import Any

import pytest

from libs.common.db.engine import Connection
from libs.common.law.fold import Fold
from tests.service.city import move_to
from tests.service.desk import events_of
from tests.service.resource_trading.conftest import PUBLICITY, STAFF
from tests.service.resource_trading.looking import looking, page, panel, words
from tests.service.resource_trading.test_bids import KEY, Desk, caller
from tests.service.resource_trading.test_tender_life import OPENING, PUBLICITY_OVER

LOTS = ("T-2026-1~L1", "T-2026-1~L2", "T-2026-1~L3")
WINNERS = {LOTS[0]: "P-1", LOTS[1]: "P-2"}


@pytest.fixture
async def desk(dsn: str, law: Fold) -> Any:
    """The centre's desk."""
    async for client in caller(dsn, law, STAFF, KEY):
        yield Desk(client)


async def two_of_three(desk: Desk, dsn: str) -> None:
    """Three lots: the first with a contract, the second awarded, the third ended."""
    for ref in LOTS:
        await desk.publish(ref)
    await desk.done(LOTS[2], "terminate", ground="no-need")
    await move_to(dsn, OPENING)
    for number, ref in enumerate(LOTS[:2], start=1):
        await desk.done(ref, "open", bids=1)
        answer = await desk.record(ref, f"B-0{number}", amount=number * 1_000_000_00)
        assert answer.status_code == 201, answer.text
        told = {"result": "valid", "rank_no": 1, "score": 9_150 + number}
        assert (await desk.send(ref, f"bids/B-0{number}/evaluate", **told)).status_code == 200
        await desk.done(ref, "evaluate")
        await desk.done(ref, "publicise-candidates", **PUBLICITY)
    await move_to(dsn, PUBLICITY_OVER)
    for number, (ref, winner) in enumerate(WINNERS.items(), start=1):
        await desk.done(ref, "decide", winner=winner, award_price=number * 1_000_000_00)
        await desk.done(ref, "issue-notice")
    await desk.done(LOTS[0], "sign-contract", contract_price=999_999_00)


async def test_each_lot_has_its_own_bids_award_and_contract(
    desk: Desk, dsn: str, owner: Connection
) -> None:
    await two_of_three(desk, dsn)
    shown = {ref: (await desk.client.get(f"/tenders/{ref}")).json() for ref in LOTS}
    bids = {ref: (await desk.client.get(f"/tenders/{ref}/bids")).json() for ref in LOTS[:2]}
    assert [one["state"] for one in shown.values()] == ["contracted", "notified", "terminated"]
    assert {ref: shown[ref]["award"]["winner"] for ref in LOTS[:2]} == WINNERS
    assert [[bid["bid_no"] for bid in one["items"]] for one in bids.values()] == [
        ["B-01"],
        ["B-02"],
    ]
    for ref in LOTS:
        lot = ref.partition("~")[2]
        events = await events_of(owner, f"tender/T-2026-1/{lot}")
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert {event.data.get("lot", lot) for event in events} == {lot}


async def test_the_evaluation_of_a_bid_is_told_read_and_shown(
    desk: Desk, dsn: str, law: Fold, owner: Connection
) -> None:
    await two_of_three(desk, dsn)
    bid = (await desk.client.get(f"/tenders/{LOTS[0]}/bids/B-01")).json()
    events = await events_of(owner, "tender/T-2026-1/L1")
    (told,) = [one for one in events if one.type == "cn.sunlight.trading.bid.evaluated.v1"]
    assert (bid["result"], bid["rank_no"], bid["score"]) == ("valid", 1, 9151)
    assert told.data == {
        "bid_no": "B-01",
        "lot": "L1",
        "result": "valid",
        "rank_no": 1,
        "score": 9151,
    }
    async with looking(dsn, law, STAFF) as site:
        text = await panel(site, LOTS[0], "bids")
    assert "有效 · 第 1 名 91.51 分" in text


async def test_a_rejected_bid_says_why(desk: Desk, dsn: str, law: Fold) -> None:
    ref = await desk.publish()
    await move_to(dsn, OPENING)
    await desk.done(ref, "open", bids=1)
    await desk.record(ref, "B-01")
    without = await desk.send(ref, "bids/B-01/evaluate", result="rejected")
    await desk.send(ref, "bids/B-01/evaluate", result="rejected", ground="no-bond")
    async with looking(dsn, law, STAFF) as site:
        text = await panel(site, ref, "bids")
    assert without.status_code == 422
    assert "否决 no-bond" in text


async def test_the_page_of_a_lot_shows_all_lots_with_what_came_of_them(
    desk: Desk, dsn: str, law: Fold
) -> None:
    await two_of_three(desk, dsn)
    async with looking(dsn, law, STAFF) as site:
        text = await panel(site, LOTS[2], "lots")
        html = await page(site, f"/trading/tenders/{LOTS[2]}")
    rows = [text[text.index(f"L{n} ") :] for n in (1, 2, 3)]
    assert rows[0].index("已签合同") < rows[0].index("P-1") < rows[0].index("999,999.00 元")
    assert rows[1].index("已发中标通知书") < rows[1].index("P-2") < rows[1].index("2,000,000.00 元")
    assert "已终止" in rows[2]
    assert 'href="/trading/tenders/T-2026-1~L1"' in html


async def test_a_lot_does_not_show_the_bids_of_another(desk: Desk, dsn: str, law: Fold) -> None:
    await two_of_three(desk, dsn)
    async with looking(dsn, law, STAFF) as site:
        text = await panel(site, LOTS[0], "bids")
    assert "B-01" in text
    assert "B-02" not in text


async def test_the_list_names_tender_and_lot(desk: Desk, dsn: str, law: Fold) -> None:
    for ref in LOTS:
        await desk.publish(ref)
    async with looking(dsn, law, STAFF) as site:
        text = words(await page(site, "/trading?lang=zh"))
    assert [f"T-2026-1 标段 L{number}" in text for number in (1, 2, 3)] == [True] * 3
