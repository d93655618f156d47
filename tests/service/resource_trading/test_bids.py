"""Opened bids over HTTP and PostgreSQL: sealed until the opening, then recorded as events."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from services.resource_trading.app import create_app
from services.resource_trading.bid.marks import Marker
from services.resource_trading.settings import Settings
from tests.service.city import move_to
from tests.service.desk import calling, events_of
from tests.service.resource_trading.conftest import PUBLICITY, STAFF, Hall
from tests.service.resource_trading.test_tender_life import OPENING

KEY = Marker(b"a key of the tests, and of nothing else")
ACCOUNT = "6222 0210 0100 1234 5678"
IDENTITY = "11010519491231002X"
"""The specimen number of GB 11643-1999."""
FILE = "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}"
BID: dict[str, Any] = {
    "bidder": "91330100MA2AAAAA0A",
    "amount": 11_800_000_00,
    "creation_ids": [{"value": FILE}],
    "bond_form": "transfer",
    "bond_accounts": [{"value": ACCOUNT}],
}


class Desk(Hall):
    """A hall that also records bids."""

    async def send(self, ref: str, path: str, **body: Any) -> httpx.Response:
        """The answer to one command on bids."""
        sent = {"If-Match": self.tags[ref]}
        answer = await self.client.post(f"/tenders/{ref}/{path}", json=body, headers=sent)
        if answer.is_success:
            self.tags[ref] = answer.headers["ETag"]
        return answer

    async def record(self, ref: str, bid_no: str, **body: Any) -> httpx.Response:
        """The answer to recording a bid."""
        return await self.send(ref, "bids", bid_no=bid_no, **{**BID, **body})


async def caller(
    dsn: str, law: Fold, actor: Actor, marker: Marker | None
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service in a post of its own, with a key of its own."""
    app = create_app(
        Settings(dsn=dsn, pool_size=2), law=law, identify=loopback_only(actor, "127.0.0.1")
    )
    app.state.marker = marker
    async with calling(app, "http://city.test/api/trading/v1") as client:
        yield client


@pytest.fixture
async def desk(dsn: str, law: Fold) -> AsyncIterator[Desk]:
    """The centre's desk, with a key."""
    async for client in caller(dsn, law, STAFF, KEY):
        yield Desk(client)


async def opened(desk: Desk, dsn: str, ref: str = "T-2026-1") -> str:
    await desk.publish(ref)
    await move_to(dsn, OPENING)
    await desk.done(ref, "open", bids=2)
    return ref


