"""A row that a sweep fails for: it is set aside and told of, while all others are concluded on."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from structlog.testing import capture_logs

from libs.common.bus import parked
from libs.common.events import Event, recorded_id
from libs.common.law.fold import Fold
from services.e_monitor.clock.adopt import adopt
from services.e_monitor.metrics import UNJUDGED
from tests.service.e_monitor.test_gaps import BEGIN, some
from tests.standing import Delivery

LATER = BEGIN + timedelta(hours=6)
LICENCES = ("fire/1", "fire/2", "fire/3")


def licence(subject: str) -> Event:
    """A licence given out of which no case is ever heard."""
    return Event(
        id=recorded_id("/test", subject, "1"),
        type="cn.sunlight.registry.licence.issued.v1",
        source="/990100/fire",
        subject=subject,
        time=BEGIN,
        recordedtime=BEGIN,
        sequence=1,
        data={"licence_no": f"no-{subject[-1]}"},
        region="990100",
        department="office-1",
    )


@pytest_asyncio.fixture
async def delivery(database: str, law: Fold) -> AsyncIterator[Delivery]:
    opened = await Delivery.opened(database, law)
    await adopt(opened.pool, opened.handler)
    yield opened
    await opened.close()


async def found(delivery: Delivery) -> list[str]:
    rows = await delivery.pool.fetch(
        "SELECT subject FROM finding WHERE status <> 'rescinded' ORDER BY subject"
    )
    return [row["subject"] for row in rows]


async def poison_claim(delivery: Delivery, number: int) -> None:
    """A number of the second licence's claim that no finding can bear (it is an integer there)."""
    await delivery.pool.execute(
        "UPDATE match_claim SET occurrence = $1 WHERE claim = 'fire/2'", number
    )


async def test_licences_are_concluded_on_where_one_cannot_be(delivery: Delivery) -> None:
    await delivery.deliver([licence(name) for name in LICENCES], "registry")
    await poison_claim(delivery, 3_000_000_000)
    await delivery.move_to(LATER)
    assert await found(delivery) == ["fire/1", "fire/3"]
    (listed,) = await parked.listed(delivery.pool)
    assert (listed.subject, listed.reason) == ("fire/2", "unjudged")


async def test_the_alarm_is_raised_once(delivery: Delivery) -> None:
    await delivery.deliver([licence(name) for name in LICENCES], "registry")
    await poison_claim(delivery, 3_000_000_000)
    before = UNJUDGED._value.get()
    with capture_logs() as logs:
        for seconds in range(3):
            await delivery.move_to(LATER + timedelta(seconds=seconds))
    assert UNJUDGED._value.get() == before + 1
    assert len([entry for entry in logs if entry["event"] == "monitor.unjudged"]) == 1


async def test_replayed_once_it_is_mended_the_licence_is_concluded_on(delivery: Delivery) -> None:
    await delivery.deliver([licence(name) for name in LICENCES], "registry")
    await poison_claim(delivery, 3_000_000_000)
    await delivery.move_to(LATER)
    await poison_claim(delivery, 1)
    assert (await parked.replay(delivery.pool, delivery.handler, "fire/2")).parked == 0
    await delivery.move_to(LATER + timedelta(seconds=1))
    assert await found(delivery) == list(LICENCES)


async def gaps(delivery: Delivery) -> None:
    """Three cases of which number 2 has not come; number 3 of the second can't be read any more."""
    for number in range(1, 4):
        await delivery.deliver(some(1, 3, subject=f"case/{number}"), "approval")
    await delivery.pool.execute(
        "UPDATE parked SET raw = '\\x00ff' WHERE subject = 'case/2' AND sequence = 3"
    )


async def test_gaps_are_told_where_what_waits_for_one_cannot_be_read(delivery: Delivery) -> None:
    await gaps(delivery)
    await delivery.move_to(LATER)
    assert await found(delivery) == ["case/1", "case/3"]
    assert "unjudged" in {one.reason for one in await parked.shown(delivery.pool, "case/2")}
    assert {one.reason for one in await parked.shown(delivery.pool, "case/1")} == {"gap"}


async def test_a_told_gap_that_cannot_be_read_keeps_no_other_from_being_rescinded(
    delivery: Delivery,
) -> None:
    await delivery.deliver(some(1, 3, subject="case/1"), "approval")
    await delivery.deliver(some(1, 3, subject="case/2"), "approval")
    await delivery.move_to(LATER)
    await delivery.pool.execute("UPDATE finding SET evidence = '{}' WHERE subject = 'case/1'")
    await delivery.deliver(some(2, subject="case/2"), "approval")
    await delivery.move_to(LATER + timedelta(seconds=1))
    assert await found(delivery) == ["case/1"]
