"""A foreign system's nightly batch: what is late shows at once, a card waits for its allowance.

The allowance is one working day. Accepted on Friday 4 September 2026, twenty working days
(行政许可法 42) end on Friday 9 October: 7 to 11 September (5), 14 to 18 (10), Sunday 20 (11),
21 to 24 (15), 28 to 30 (18), 8 and 9 October. The next working day is Saturday 10 October, worked
by 国办发明电〔2025〕7号, so that a batch may still come until that day ends.
"""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from libs.common.events import Event
from libs.common.law.fold import Fold
from services.e_monitor.check.allowance import allowing
from services.e_monitor.clock.adopt import adopt
from services.e_monitor.clock.handlers import MonitorHandler
from tests.service.e_monitor.scene import LICENCE, at
from tests.standing import Delivery

SYSTEM = "housing"
THEIRS = f"{SYSTEM}/A-1"
OURS = "case/A-1"


def told(subject: str, number: int, kind: str, when: str, recorded: str, **data: Any) -> Event:
    """An event as it comes from a system that tells of it at `recorded`."""
    return Event(
        id=f"{subject}-{number}",
        type=f"cn.sunlight.approval.case.{kind}.v1",
        source="/990100/housing",
        subject=subject,
        time=at(when),
        recordedtime=at(recorded),
        sequence=number,
        data=data,
        region="990100",
        department="市住建局",
    )


def accepted(subject: str) -> list[Event]:
    """Received and accepted on 4 September, told of the same day."""
    first, second = "2026-09-04T09:00:00", "2026-09-04T10:00:00"
    facts = {**LICENCE, "case_no": "A-1"}
    return [
        told(subject, 1, "received", first, first, **facts),
        told(subject, 2, "accepted", second, second),
    ]


def decided(when: str, recorded: str) -> Event:
    return told(THEIRS, 3, "decided", when, recorded, outcome="granted")


@pytest.fixture
def law_with_batch(law: Fold) -> Fold:
    return allowing(law, {SYSTEM: 1})


@pytest.fixture
async def city(database: str, law_with_batch: Fold) -> AsyncIterator[Delivery]:
    """A foreign system's case and one of our own, accepted on the same day."""
    opened = await Delivery.opened(database, law_with_batch)
    await adopt(opened.pool, opened.handler)
    await opened.deliver(accepted(THEIRS), "registry")
    await opened.deliver(accepted(OURS), "approval")
    yield opened
    await opened.close()


async def stands(city: Delivery, subject: str = THEIRS) -> tuple[str, str, str] | None:
    """Stage, severity and status of what was found about the limit."""
    row = await city.pool.fetchrow(
        "SELECT stage, severity, status FROM finding WHERE subject = $1 AND rule = 'APV-010'",
        subject,
    )
    return None if row is None else (row["stage"], row["severity"], row["status"])


async def stages_ever(city: Delivery) -> set[str]:
    rows = await city.pool.fetch(
        "SELECT h.stage FROM finding_history h JOIN finding f ON f.id = h.finding "
        "WHERE f.subject = $1 AND f.rule = 'APV-010'",
        THEIRS,
    )
    return {row["stage"] for row in rows}


async def published(city: Delivery) -> list[tuple[str, bool]]:
    """Stage and publicness of each event about the limit, in order."""
    rows = await city.pool.fetch("SELECT value FROM outbox ORDER BY id")
    bodies = [orjson.loads(row["value"])["data"] for row in rows]
    return [
        (body["stage"], body["public"])
        for body in bodies
        if body["about"] == THEIRS and body["rule"] == "APV-010" and "stage" in body
    ]


async def test_an_hour_past_due_it_is_detected_and_no_card(city: Delivery) -> None:
    await city.move_to(at("2026-10-10T01:00:00"))
    assert await stands(city) == ("detected", "info", "open")


async def test_our_own_services_have_no_allowance(city: Delivery) -> None:
    await city.move_to(at("2026-10-10T01:00:00"))
    assert await stands(city, OURS) == ("red", "red", "open")


@pytest.mark.parametrize(
    ("horizon", "stage"),
    [("2026-10-11T00:00:00", "red"), ("2026-10-10T23:59:59", "detected")],
)
async def test_the_card_comes_once_the_allowance_has_passed(
    city: Delivery, horizon: str, stage: str
) -> None:
    await city.move_to(at("2026-10-10T01:00:00"))
    await city.move_to(at(horizon))
    found = await stands(city)
    assert found is not None
    assert found[0] == stage


async def test_what_the_nightly_batch_shows_to_be_in_time_is_rescinded_and_never_was_a_card(
    city: Delivery,
) -> None:
    await city.move_to(at("2026-10-10T01:00:00"))
    await city.deliver([decided("2026-10-09T16:00:00", "2026-10-10T02:00:00")], "registry")
    await city.move_to(at("2026-11-02T00:00:00"))
    assert await stands(city) == ("detected", "info", "rescinded")
    assert await stages_ever(city) == {"detected"}


async def test_what_the_batch_shows_to_be_late_waits_for_what_else_may_come(
    city: Delivery,
) -> None:
    """The decision of the 10th came; one of the 9th, or a pause, may still be on its way."""
    await city.move_to(at("2026-10-10T18:00:00"))
    await city.deliver([decided("2026-10-10T16:00:00", "2026-10-10T18:00:00")], "registry")
    await city.move_to(at("2026-10-10T20:00:00"))
    assert await stands(city) == ("detected", "info", "open")
    await city.move_to(at("2026-10-11T00:00:00"))
    assert await stands(city) == ("red", "red", "open")


async def test_the_public_is_told_of_it_once_it_is_certain(city: Delivery) -> None:
    await city.move_to(at("2026-10-10T01:00:00"))
    await city.move_to(at("2026-10-12T00:00:00"))
    assert await published(city) == [("detected", False), ("red", True)]


async def test_while_it_waits_the_evidence_says_until_when(city: Delivery) -> None:
    async def evidence() -> dict[str, Any]:
        value = await city.pool.fetchval(
            "SELECT evidence FROM finding WHERE subject = $1 AND rule = 'APV-010'", THEIRS
        )
        return dict(orjson.loads(value))

    await city.move_to(at("2026-10-10T01:00:00"))
    assert (await evidence())["waits_until"] == "2026-10-10T16:00:00+00:00"
    await city.move_to(at("2026-10-12T00:00:00"))
    assert "waits_until" not in await evidence()


async def test_another_allowance_is_another_law_and_taken_up(city: Delivery, law: Fold) -> None:
    await city.move_to(at("2026-10-10T01:00:00"))
    city.handler = MonitorHandler(allowing(law, {SYSTEM: 0}))
    assert await adopt(city.pool, city.handler) == 2
    assert await stands(city) == ("red", "red", "open")


async def test_a_card_on_one_step_waits_as_well(city: Delivery) -> None:
    """A receipt without a seal (行政许可法 32(2)) on Friday the 4th: Monday the 7th may still bring
    what shows it otherwise."""
    when = "2026-09-04T11:00:00"
    receipt = told(THEIRS, 3, "receipt-issued", when, when, sealed=False, dated=True)
    await city.deliver([receipt], "registry")
    stages = []
    for horizon in ("2026-09-04T12:00:00", "2026-09-07T23:59:59", "2026-09-08T00:00:00"):
        await city.move_to(at(horizon))
        found = await city.pool.fetchrow("SELECT stage, severity FROM finding")
        assert found is not None
        stages.append(tuple(found))
    assert stages == [("detected", "info"), ("detected", "info"), ("yellow", "yellow")]
