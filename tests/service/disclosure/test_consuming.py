"""Events become records and counts exactly once, with an event for each record."""

from dataclasses import replace
from typing import Any

import httpx

from libs.common.db.city_clock import city_now
from libs.common.db.engine import Connection, Pool, pool
from libs.common.db.migrations import check
from libs.common.events import Event, recorded_id
from libs.common.law.facts import Truth, decide
from libs.common.law.pack import load, packs_in
from libs.common.law.rule import Deadline
from services.disclosure.record.handlers import RecordHandler
from services.disclosure.tables import METADATA
from tests.service.city import RULES
from tests.service.desk import events_of
from tests.service.disclosure.conftest import HANDLER, Stream
from tests.unit.disclosure.events import (
    BODY,
    decided,
    detected,
    event,
    received,
    tender,
)

TENDER = "tender/T-2026-001"
LIFE: list[tuple[str, dict[str, Any]]] = [
    ("trading.tender.clarified", {"bid_deadline": "2026-04-01T09:00:00+08:00"}),
    ("trading.tender.opened", {"bids": 3}),
    (
        "trading.award.candidates-publicised",
        {
            "publicity_from": "2026-04-02T00:00:00+08:00",
            "publicity_until": "2026-04-05T00:00:00+08:00",
            "candidates": [{"rank_no": 1, "party": BODY, "price": 500}],
        },
    ),
    ("trading.award.decided", {"winner": BODY, "award_price": 500}),
    ("trading.award.contract-signed", {"contract_price": 500}),
]


def life() -> list[Event]:
    """A tender from notice to contract."""
    later = [
        event(name, TENDER, number, data, regime="招标投标法")
        for number, (name, data) in enumerate(LIFE, start=2)
    ]
    return [tender(), *later]


