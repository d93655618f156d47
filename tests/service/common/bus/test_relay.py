"""The relay sends what is in the outbox: once where it can, in order, never early."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.typing import EventDict

from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.protocol import Outgoing
from libs.common.bus.relay import Relay
from tests.service.common.bus.city import (
    connected,
    consuming,
    event,
    execute,
    fetch,
    life,
    put,
    relaying,
    until,
)
from tests.service.common.bus.ledger import Ledger, effects

SENT = 'SELECT value FROM bus.log WHERE key IS NOT NULL ORDER BY partition, "offset"'
WAITING = "SELECT count(*) FROM approval.outbox WHERE published_at IS NULL"
END_RELAYS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'sunlight-relay-approval'
"""


@pytest.fixture(autouse=True)
def _fast_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.common.bus.relay.PULSE_SECONDS", 0.1)


class TornProducer(EmbeddedProducer):
    """Loses its connection after the records are in the log and before it can say so."""

    torn = 3

    async def send(self, records: Sequence[Outgoing]) -> None:
        await super().send(records)
        if any(record.key for record in records) and self.torn:
            self.torn -= 1
            raise ConnectionResetError("torn")


async def waiting(dsn: str) -> int:
    ((count,),) = await fetch(dsn, WAITING)
    return int(count)


def emptied(dsn: str) -> Callable[[], Any]:
    async def empty() -> bool:
        return await waiting(dsn) == 0

    return empty


async def test_what_is_in_the_outbox_is_sent_in_order(bus: str) -> None:
    async with connected(bus) as connection:
        await put(connection, life("case/1"))
    async with relaying(bus, EmbeddedProducer(bus)):
        await until(emptied(bus))
    sent = [bytes(value) for (value,) in await fetch(bus, SENT)]
    assert [value.split(b'"sequence":"')[1][:10] for value in sent] == [
        b"%010d" % number for number in range(1, 11)
    ]


async def test_only_one_of_two_relays_works(bus: str) -> None:
    told: list[tuple[str, datetime]] = []

    def telling(name: str) -> Callable[[datetime], None]:
        return lambda horizon: told.append((name, horizon))

    async with (
        relaying(bus, EmbeddedProducer(bus), on_horizon=telling("one")),
        relaying(bus, EmbeddedProducer(bus), on_horizon=telling("two")),
    ):
        await until(lambda: _length(told, 5))
        assert len({name for name, _ in told}) == 1


async def test_the_second_relay_takes_over_when_the_first_stops(bus: str) -> None:
    told: list[str] = []
    async with relaying(bus, EmbeddedProducer(bus), on_horizon=lambda _: told.append("one")):
        await until(lambda: _length(told, 1))
        second = relaying(bus, EmbeddedProducer(bus), on_horizon=lambda _: told.append("two"))
        await second.__aenter__()
        assert "two" not in told
    await until(lambda: _length([name for name in told if name == "two"], 1))
    await second.__aexit__(None, None, None)


async def test_a_relay_whose_connection_is_ended_takes_the_lock_anew(
    bus: str, logs: list[EventDict]
) -> None:
    async with relaying(bus, EmbeddedProducer(bus)), connected(bus) as connection:
        await put(connection, [event("case/1", 1)])
        await until(emptied(bus))
        await execute(bus, END_RELAYS)
        await put(connection, [event("case/1", 2)])
        await until(emptied(bus))
    holds = [entry for entry in logs if entry["event"] == "relay.holds"]
    retries = [entry for entry in logs if entry["event"] == "relay.retries"]
    assert (len(holds), len(retries)) == (2, 1)


