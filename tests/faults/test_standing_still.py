"""Our own standing still is never a finding against an office: time is what the stream says.

In each test one case is decided in time while a part of the platform stands still, and another
never is: of the second there must be a finding, of the first none, not even a rescinded one.
"""

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from tests.faults.scene import days_pass, decide, found, now, receive
from tests.faults.witness import WitnessedMonitor
from tests.service.common.bus.city import consuming, fetch, reached, relaying, until

KEPT, LATE = "case/kept", "case/late"


async def horizon_passed(dsn: str) -> None:
    """Wait until the worker knows the stream to be complete to now."""
    instant = await now(dsn)

    async def there() -> bool:
        return await reached(dsn, "approval", instant)

    await until(there)


async def all_found(dsn: str) -> None:
    """Wait until a finding was made, and another horizon after it."""

    async def one() -> bool:
        return bool(await found(dsn))

    await until(one)
    await horizon_passed(dsn)


async def test_a_worker_that_stood_still_past_the_deadline_finds_only_what_was_late(
    demonstration: str,
) -> None:
    dsn = demonstration
    async with relaying(dsn, EmbeddedProducer(dsn)):
        await receive(dsn, KEPT, LATE)
        async with consuming(dsn, EmbeddedSource(dsn, "monitor"), WitnessedMonitor()):
            await horizon_passed(dsn)

        await days_pass(dsn, 10)
        await decide(dsn, KEPT)
        await days_pass(dsn, 60)

        async with consuming(dsn, EmbeddedSource(dsn, "monitor"), WitnessedMonitor()):
            await all_found(dsn)
    assert await found(dsn) == [LATE]


async def test_a_worker_that_was_never_started_before_finds_only_what_was_late(
    demonstration: str,
) -> None:
    dsn = demonstration
    async with relaying(dsn, EmbeddedProducer(dsn)):
        await receive(dsn, KEPT, LATE)
        await days_pass(dsn, 10)
        await decide(dsn, KEPT)
        await days_pass(dsn, 60)
        async with consuming(
            dsn, EmbeddedSource(dsn, "monitor"), WitnessedMonitor(), batch_size=12
        ):
            await all_found(dsn)
    assert await found(dsn) == [LATE]


async def test_a_relay_that_stood_still_past_the_deadline_lets_nothing_be_found_meanwhile(
    demonstration: str,
) -> None:
    dsn = demonstration
    async with consuming(dsn, EmbeddedSource(dsn, "monitor"), WitnessedMonitor()):
        async with relaying(dsn, EmbeddedProducer(dsn)):
            await receive(dsn, KEPT, LATE)
            await horizon_passed(dsn)

        await days_pass(dsn, 10)
        await decide(dsn, KEPT)
        standing_still = await days_pass(dsn, 60)
        assert not await reached(dsn, "approval", standing_still)
        assert await found(dsn) == []

        async with relaying(dsn, EmbeddedProducer(dsn)):
            await all_found(dsn)
    assert await found(dsn) == [LATE]


async def test_a_decision_just_before_the_deadline_told_long_after_it_is_in_time(
    demonstration: str,
) -> None:
    dsn = demonstration
    async with relaying(dsn, EmbeddedProducer(dsn)):
        await receive(dsn, KEPT, LATE)
        await until(lambda: _told(dsn))
    # Monday 30 March 2026 is the twentieth working day; Friday 3 April is past it.
    await days_pass(dsn, 28)
    await decide(dsn, KEPT)
    await days_pass(dsn, 4)
    async with relaying(dsn, EmbeddedProducer(dsn)):
        instant = await now(dsn)
        await decide(dsn, LATE)
        await until(lambda: _told(dsn))
        async with consuming(dsn, EmbeddedSource(dsn, "monitor"), WitnessedMonitor()):
            await until(lambda: reached(dsn, "approval", instant))
            await all_found(dsn)
    assert await found(dsn) == [LATE]


async def _told(dsn: str) -> bool:
    return not await fetch(dsn, "SELECT 1 FROM approval.outbox WHERE published_at IS NULL")