@pytest.mark.parametrize("instant", [None, datetime(2026, 3, 23, 1, 59, 59, tzinfo=UTC), OPENING])
async def test_a_bid_is_not_recorded_before_the_opening(
    desk: Desk, dsn: str, owner: Connection, instant: datetime | None
) -> None:
    ref = await desk.publish()
    if instant is not None:
        await move_to(dsn, instant)
    answer = await desk.record(ref, "B-01")
    assert (answer.status_code, answer.json()["code"]) == (409, "bids_sealed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "sealed submission" in answer.json()["detail"] or "密封" in answer.json()["detail"]
    assert len(await events_of(owner, "tender/T-2026-1")) == 1


async def test_before_the_opening_bids_cannot_be_listed(desk: Desk) -> None:
    ref = await desk.publish()
    answer = await desk.client.get(f"/tenders/{ref}/bids")
    assert (answer.status_code, answer.json()["code"]) == (409, "bids_sealed")


async def test_a_recorded_bid_is_an_event_of_its_tender(
    desk: Desk, dsn: str, owner: Connection
) -> None:
    ref = await opened(desk, dsn)
    answer = await desk.record(ref, "B-01")
    *_, event = await events_of(owner, "tender/T-2026-1")
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"3"')
    assert (event.type, event.sequence) == ("cn.sunlight.trading.bid.recorded.v1", 3)
    assert (event.data["bid_no"], event.data["amount"]) == ("B-01", 11_800_000_00)
    assert event.data["creation_ids"][0]["shown"] == "…3301"


async def test_what_identifies_a_file_or_an_account_stays_outside(
    desk: Desk, dsn: str, owner: Connection
) -> None:
    ref = await opened(desk, dsn)
    answer = await desk.record(ref, "B-01")
    kept = [answer.text]
    for table in ("outbox", "bid", "audit", "tender", "idempotency_key"):
        rows = await owner.fetch(f"SELECT t::text AS line FROM {table} t")  # noqa: S608
        kept += [row["line"] for row in rows]
    raw = await owner.fetch("SELECT convert_from(value, 'UTF8') AS line FROM outbox")
    text = "\n".join([*kept, *(row["line"] for row in raw)]).replace(" ", "").upper()
    assert ACCOUNT.replace(" ", "") not in text
    assert "3F2504E0" not in text


async def test_an_audit_row_names_the_post_and_the_bid(
    desk: Desk, dsn: str, owner: Connection
) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    row = await owner.fetchrow("SELECT * FROM audit ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["post"], row["action"], row["version"]) == (STAFF.post, "bid.record", 3)
    assert "B-01" in row["detail"]


async def test_a_bid_number_is_given_once(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    answer = await desk.record(ref, "B-01")
    assert (answer.status_code, answer.json()["code"]) == (409, "bid_exists")


async def test_the_same_key_records_a_bid_once(desk: Desk, dsn: str, owner: Connection) -> None:
    ref = await opened(desk, dsn)
    headers = {"If-Match": desk.tags[ref], "Idempotency-Key": "once"}
    body = {"bid_no": "B-01", **BID}
    first = await desk.client.post(f"/tenders/{ref}/bids", json=body, headers=headers)
    again = await desk.client.post(f"/tenders/{ref}/bids", json=body, headers=headers)
    assert (first.status_code, again.json()) == (201, first.json())
    assert len(await events_of(owner, "tender/T-2026-1")) == 3


async def test_a_stale_version_is_refused(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    old = desk.tags[ref]
    await desk.record(ref, "B-01")
    desk.tags[ref] = old
    assert (await desk.record(ref, "B-02")).status_code == 412


async def test_a_correction_replaces_the_whole_record(
    desk: Desk, dsn: str, owner: Connection
) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    answer = await desk.send(ref, "bids/B-01/correct", bidder="91330100MA2AAAAA0A", amount=5)
    *_, event = await events_of(owner, "tender/T-2026-1")
    assert (answer.status_code, answer.json()["marks"]) == (200, [])
    assert event.type == "cn.sunlight.trading.bid.corrected.v1"
    assert event.data == {
        "bid_no": "B-01",
        "bidder": "91330100MA2AAAAA0A",
        "amount": 5,
    }


async def test_a_withdrawn_bid_takes_no_further_step(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    taken = await desk.send(ref, "bids/B-01/withdraw", ground="before_deadline")
    answer = await desk.send(ref, "bids/B-01/evaluate", result="valid")
    assert (taken.status_code, taken.json()["state"]) == (200, "withdrawn")
    assert (answer.status_code, answer.json()["code"]) == (409, "step_not_possible")


async def test_a_bid_is_evaluated(desk: Desk, dsn: str, owner: Connection) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    body = {"result": "rejected", "ground": "not-responsive", "rank_no": 4, "score": 8725}
    answer = await desk.send(ref, "bids/B-01/evaluate", **body)
    *_, event = await events_of(owner, "tender/T-2026-1")
    assert answer.status_code == 200
    assert event.data == {"bid_no": "B-01", **body}


async def test_a_rejection_has_a_ground(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    assert (await desk.send(ref, "bids/B-01/evaluate", result="rejected")).status_code == 422


async def test_the_tender_goes_on_after_its_bids_are_recorded(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    shown = await desk.done(ref, "evaluate")
    late = await desk.record(ref, "B-02")
    assert (shown["version"], late.status_code) == (4, 201)


async def test_opened_bids_are_listed_by_number(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    for bid_no in ("B-02", "B-01"):
        await desk.record(ref, bid_no)
    answer = await desk.client.get(f"/tenders/{ref}/bids")
    items = answer.json()["items"]
    assert [item["bid_no"] for item in items] == ["B-01", "B-02"]
    assert items[0]["marks"] == ["bond_accounts", "creation_ids"]


async def test_a_citizens_number_is_no_bidder(desk: Desk, dsn: str) -> None:
    ref = await opened(desk, dsn)
    answer = await desk.record(ref, "B-01", bidder=IDENTITY)
    assert answer.status_code == 422
    assert IDENTITY not in answer.text


async def test_only_the_centre_records_bids(desk: Desk, dsn: str, law: Fold) -> None:
    ref = await opened(desk, dsn)
    tenderer = Actor("post-4", STAFF.office, STAFF.region, frozenset({"tenderer"}))
    async for client in caller(dsn, law, tenderer, KEY):
        other = Desk(client)
        other.tags = desk.tags
        assert (await other.record(ref, "B-01")).status_code == 403


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("decide", {"winner": IDENTITY, "award_price": 1}),
        ("publicise-candidates", {**PUBLICITY, "candidates": [{"rank_no": 1, "party": IDENTITY}]}),
    ],
    ids=["winner", "candidate"],
)
async def test_a_citizens_number_is_no_winner_and_no_candidate(
    desk: Desk, act: str, body: dict[str, Any]
) -> None:
    answer = await desk.send(await desk.publish(), act, **body)
    assert answer.status_code == 422
    assert IDENTITY not in answer.text


@pytest.mark.parametrize("bid_no", ["B-01", "B-02"])
async def test_who_has_no_duty_is_not_told_which_bids_there_are(
    desk: Desk, dsn: str, law: Fold, bid_no: str
) -> None:
    ref = await opened(desk, dsn)
    await desk.record(ref, "B-01")
    rival = Actor("post-5", "tenderer-2", STAFF.region, frozenset({"tenderer"}))
    async for client in caller(dsn, law, rival, KEY):
        other = Desk(client)
        other.tags = desk.tags
        told = {
            (await other.record(ref, bid_no)).status_code,
            (await other.send(ref, f"bids/{bid_no}/evaluate", result="valid")).status_code,
            (
                await other.send(ref, f"bids/{bid_no}/withdraw", ground="before_deadline")
            ).status_code,
            (await other.send(ref, f"bids/{bid_no}/correct", bidder=BID["bidder"])).status_code,
        }
    assert told == {403}


async def test_another_tenderer_does_not_read_the_bids(desk: Desk, dsn: str, law: Fold) -> None:
    ref = await opened(desk, dsn)
    other = Actor("post-5", "tenderer-2", STAFF.region, frozenset({"tenderer"}))
    async for client in caller(dsn, law, other, KEY):
        assert (await client.get(f"/tenders/{ref}/bids")).status_code == 403


async def test_without_a_key_no_mark_is_recorded(desk: Desk, dsn: str, law: Fold) -> None:
    ref = await opened(desk, dsn)
    async for client in caller(dsn, law, STAFF, None):
        other = Desk(client)
        other.tags = desk.tags
        refused = await other.record(ref, "B-01")
        bare = await other.send(ref, "bids", bid_no="B-02", bidder="91330100MA2AAAAA0A")
    assert (refused.status_code, refused.json()["code"]) == (503, "mark_key_missing")
    assert bare.status_code == 201


async def test_the_tenderers_own_documents_are_marked_at_any_time(
    desk: Desk, owner: Connection
) -> None:
    ref = await desk.publish()
    answer = await desk.send(ref, "mark-documents", creation_ids=[{"value": FILE}])
    *_, event = await events_of(owner, "tender/T-2026-1")
    assert answer.status_code == 200
    assert event.type == "cn.sunlight.trading.tender.documents-marked.v1"
    assert event.data["creation_ids"][0]["hash"].startswith(KEY.key_id)
