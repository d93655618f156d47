"""A number missing in a sequence: a finding past the allowance, rescinded when it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from libs.common.events import Event, recorded_id
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from libs.common.law.rulebook import Rulebook
from services.e_monitor.check.allowance import allowing
from services.e_monitor.clock.handlers import MonitorHandler
from tests.standing import Delivery

BEGIN = datetime(2026, 3, 2, 2, tzinfo=UTC)
"""Monday 2 March 2026, 10:00 in Shanghai."""
RULE = "EMO-GAP"
KINDS = ("received", "accepted", "step-recorded", "step-recorded", "decided")


def _event(number: int, subject: str) -> Event:
    at = BEGIN + timedelta(hours=number)
    return Event(
        id=recorded_id("/test", subject, str(number)),
        type=f"cn.sunlight.approval.case.{KINDS[number - 1]}.v1",
        source="/test",
        subject=subject,
        time=at,
        recordedtime=at,
        sequence=number,
        data={"case_no": subject} if number == 1 else {"outcome": "granted"} if number == 5 else {},
        region="990100",
        department="office-1",
    )


def some(*numbers: int, subject: str = "case/1") -> list[Event]:
    """Of a case received, accepted, twice noted and decided, one each hour, the steps named."""
    return [_event(number, subject) for number in numbers]


@pytest_asyncio.fixture
async def delivery(database: str, law: Fold) -> AsyncIterator[Delivery]:
    opened = await Delivery.opened(database, law)
    yield opened
    await opened.close()


async def _missing(delivery: Delivery) -> list[tuple[str, str, int]]:
    """Subject, status and missing number of each finding ever made."""
    rows = await delivery.pool.fetch(
        "SELECT subject, status, (evidence->'seen'->>'missing')::int AS missing FROM finding"
        " WHERE rule = $1 ORDER BY subject, missing",
        RULE,
    )
    return [(row["subject"], row["status"], row["missing"]) for row in rows]


async def test_a_gap_that_stream_time_has_passed_is_found(delivery: Delivery) -> None:
    await delivery.deliver(some(1, 3), "approval")
    await delivery.move_to(BEGIN + timedelta(hours=3, seconds=1))
    assert await _missing(delivery) == [("case/1", "open", 2)]


async def test_a_gap_is_not_found_while_the_missing_one_may_still_be_on_its_way(
    delivery: Delivery,
) -> None:
    await delivery.deliver(some(1, 3), "approval")
    await delivery.move_to(BEGIN + timedelta(hours=3))
    assert await _missing(delivery) == []


async def test_a_gap_of_a_nightly_batch_waits_for_the_end_of_its_allowance(
    delivery: Delivery, law: Fold
) -> None:
    """Recorded on Monday 2 March with one working day: to the end of Tuesday, 16:00 UTC."""
    delivery.handler = MonitorHandler(allowing(law, {"housing": 1}))
    await delivery.deliver(some(1, 3, subject="housing/1"), "registry")
    await delivery.move_to(datetime(2026, 3, 3, 15, 59, tzinfo=UTC))
    before = await _missing(delivery)
    await delivery.move_to(datetime(2026, 3, 3, 16, 1, tzinfo=UTC))
    assert (before, await _missing(delivery)) == ([], [("housing/1", "open", 2)])


async def test_when_the_missing_one_comes_the_finding_is_rescinded(delivery: Delivery) -> None:
    await delivery.deliver(some(1, 3), "approval")
    await delivery.move_to(BEGIN + timedelta(hours=4))
    await delivery.deliver(some(2), "approval")
    await delivery.move_to(BEGIN + timedelta(hours=5))
    assert await _missing(delivery) == [("case/1", "rescinded", 2)]


async def test_what_stands_is_the_same_whatever_came_when(delivery: Delivery) -> None:
    """Numbers 2 and 4 never come: of each subject the first missing one stands."""
    for number in (5, 1, 3):
        await delivery.deliver(some(number, subject="case/1"), "approval")
        await delivery.move_to(BEGIN + timedelta(hours=6, seconds=number))
    await delivery.deliver(some(1, 3, 5, subject="case/2"), "approval")
    await delivery.move_to(BEGIN + timedelta(hours=7))
    rows = await delivery.pool.fetch(
        "SELECT subject, occurrence, occurred_at, evidence FROM finding"
        " WHERE rule = $1 AND status <> 'rescinded' ORDER BY subject",
        RULE,
    )
    assert [row["subject"] for row in rows] == ["case/1", "case/2"]
    assert rows[0][1:] == rows[1][1:]


async def test_a_gap_is_told_once(delivery: Delivery) -> None:
    await delivery.deliver(some(1, 3), "approval")
    for second in range(1, 4):
        await delivery.move_to(BEGIN + timedelta(hours=4, seconds=second))
    versions = await delivery.pool.fetch("SELECT version FROM finding WHERE rule = $1", RULE)
    assert [row["version"] for row in versions] == [1]


async def test_what_we_set_aside_ourselves_is_no_gap_of_the_office(delivery: Delivery) -> None:
    await delivery.deliver(some(1), "approval")
    await delivery.deliver([some(1)[0]._replace(id="another")], "approval")
    await delivery.deliver(some(2, 3), "approval")
    await delivery.move_to(BEGIN + timedelta(days=30))
    assert await _missing(delivery) == []


async def test_a_missing_one_that_came_and_could_not_be_handled_is_ours(
    delivery: Delivery,
) -> None:
    await delivery.deliver(some(1, 3), "approval")
    await delivery.move_to(BEGIN + timedelta(hours=4))
    await delivery.pool.execute(
        'INSERT INTO parked (topic, partition, "offset", subject, sequence, reason, error, raw,'
        " parked_at) SELECT topic, partition, 9, subject, 2, 'poison', '', '', parked_at"
        " FROM parked WHERE reason = 'gap'"
    )
    await delivery.move_to(BEGIN + timedelta(hours=5))
    assert await _missing(delivery) == [("case/1", "rescinded", 2)]


async def test_a_rulebook_without_the_rule_tells_of_no_gap(delivery: Delivery, law: Fold) -> None:
    kept = tuple(rule for rule in law.book.rules if not isinstance(rule, Pattern))
    delivery.handler = MonitorHandler(replace(law, book=Rulebook(kept, law.book.exclusions)))
    await delivery.deliver(some(1, 3), "approval")
    await delivery.move_to(BEGIN + timedelta(days=30))
    assert await _missing(delivery) == []
