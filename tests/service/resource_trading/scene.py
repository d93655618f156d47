"""A trading hall at work, for the browser: lots, an objection, a short publicity, an end, a lead,
and imported history."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import httpx

from libs.common.identity.actor import loopback_only
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from services.e_monitor.settings import Settings as Monitor
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from sunlight.importing.tenders import read_records
from tests.service.city import RULES, move_to
from tests.service.desk import as_owner, calling, events_of
from tests.service.resource_trading.conftest import PUBLICITY, STAFF, WORKS
from tests.service.resource_trading.test_bids import KEY, Desk
from tests.service.resource_trading.test_tender_life import OPENING, PUBLICITY_OVER
from tests.standing import Delivery

API = "http://city.test/api/trading/v1"
LOTS = ("T-2026-1~L1", "T-2026-1~L2", "T-2026-1~L3")
HELD, SHORT, ENDED, AHEAD = "T-2026-HELD", "T-2026-SHORT", "T-2026-ENDED", "T-2026-AHEAD"
LATER = {
    "documents_until": "2026-04-01T17:00:00+08:00",
    "bid_deadline": "2026-04-20T10:00:00+08:00",
}
FIRMS = ("91330100MA2AAAAA0A", "91330101MA2AAAAA1A", "91330102MA2AAAAA2A")
FOREIGN = "ocds-x-1"
NOTICE = "南岗路北延新建工程(第2次招标)施工总承包一标段"


def _calling(dsn: str, law: Fold) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    app = create_app(
        Settings(dsn=dsn, pool_size=2),
        law=law,
        identify=loopback_only(STAFF, "127.0.0.1"),
        reader=read_records,
    )
    app.state.marker = KEY
    return calling(app, API)


async def play(dsn: str, monitor: str, law: Fold) -> None:
    """All that happens from 2 to 27 March; of the first lot the monitor hears."""
    async with _calling(dsn, law) as client:
        desk = Desk(client)
        await _published(desk)
        await move_to(dsn, OPENING)
        for number, ref in enumerate(LOTS[:2]):
            await _opened(desk, ref, number)
        await _history(client)
        # The law of licences alone: only so the hall announces what is too short.
        lax = installed_law("Asia/Shanghai", packs=[RULES / "national/licence.yaml"])
        async with _calling(dsn, lax) as loose:
            await _short(Desk(loose), desk.tags)
        await move_to(dsn, PUBLICITY_OVER)
        for number, ref in enumerate(LOTS[:2], start=1):
            await desk.done(ref, "decide", winner=FIRMS[0], award_price=number * 10**9)
            await desk.done(ref, "issue-notice")
        await desk.done(LOTS[0], "sign-contract", contract_price=10**9, performance_bond=10**8)
    await _told(dsn, monitor)


async def _published(desk: Desk) -> None:
    for ref in LOTS:
        await desk.publish(ref, estimated_price=12_000_000_00, bid_bond=200_000_00)
    await desk.publish(SHORT)
    await desk.publish(ENDED)
    await desk.publish(AHEAD, **{**WORKS, **LATER})
    await desk.publish(HELD, **{**WORKS, **LATER})
    await desk.done(HELD, "clarify", affects_preparation=True)
    await desk.done(HELD, "file-objection", objection_no="O-2026-01", against="documents")
    await desk.done(HELD, "answer-objection", objection_no="O-2026-01")
    await desk.done(HELD, "file-objection", objection_no="O-2026-02", against="documents")
    await desk.done(ENDED, "terminate", ground="no-need")
    await desk.done(LOTS[2], "terminate", ground="no-need")


async def _opened(desk: Desk, ref: str, shared: int) -> None:
    """Open a lot; in the first one two bonds came from one account."""
    await desk.done(ref, "open", bids=3)
    for number, firm in enumerate(FIRMS):
        account = (
            "6222021001001234" if not shared and number < 2 else f"62220210010{number}{number}77"
        )
        own = [{"value": f"own-{number}-0001"}]
        told = {"bond_accounts": [{"value": account}], "creation_ids": own, "certificates": own}
        made = {"bidder": firm, "amount": 10**9 + number * 10**7, "accounts": own, **told}
        answer = await desk.record(ref, f"B-0{number}", **made)
        assert answer.status_code == 201, answer.text
        result = {"result": "rejected", "ground": "no-bond"} if number == 2 else {"result": "valid"}
        scored = {} if number == 2 else {"rank_no": number + 1, "score": 9150 - number}
        await desk.send(ref, f"bids/B-0{number}/evaluate", **result, **scored)
    await desk.done(ref, "evaluate")
    rows = [
        {"rank_no": n, "party": firm, "price": 10**9 + n} for n, firm in enumerate(FIRMS[:2], 1)
    ]
    await desk.done(ref, "publicise-candidates", **{**PUBLICITY, "candidates": rows})


async def _short(desk: Desk, tags: dict[str, str]) -> None:
    desk.tags = tags
    await desk.done(SHORT, "open", bids=2)
    await desk.done(SHORT, "evaluate")
    short = PUBLICITY | {"publicity_until": "2026-03-26T17:30:00+08:00"}
    await desk.done(SHORT, "publicise-candidates", **short)


async def _history(client: httpx.AsyncClient) -> None:
    period = {"startDate": "2025-06-01T09:00:00+08:00", "endDate": "2025-06-24T09:00:00+08:00"}
    award = {"id": "a-1", "date": "2025-07-01T00:00:00+08:00", "suppliers": [{"id": FIRMS[0]}]}
    release = {"ocid": FOREIGN, "id": "1", "date": "2025-07-02T00:00:00+08:00", "tag": ["award"]}
    whole = {**release, "tender": {"id": "x", "tenderPeriod": period}, "awards": [award]}
    notice = {
        "infoid": "n-1",
        "infodate": "2025-06-13",
        "project_name": NOTICE,
        "publicity_period": "2025年06月13日 18时00分至2025年06月16日 18时00分",
        "bidders_and_prices": [{"bidder": "甲", "price": "1799255.53"}],
    }
    for mapping, record in (("tenders-ocds", whole), ("tenders-notices", notice)):
        body = {"system": "former-centre", "mapping": mapping, "records": [record]}
        answer = await client.post("/imports", json=body)
        assert answer.json()["accepted"] == 1, answer.text


async def _told(dsn: str, monitor: str) -> None:
    async with as_owner(dsn, "trading") as owner:
        events = await events_of(owner, "tender/T-2026-1/L1")
    delivery = await Delivery.opened(monitor, Monitor(dsn="unused").law())
    try:
        await delivery.deliver(events, "trading")
        await delivery.move_to(PUBLICITY_OVER)
    finally:
        await delivery.close()
