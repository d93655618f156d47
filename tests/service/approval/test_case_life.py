"""A case from receipt to archive, over HTTP and PostgreSQL."""

from datetime import UTC, datetime

import httpx

from libs.common.db.engine import Connection
from libs.common.db.migrations import check
from services.approval.tables import METADATA
from tests.service.approval.conftest import Desk
from tests.service.city import move_to
from tests.service.desk import events_of

NAMES = "cn.sunlight.approval.case.{}.v1"


async def test_a_licence_goes_from_receipt_to_archive_with_events_numbered_from_one(
    desk: Desk, owner: Connection
) -> None:
    case_no = await desk.receive(promised_limit=7, promised_unit="working_day")
    await desk.done(case_no, "request-supplement", notice_no="N-1", materials=["M-1", "M-2"])
    await desk.done(case_no, "receive-supplement", notice_no="N-1")
    await desk.done(case_no, "accept")
    await desk.done(case_no, "issue-receipt", document_no="R-1", sealed=True, dated=True)
    await desk.done(case_no, "pause", ground="hearing", notice_no="N-2")
    await desk.done(case_no, "resume")
    await desk.done(case_no, "decide", outcome="granted", delivers_document=True)
    await desk.done(case_no, "deliver")
    shown = await desk.done(case_no, "close")
    events = await events_of(owner, f"case/{case_no}")
    assert shown["state"] == "closed"
    assert [event.sequence for event in events] == list(range(1, 11))
    assert [event.type for event in events] == [
        NAMES.format(name)
        for name in (
            "received",
            "supplement-requested",
            "supplement-received",
            "accepted",
            "receipt-issued",
            "paused",
            "resumed",
            "decided",
            "delivered",
            "closed",
        )
    ]
    assert {event.source for event in events} == {"/990100/approval"}
    assert {event.actor for event in events} == {"post-7"}


async def test_acceptance_says_what_is_due_when_and_under_which_rule(desk: Desk) -> None:
    case_no = await desk.receive()
    shown = await desk.done(case_no, "accept")
    # 20 working days after Monday 2 March 2026: no day off but the weekends before 30 March.
    assert shown["due"]["day"] == "2026-03-30"
    assert shown["due"]["until"].startswith("2026-03-30T16:00:00")
    assert (shown["due"]["rule"], shown["due"]["law"]) == ("APV-010", "行政许可法 42(1)")
    assert shown["due"]["version"] == "2004-07-01/1"


async def test_a_holiday_moves_the_due_date(desk: Desk, dsn: str) -> None:
    await move_to(dsn, datetime(2026, 4, 27, 2, tzinfo=UTC))
    case_no = await desk.receive(promised_limit=5, promised_unit="working_day")
    shown = await desk.done(case_no, "accept")
    # 28, 29, 30 April; 1 to 5 May off; 6, 7 May.
    assert shown["due"]["day"] == "2026-05-07"


async def test_the_case_number_is_region_day_and_running_number(desk: Desk) -> None:
    first, second = await desk.receive(), await desk.receive()
    assert first == "990100-20260302-00000001"
    assert second == "990100-20260302-00000002"


async def test_a_refused_application_closes_once_its_receipt_is_out(desk: Desk) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "refuse", ground="not-ours", remedy="review")
    early = await desk.do(case_no, "close")
    await desk.done(case_no, "issue-receipt", document_no="R-1", sealed=True, dated=True)
    shown = await desk.done(case_no, "close")
    assert (early.status_code, early.json()["law"]) == (422, "行政许可法 32(2)")
    assert shown["state"] == "closed"


async def test_reading_a_case_shows_its_version_as_etag(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "accept")
    answer = await client.get(f"/cases/{case_no}")
    assert (answer.headers["ETag"], answer.json()["version"]) == ('"2"', 2)


async def listed(client: httpx.AsyncClient, address: str) -> list[list[str]]:
    """The case numbers of each page from `address` on."""
    seen = []
    while address:
        answer = await client.get(address)
        seen.append([case["case_no"] for case in answer.json()["items"]])
        following = answer.links.get("next", {}).get("url", "")
        address = f"http://city.test{following}" if following else ""
    return seen


async def test_cases_are_listed_page_by_page_without_repeating(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    numbers = [await desk.receive() for _ in range(5)]
    seen = await listed(client, "/cases?limit=2")
    assert seen == [numbers[:2], numbers[2:4], numbers[4:]]


async def test_by_due_the_soonest_comes_first_and_what_has_no_date_is_left_out(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    promised = [7, 3, 15, 3]
    numbers = [
        await desk.receive(promised_limit=days, promised_unit="working_day") for days in promised
    ]
    for number in numbers:
        await desk.done(number, "accept")
    await desk.receive()
    seen = await listed(client, "/cases?order=due&limit=2")
    first, second, third, fourth = numbers
    assert seen == [[second, fourth], [first, third]]


async def test_models_and_migrations_agree(dsn: str) -> None:
    assert await check(dsn, "approval", METADATA) == []