async def test_a_relay_whose_connection_is_ended_sends_nothing_while_another_holds_the_lock(
    bus: str,
) -> None:
    horizons: list[datetime] = []
    async with relaying(bus, EmbeddedProducer(bus), on_horizon=horizons.append):
        await until(lambda: _length(horizons, 1))
        async with connected(bus) as successor:
            await execute(bus, END_RELAYS)
            lock = "SELECT pg_advisory_lock(hashtext('sunlight relay'), hashtext('approval'))"
            await successor.execute(lock)
            # What it was about to send when its connection ended may still come.
            await asyncio.sleep(0.3)
            count = len(horizons)
            await put(successor, [event("case/1", 1)])
            await asyncio.sleep(1)
            assert (len(horizons), await waiting(bus)) == (count, 1)
        await until(emptied(bus))


async def test_what_a_relay_sends_twice_has_one_effect(bus: str) -> None:
    async with connected(bus) as connection:
        await put(connection, life("case/1"))

    async def all_applied() -> bool:
        return len(await effects(bus)) == 10

    async with (
        consuming(bus, EmbeddedSource(bus, "monitor"), Ledger()),
        relaying(bus, TornProducer(bus)),
    ):
        await until(emptied(bus))
        await until(all_applied)
    assert len(await fetch(bus, SENT)) > 10
    assert await effects(bus) == [("case/1", number) for number in range(1, 11)]


async def test_an_embargoed_event_is_kept_until_the_city_s_time_has_passed_it(bus: str) -> None:
    async with connected(bus) as connection:
        release = await connection.fetchval("SELECT city_now() + interval '2 s'")
        await put(connection, [event("case/sealed", 1)], release_at=release)
        await put(connection, [event("case/open", 1)])

        async with relaying(bus, EmbeddedProducer(bus)):

            async def open_sent() -> bool:
                return await waiting(bus) == 1

            await until(open_sent)
            assert [row[0] for row in await fetch(bus, KEYS)] == ["case/open"]
            await until(emptied(bus))

        ((published,),) = await fetch(
            bus, "SELECT published_at FROM approval.outbox WHERE release_at IS NOT NULL"
        )
    assert published >= release
    assert [row[0] for row in await fetch(bus, KEYS)] == ["case/open", "case/sealed"]


KEYS = "SELECT key FROM bus.log WHERE key IS NOT NULL ORDER BY at"


async def test_rows_sent_a_week_ago_are_forgotten_and_no_others(bus: str) -> None:
    async with connected(bus) as connection:
        await put(connection, life("case/1", 3))
        for number, days in ((1, 8), (2, 6)):
            await connection.execute(
                "UPDATE approval.outbox SET published_at = city_now() - $2::interval WHERE id = $1",
                number,
                timedelta(days=days),
            )
        await put(connection, [event("case/2", 1)], release_at=datetime(2999, 1, 1, tzinfo=UTC))

        async def pruned() -> bool:
            return bool(await connection.fetchval("SELECT min(id) = 2 FROM approval.outbox"))

        async with relaying(bus, EmbeddedProducer(bus)):
            await until(pruned)
        rows = await connection.fetch("SELECT id FROM approval.outbox ORDER BY id")
    assert [row["id"] for row in rows] == [2, 3, 4]


async def test_a_relay_waits_for_a_database_that_is_not_there_yet(bus: str) -> None:
    told: list[datetime] = []
    async with relaying(
        bus.replace("/test_", "/nowhere_"), EmbeddedProducer(bus), on_horizon=told.append
    ):
        await asyncio.sleep(0.5)
    assert told == []


async def test_a_relay_that_has_stopped_leaves_no_connection(bus: str) -> None:
    relay = Relay("approval", bus, EmbeddedProducer(bus), ("approval",))
    told: list[datetime] = []
    relay.on_horizon = told.append
    task = asyncio.create_task(relay.run())
    await until(lambda: _length(told, 1))
    relay.stop()
    await task

    async def none_left() -> bool:
        return not await fetch(bus, CONNECTED)

    await until(none_left, 5)


CONNECTED = """
SELECT application_name FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'sunlight-%'
"""


async def _length(items: Sequence[object], at_least: int) -> bool:
    return len(items) >= at_least
