"""Numbers that never come hold their subject until a person accepts it, on record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from libs.common.bus import missing
from libs.common.bus.batch import Tally
from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.missing import Gap, NotMissingError
from libs.common.bus.protocol import horizon_records
from libs.common.db import engine
from libs.common.db.engine import Pool
from libs.common.events import Event
from tests.service.common.bus.city import (
    LATER,
    SERVICE,
    consume,
    event,
    fetch,
    life,
    outgoing,
    send,
)
from tests.service.common.bus.ledger import Ledger, effects, parked_rows
from tests.service.common.bus.scripted import deliver

LOST = "case/lost"
AUDIT = "SELECT post, action, subject, version, detail::text FROM monitor.audit ORDER BY id"


@asynccontextmanager
async def pooled(dsn: str) -> AsyncIterator[Pool]:
    pool = await engine.pool(dsn, SERVICE, max_size=2)
    try:
        yield pool
    finally:
        await pool.close()


async def skip(dsn: str, first: int, last: int, handler: Ledger | None = None) -> Tally:
    async with pooled(dsn) as pool:
        return await missing.skip(
            pool,
            handler or Ledger(),
            LOST,
            Gap("approval", first, last),
            by="post-7",
            reason="the disk was lost",
        )


async def deliver_numbers(dsn: str, *numbers: int) -> None:
    await deliver(dsn, Ledger(), [outgoing([event(LOST, number) for number in numbers])])


def events_of(*numbers: int) -> list[Event]:
    return [event(LOST, number) for number in numbers]


async def applied(dsn: str) -> list[int]:
    return [number for _, number in await effects(dsn, LOST)]


async def test_what_was_held_is_applied_once_the_gap_is_accepted_on_the_embedded_bus(
    bus: str, producer: EmbeddedProducer, source: EmbeddedSource
) -> None:
    await send(producer, *outgoing([*events_of(1, 2, 5, 6), *life("case/other", 3)]))
    await consume(bus, source, Ledger())
    assert await applied(bus) == [1, 2]

    tally = await skip(bus, 3, 4)

    assert (tally.applied, tally.parked) == (2, 0)
    assert await applied(bus) == [1, 2, 5, 6]
    assert await parked_rows(bus) == []

    later = LATER.replace(year=LATER.year + 1)
    await producer.send(outgoing(events_of(7)))
    await producer.send(horizon_records("approval", later))
    await consume(bus, EmbeddedSource(bus, SERVICE), Ledger(), later)
    assert await applied(bus) == [1, 2, 5, 6, 7]


async def test_who_accepted_which_numbers_and_why_stays_on_record(bus: str) -> None:
    await deliver_numbers(bus, 1, 4)
    await skip(bus, 2, 3)
    ((post, action, subject, version, detail),) = await fetch(bus, AUDIT)
    assert (post, action, subject, version) == ("post-7", "parked.skipped", LOST, 3)
    assert '"the disk was lost"' in detail
    assert ('"first": 2' in detail, '"last": 3' in detail) == (True, True)


async def test_the_record_can_not_be_changed_by_the_service(bus: str) -> None:
    await deliver_numbers(bus, 1, 4)
    await skip(bus, 2, 3)
    async with pooled(bus) as pool:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("DELETE FROM audit")


async def test_the_beginning_of_a_gap_may_be_accepted_and_the_rest_still_come(bus: str) -> None:
    await deliver_numbers(bus, 1, 5)
    await skip(bus, 2, 3)
    assert await applied(bus) == [1]
    await deliver_numbers(bus, 4)
    assert await applied(bus) == [1, 4, 5]


async def test_the_first_events_of_a_subject_may_be_the_missing_ones(bus: str) -> None:
    await deliver_numbers(bus, 3)
    await skip(bus, 1, 2)
    assert await applied(bus) == [3]


@pytest.mark.parametrize(
    ("first", "last"),
    [(1, 3), (3, 3), (2, 4), (2, 5), (4, 4), (5, 9), (3, 2), (2, 1)],
)
async def test_only_numbers_that_a_held_event_waits_for_are_accepted(
    bus: str, first: int, last: int
) -> None:
    await deliver_numbers(bus, 1, 4)
    with pytest.raises(NotMissingError) as refused:
        await skip(bus, first, last)
    assert refused.value.gaps == [Gap("approval", 2, 3)]
    assert await applied(bus) == [1]
    assert await parked_rows(bus) == [(4, "gap")]
    assert await fetch(bus, AUDIT) == []


async def test_the_next_event_of_a_subject_is_never_given_up_before_a_later_one_has_come(
    bus: str,
) -> None:
    await deliver_numbers(bus, 1, 2)
    with pytest.raises(NotMissingError) as refused:
        await skip(bus, 3, 3)
    assert refused.value.gaps == []


async def test_a_subject_with_an_event_that_can_not_be_handled_is_mended_first(bus: str) -> None:
    refusing = Ledger(refuses=lambda one: one.sequence == 2)
    await deliver(bus, refusing, [outgoing(events_of(1, 2, 4))])
    with pytest.raises(NotMissingError) as refused:
        await skip(bus, 3, 3)
    assert refused.value.blocked


async def test_a_held_event_that_can_not_be_handled_is_set_aside_behind_the_accepted_gap(
    bus: str,
) -> None:
    await deliver_numbers(bus, 1, 3, 4)
    tally = await skip(bus, 2, 2, Ledger(breaks=lambda one: one.sequence == 4))
    assert (tally.applied, tally.parked) == (1, 1)
    assert await applied(bus) == [1, 3]
    assert await parked_rows(bus) == [(4, "poison")]
    assert len(await fetch(bus, AUDIT)) == 1


async def test_gaps_are_told_by_topic_and_only_as_far_as_the_first_held_event(bus: str) -> None:
    await deliver_numbers(bus, 1, 3, 7)
    two = outgoing([event(LOST, 5)], "trading")
    await deliver(bus, Ledger(topics=("approval", "trading")), [two])
    async with pooled(bus) as pool:
        assert await missing.gaps(pool, LOST) == [Gap("approval", 2, 2), Gap("trading", 1, 4)]


async def test_a_subject_that_nobody_knows_has_no_gaps(bus: str) -> None:
    with pytest.raises(NotMissingError) as refused:
        await skip(bus, 1, 1)
    assert refused.value.gaps == []