async def rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    found = await connection.fetch(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608
    return [dict(row) for row in found]


async def test_a_tender_gives_a_record_for_each_public_step_numbered_without_gaps(
    stream: Stream, owner_connection: Connection
) -> None:
    tally = await stream.send(*life())
    events = await events_of(owner_connection, TENDER)
    assert tally.applied == 6
    assert [item.data["kind"] for item in events] == [
        "tender_notice",
        "tender_notice",
        "candidates",
        "award",
        "contract",
    ]
    assert [item.sequence for item in events] == [1, 2, 3, 4, 5]


async def test_numbers_go_on_where_the_batch_before_ended(
    stream: Stream, owner_connection: Connection
) -> None:
    for item in life():
        await stream.send(item)
    assert [item.sequence for item in await events_of(owner_connection, TENDER)] == [1, 2, 3, 4, 5]


async def test_a_granted_licence_is_told_about_its_own_case_so_that_the_clock_stops(
    stream: Stream, owner_connection: Connection
) -> None:
    granted = decided()
    await stream.send(received(), granted)
    (published,) = await events_of(owner_connection, "case/C-1")
    assert published.type == "cn.sunlight.disclosure.record.published.v1"
    assert (published.data["kind"], published.data["about"]) == ("decision", "case/C-1")
    assert published.causationid == granted.id
    assert published.department == "office-1"
    assert published.actor is None


async def test_the_event_of_a_granted_licence_stops_the_limit_for_its_publication(
    stream: Stream, owner_connection: Connection
) -> None:
    await stream.send(received(), decided())
    (published,) = await events_of(owner_connection, "case/C-1")
    (rule,) = load(packs_in(RULES, "national")).by_id["APV-022"]
    assert isinstance(rule, Deadline)
    assert published.type in rule.stop
    assert decide(rule.stop_when, published.data)[0] is Truth.YES


async def test_duplicate_events_change_nothing(
    stream: Stream, owner_connection: Connection
) -> None:
    sent = [*life(), received(), decided(), detected()]
    await stream.send(*sent)
    tables = ("record", "overdue", "office_month", "outbox")
    before = [await rows(owner_connection, table) for table in tables]
    tally = await stream.send(*sent)
    assert (tally.applied, tally.duplicates) == (0, len(sent))
    assert [await rows(owner_connection, table) for table in tables] == before


async def test_a_number_seen_before_with_another_id_sets_its_subject_aside_as_a_conflict(
    stream: Stream, owner_connection: Connection
) -> None:
    first, second, *_ = life()
    await stream.send(first, second)
    other = second._replace(id=recorded_id("/elsewhere", TENDER, "2"))
    tally = await stream.send(other)
    assert (tally.duplicates, tally.parked, tally.poison) == (0, 1, 1)
    (aside,) = await rows(owner_connection, "parked")
    assert (aside["subject"], aside["sequence"], aside["reason"]) == (TENDER, 2, "conflict")
    assert second.id in aside["error"]
    assert other.id in aside["error"]


async def test_the_same_number_in_two_topics_is_no_conflict(stream: Stream) -> None:
    closed = {"finding_id": "f-1", "rule": "APV-010", "about": TENDER, "reason": "late-event"}
    both = [tender(), event("monitor.finding.closed", TENDER, 1, closed)]
    await stream.send(*both)
    tally = await stream.send(*both)
    assert (tally.duplicates, tally.parked) == (2, 0)


async def test_ids_of_applied_events_are_forgotten_after_thirty_days(
    dsn: str, stream: Stream, owner_connection: Connection
) -> None:
    await stream.send(*life())
    await owner_connection.execute(
        "UPDATE applied SET applied_at = city_now() - CASE WHEN sequence <= 2"
        " THEN interval '30 days 1 second' ELSE interval '29 days 23 hours' END"
    )
    async with await pool(dsn, "disclosure", max_size=1) as connections:
        await replace(HANDLER).sweep(connections, frozenset())
    assert [row["sequence"] for row in await rows(owner_connection, "applied")] == [3, 4, 5, 6]
    tally = await stream.send(life()[0]._replace(id=recorded_id("/elsewhere", TENDER, "1")))
    assert (tally.duplicates, tally.parked) == (1, 0)


async def test_old_ids_are_looked_for_once_a_minute(dsn: str, stream: Stream) -> None:
    seconds = iter([0.0, 59.0, 60.0])
    handler = replace(HANDLER, elapsed=lambda: next(seconds))
    async with await pool(dsn, "disclosure", max_size=1) as connections:
        left = [await _left(handler, connections, stream, n) for n in range(1, 4)]
    assert left == [0, 1, 0]


async def _left(handler: RecordHandler, connections: Pool, stream: Stream, number: int) -> int:
    """How many old ids a sweep leaves of the one it finds."""
    await stream.send(tender(number))
    await connections.execute("UPDATE applied SET applied_at = city_now() - interval '31 days'")
    await handler.sweep(connections, frozenset())
    return int(await connections.fetchval("SELECT count(*) FROM applied"))


async def test_reprocessing_from_the_start_finds_the_same_records_and_tells_them_once(
    stream: Stream, owner_connection: Connection
) -> None:
    await stream.send(*life())
    before = await rows(owner_connection, "record")
    await owner_connection.execute("TRUNCATE subject, consumer_position")
    await stream.send(*life())
    assert await rows(owner_connection, "record") == before
    assert len(await events_of(owner_connection, TENDER)) == 5


async def test_an_unknown_type_is_ignored_and_the_subject_goes_on(
    stream: Stream, owner_connection: Connection
) -> None:
    odd = event("trading.tender.sung", TENDER, 1, {"tune": "loud"})
    tally = await stream.send(odd, tender(2))
    assert (tally.applied, tally.parked) == (2, 0)
    assert len(await rows(owner_connection, "record")) == 1


async def test_events_that_come_before_their_turn_are_published_in_order(
    stream: Stream, owner_connection: Connection
) -> None:
    first, *later = life()
    await stream.send(*later)
    assert await rows(owner_connection, "record") == []
    await stream.send(first)
    events = await events_of(owner_connection, TENDER)
    assert [item.sequence for item in events] == [1, 2, 3, 4, 5]
    assert events[0].causationid == first.id


async def test_leads_leave_no_trace(stream: Stream, owner_connection: Connection) -> None:
    await stream.send(detected(rule="EMO-020", severity="lead"))
    assert await rows(owner_connection, "overdue") == []
    assert await rows(owner_connection, "outbox") == []


async def test_counts_have_the_decisions_of_the_same_office_and_month_as_base(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    cases = [f"case/C-{n}" for n in range(1, 4)]
    await stream.send(*(received(case) for case in cases), *(decided(case) for case in cases))
    await stream.send(detected(), detected("f-2", attributes={"department": "office-2"}))
    counts = (await public.get("/api/disclosure/v1/overdue")).json()["items"]
    assert {item["office"]: item["handled"] for item in counts} == {"office-1": 3, "office-2": None}


async def test_publication_is_dated_by_the_city_clock(
    stream: Stream, owner_connection: Connection
) -> None:
    before = await city_now(owner_connection)
    await stream.send(tender())
    (record,) = await rows(owner_connection, "record")
    (published,) = await events_of(owner_connection, TENDER)
    assert record["published_at"] == published.time
    assert before <= published.time <= await city_now(owner_connection)


async def test_models_and_migrations_agree(dsn: str) -> None:
    assert await check(dsn, "disclosure", METADATA) == []
