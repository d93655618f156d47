"""A tender from publication to the refund of its bonds, over HTTP and PostgreSQL."""

from datetime import UTC, datetime

import httpx

from libs.common.db.engine import Connection
from libs.common.db.migrations import check
from services.resource_trading.tables import METADATA
from tests.service.city import move_to
from tests.service.desk import events_of
from tests.service.resource_trading.conftest import PUBLICITY, Hall

OPENING = datetime(2026, 3, 23, 2, 0, 1, tzinfo=UTC)
PUBLICITY_OVER = datetime(2026, 3, 27, 9, 31, tzinfo=UTC)


async def to_notice(hall: Hall, dsn: str, ref: str) -> None:
    """Take a tender to its award notice."""
    await move_to(dsn, OPENING)
    await hall.done(ref, "open", bids=5)
    await hall.done(ref, "evaluate")
    await hall.done(ref, "publicise-candidates", **PUBLICITY)
    await move_to(dsn, PUBLICITY_OVER)
    await hall.done(ref, "decide", winner="P-1", award_price=10_000_000_00)
    await hall.done(ref, "issue-notice")


async def test_a_tender_runs_to_its_contract_with_events_numbered_from_one(
    hall: Hall, dsn: str, owner: Connection
) -> None:
    ref = await hall.publish()
    await hall.done(ref, "clarify", affects_preparation=False)
    await hall.done(ref, "file-objection", objection_no="O-1", against="documents")
    await hall.done(ref, "answer-objection", objection_no="O-1")
    await to_notice(hall, dsn, ref)
    await hall.done(ref, "report")
    await hall.done(ref, "sign-contract", contract_price=10_000_000_00, performance_bond=10**8)
    shown = await hall.done(ref, "refund-bonds")
    events = await events_of(owner, "tender/T-2026-1")
    assert (shown["state"], shown["award"]["winner"]) == ("contracted", "P-1")
    assert [event.sequence for event in events] == list(range(1, 13))
    assert [event.type.removeprefix("cn.sunlight.trading.") for event in events] == [
        "tender.published.v1",
        "tender.clarified.v1",
        "tender.objection-filed.v1",
        "tender.objection-answered.v1",
        "tender.opened.v1",
        "tender.evaluated.v1",
        "award.candidates-publicised.v1",
        "award.decided.v1",
        "award.notice-issued.v1",
        "award.reported.v1",
        "award.contract-signed.v1",
        "award.bonds-refunded.v1",
    ]


async def test_a_lot_is_a_subject_of_its_own(hall: Hall, owner: Connection) -> None:
    await hall.publish("T-2026-1~L2")
    (event,) = await events_of(owner, "tender/T-2026-1/L2")
    assert (event.sequence, event.data["lot"], event.source) == (1, "L2", "/990100/trading")


async def test_a_number_is_given_to_one_tender_only(hall: Hall) -> None:
    await hall.publish()
    answer = await hall.tried()
    assert (answer.status_code, answer.json()["code"]) == (409, "tender_exists")


async def test_reading_a_tender_shows_its_award_and_etag(
    hall: Hall, client: httpx.AsyncClient, dsn: str
) -> None:
    ref = await hall.publish()
    await to_notice(hall, dsn, ref)
    answer = await client.get(f"/tenders/{ref}")
    assert (answer.headers["ETag"], answer.json()["award"]["award_price"]) == ('"6"', 10**9)


async def test_a_terminated_tender_takes_no_further_step(hall: Hall) -> None:
    ref = await hall.publish()
    await hall.done(ref, "terminate", ground="no-need")
    answer = await hall.do(ref, "clarify", affects_preparation=False)
    assert (answer.status_code, answer.json()["code"]) == (409, "step_not_possible")


async def test_models_and_migrations_agree(dsn: str) -> None:
    assert await check(dsn, "trading", METADATA) == []
