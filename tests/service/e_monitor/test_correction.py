"""A corrected entry: the monitor stands as if the right values had been said from the start."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import connect
from libs.common.events import Event, recorded_id
from libs.common.law.fold import Fold
from tests.databases import fresh_database
from tests.standing import Delivery, Standing

UNTIL = datetime(2024, 6, 1, tzinfo=UTC)
BEGIN = datetime(2024, 3, 4, 2, tzinfo=UTC)
"""Monday, ten in the morning in Shanghai."""
LICENCE: dict[str, Any] = {"item_type": "行政许可", "joint": False, "limit_set_by_law": False}
SERVICE: dict[str, Any] = {"item_type": "公共服务", "joint": False, "limit_set_by_law": False}
PROMISE: dict[str, Any] = {"promised_limit": 9, "promised_unit": "working_day"}


def event(subject: str, sequence: int, kind: str, days: float, **data: Any) -> Event:
    """An event of a case so many days after BEGIN."""
    at = BEGIN + timedelta(days=days)
    return Event(
        id=recorded_id("/test", subject, f"{sequence}"),
        type=f"cn.sunlight.approval.case.{kind}.v1",
        source="/test",
        subject=subject,
        time=at,
        recordedtime=at,
        sequence=sequence,
        data=data,
        region="990100",
        department="office-1",
    )


def life(subject: str, entry: dict[str, Any]) -> list[Event]:
    """Received and accepted on one day, and nothing after it."""
    return [
        event(subject, 1, "received", 0, case_no=subject, **entry),
        event(subject, 2, "accepted", 0.1),
    ]


def corrected(subject: str, sequence: int, days: float, **right: Any) -> Event:
    """The correction of the receipt."""
    told = {"corrects": 1, "reason_code": "wrong_item", **right}
    return event(subject, sequence, "corrected", days, **told)


@pytest_asyncio.fixture
async def delivery(database: str, law: Fold) -> AsyncIterator[Delivery]:
    opened = await Delivery.opened(database, law)
    yield opened
    await opened.close()


async def findings(delivery: Delivery) -> list[tuple[str, str, str | None]]:
    """(rule, status, reason) of every finding there ever was."""
    connection = await connect(delivery.dsn, "monitor")
    try:
        rows = await connection.fetch("SELECT rule, status, reason FROM finding ORDER BY rule")
    finally:
        await connection.close()
    return [(row["rule"], row["status"], row["reason"]) for row in rows]


async def test_a_finding_that_rested_on_a_wrong_entry_is_rescinded_with_that_reason(
    delivery: Delivery,
) -> None:
    await delivery.deliver(life("case/1", LICENCE), "approval")
    await delivery.move_to(UNTIL)
    before = await findings(delivery)
    await delivery.deliver([corrected("case/1", 3, 60, item_type="公共服务")], "approval")

    assert before == [("APV-010", "open", None)]
    assert await findings(delivery) == [("APV-010", "rescinded", "entry_corrected")]


async def test_a_case_entered_as_a_service_is_found_late_once_it_is_a_licence(
    delivery: Delivery,
) -> None:
    await delivery.deliver(life("case/1", SERVICE), "approval")
    await delivery.move_to(UNTIL)
    before = await findings(delivery)
    await delivery.deliver([corrected("case/1", 3, 60, item_type="行政许可")], "approval")

    assert before == []
    assert await findings(delivery) == [("APV-010", "open", None)]


async def test_a_case_with_an_entry_no_rule_reads_corrected_stands_as_before(
    delivery: Delivery,
) -> None:
    await delivery.deliver(life("case/1", LICENCE), "approval")
    await delivery.move_to(UNTIL)
    before = await delivery.standing(UNTIL)
    await delivery.deliver([corrected("case/1", 3, 60, item_version=2)], "approval")

    assert await delivery.standing(UNTIL) == before


def city(rng: random.Random) -> tuple[list[Event], list[Event]]:
    """Thirty cases with wrong receipts corrected at some time, and the same cases right."""
    wrong_ones: list[Event] = []
    right_ones: list[Event] = []
    for number in range(30):
        subject = f"case/{number}"
        entries = [LICENCE, SERVICE, {**LICENCE, **PROMISE}, {**SERVICE, **PROMISE}]
        wrong, right = rng.choice(entries), rng.choice(entries)
        steps = [
            event(subject, 3, "paused", rng.uniform(1, 9), ground="hearing", notice_no="N"),
            event(subject, 4, "resumed", rng.uniform(10, 20)),
            event(subject, 5, "decided", rng.uniform(20, 60), outcome="granted"),
        ][: rng.randrange(4)]
        right_ones += [*life(subject, right), *steps]
        changes = {name: value for name, value in right.items() if wrong.get(name) != value}
        removed = sorted(wrong.keys() - right.keys())
        told = corrected(subject, 3, rng.uniform(0.2, 60), removed=removed, **changes)
        # The correction has the first number after the acceptance: what follows may be late.
        later = [step._replace(sequence=step.sequence + 1) for step in steps]
        wrong_ones += [*life(subject, wrong), told, *later]
    return wrong_ones, right_ones


async def stood(
    server: EmbeddedPostgres, template: str, law: Fold, events: Sequence[Event], rng: random.Random
) -> Standing:
    """What stands after the events came in random batches, timers firing in between."""
    with fresh_database(server, template) as dsn:
        delivery = await Delivery.opened(dsn, law)
        try:
            begin = 0
            while begin < len(events):
                size = rng.choice([1, 7, 40])
                await delivery.deliver(events[begin : begin + size], "approval")
                begin += size
                if rng.random() < 0.2:
                    await delivery.move_to(BEGIN + timedelta(days=80 * begin / len(events)))
            await delivery.move_to(UNTIL)
            return await delivery.standing(UNTIL)
        finally:
            await delivery.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_the_order_of_arrival_it_stands_as_with_the_right_entries(
    postgres: EmbeddedPostgres, template: str, law: Fold, seed: int
) -> None:
    rng = random.Random(seed)
    wrong, right = city(rng)
    arrivals = [*wrong, *rng.choices(wrong, k=40)]
    rng.shuffle(arrivals)

    found = await stood(postgres, template, law, arrivals, rng)

    expected = await stood(postgres, template, law, right, rng)
    assert expected.findings
    assert found == expected
