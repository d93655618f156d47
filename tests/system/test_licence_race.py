"""A licence and the case it comes from arrive at the same instant: never a false out-of-hall.

Events go over the embedded bus; two workers apply the two sides in transactions of their own, at
the same time, and the sweep concludes once the horizons have passed.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.common.bus import subjects as store
from libs.common.bus.batch import Application, read_batch
from libs.common.bus.embedded import EmbeddedProducer, EmbeddedSource
from libs.common.bus.protocol import (
    PARTITIONS,
    Incoming,
    Outgoing,
    TopicPartition,
    horizon_records,
    partition_of,
)
from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Pool, pool
from libs.common.events import Event, encode, new_id
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from services.e_monitor.apart import Apart
from services.e_monitor.check import DETECTORS
from services.e_monitor.clock.handlers import MonitorHandler
from services.e_monitor.match.handlers import sweep_joins
from tests.databases import fresh_database, run_apart
from tests.service.city import migrated_city

RULE = "EMO-020"
LICENCE = "cn.sunlight.registry.licence.issued.v1"
RECEIVED = "cn.sunlight.approval.case.received.v1"
DECIDED = "cn.sunlight.approval.case.decided.v1"
HALL, HOUSING = "/990100/approval", "/990100/housing"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
END = START + timedelta(hours=2)
PAIRS, ALONE = 1000, 50
SEED = 20260302
LOOK_FOR = "SELECT subject, status, reason FROM finding WHERE rule = $1 ORDER BY subject"


@pytest.fixture(scope="module")
def law() -> Fold:
    """The shipped law."""
    return installed_law("Asia/Shanghai", detectors=DETECTORS)


@pytest.fixture(scope="module")
def template(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with the monitor and the bus."""
    with migrated_city(postgres, "monitor") as name:
        run_apart(migrations.upgrade(postgres.dsn(database=name), "bus"))
        yield name


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, template) as copy:
        yield copy


@dataclass
class Monitor:
    """The monitor's database, the bus, and what the tests do with both."""

    dsn: str
    law: Fold
    workers: Pool
    producer: EmbeddedProducer
    source: EmbeddedSource
    fetched: list[Incoming] = field(default_factory=list)

    @property
    def handler(self) -> MonitorHandler:
        """The handler under test."""
        return MonitorHandler(self.law)

    async def publish(self, events: Sequence[tuple[str, Event]]) -> dict[str, Incoming]:
        """Send (topic, event) over the bus; what arrives, by the event's id."""
        await self.producer.send(
            [
                Outgoing(topic, partition_of(event.subject), event.subject, encode(event))
                for topic, event in events
            ]
        )
        arrived = await self._arrived()
        found = {}
        for record in arrived:
            (delivered,) = read_batch([record]).events.values()
            found[delivered[0][0].id] = record
        return found

    async def _arrived(self) -> list[Incoming]:
        arrived: list[Incoming] = []
        while records := await self.source.fetch(5000, 0.01):
            arrived += records
        self.fetched += arrived
        return arrived

    async def apply(self, records: Sequence[Incoming], *, hold: float = 0) -> None:
        """Apply records in one transaction, left open for `hold` seconds before it commits."""
        async with store.acquired(self.workers) as connection, connection.transaction():
            horizons = await store.horizons(connection)
            application = Application(self.handler.begin(horizons), {})
            await application.run(connection, read_batch(records))
            await asyncio.sleep(hold)

    async def move_horizons(self, upto: datetime, *, but: TopicPartition | None = None) -> None:
        """Announce everywhere (`but` in one place) that topics are complete to `upto`, and take
        note as a worker does."""
        for topic in self.handler.topics:
            records = horizon_records(topic, upto)
            await self.producer.send(
                [one for one in records if TopicPartition(one.topic, one.partition) != but]
            )
        await self._arrived()
        batch, self.fetched = read_batch(self.fetched), []
        async with store.acquired(self.workers) as connection, connection.transaction():
            await store.positions(connection, batch.end)
            assert await store.advance(connection, batch.begin, batch.end, batch.horizons)

    async def sweep(self) -> None:
        """Conclude on what the horizons have passed."""
        await sweep_joins(self.workers, self.law, PARTITIONS, Apart())

    async def findings(self, status: str | None = "open") -> list[str]:
        """Subjects with a finding under the rule in this status, or in any."""
        async with store.acquired(self.workers) as connection:
            rows = await connection.fetch(LOOK_FOR, RULE)
        return [row["subject"] for row in rows if status in (None, row["status"])]


@asynccontextmanager
async def monitoring(dsn: str, law: Fold) -> AsyncIterator[Monitor]:
    """Everything started, and closed again."""
    producer, source = EmbeddedProducer(dsn), EmbeddedSource(dsn, "monitor")
    workers = await pool(dsn, "monitor", max_size=6)
    await producer.start()

    async def from_the_beginning(held: frozenset[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(held, 0)

    await source.start(MonitorHandler.topics, from_the_beginning)
    try:
        yield Monitor(dsn, law, workers, producer, source)
    finally:
        await source.stop()
        await producer.stop()
        await workers.close()


@pytest.fixture
async def monitor(dsn: str, law: Fold) -> AsyncIterator[Monitor]:
    """The monitor on an empty city."""
    async with monitoring(dsn, law) as started:
        yield started


def event(kind: str, source: str, subject: str, number: int, sequence: int, **data: Any) -> Event:
    """An event of second `number`."""
    at = START + timedelta(seconds=number)
    return Event(
        id=new_id(),
        type=kind,
        source=source,
        subject=subject,
        time=at,
        recordedtime=at,
        sequence=sequence,
        data=data,
        region="990100",
        department="housing",
    )


def licence(number: int, **data: Any) -> Event:
    """A licence that the housing department's system issued."""
    data = {"licence_no": f"A-{number}", **data}
    return event(LICENCE, HOUSING, f"housing/{number}", number, 1, **data)


def received(number: int) -> Event:
    """A case that the hall took in."""
    return event(RECEIVED, HALL, f"case/C-{number}", number, 1, case_no=f"C-{number}")


def decided(number: int, sequence: int = 2, **data: Any) -> Event:
    """The hall's decision on a case."""
    return event(DECIDED, HALL, f"case/C-{number}", number, sequence, outcome="granted", **data)


def pair(number: int) -> tuple[Event, Event]:
    """A licence and its decision; they name each other in one of three ways."""
    match number % 3:
        case 0:
            return licence(number), decided(number, licence_no=f"A-{number}")
        case 1:
            return licence(number, case_no=f"C-{number}"), decided(number)
        case _:
            both = licence(number, case_no=f"C-{number}")
            return both, decided(number, licence_no=f"A-{number}")


async def race(
    monitor: Monitor, pairs: Sequence[tuple[Event, Event]], chance: random.Random
) -> None:
    """Apply both sides of each pair at the same time, in two transactions."""
    sides = [("registry", one) for one, _ in pairs] + [("approval", other) for _, other in pairs]
    chance.shuffle(sides)
    arrived = await monitor.publish(sides)

    async def apply(side: Event, offset: float, hold: float) -> None:
        await asyncio.sleep(offset)
        await monitor.apply([arrived[side.id]], hold=hold)

    for one, other in pairs:
        await asyncio.gather(
            *(
                apply(side, chance.random() * 0.002, chance.random() * 0.002)
                for side in (one, other)
            )
        )


async def prepare(monitor: Monitor, numbers: Sequence[int]) -> None:
    """The hall has taken these cases in, long before their decisions."""
    arrived = await monitor.publish([("approval", received(number)) for number in numbers])
    await monitor.apply(list(arrived.values()))


@pytest.mark.timeout(240)
async def test_of_a_thousand_pairs_at_the_same_instant_none_is_found_and_of_fifty_alone_all(
    monitor: Monitor,
) -> None:
    chance = random.Random(SEED)
    await prepare(monitor, range(PAIRS + ALONE))
    alone = range(PAIRS, PAIRS + ALONE)
    licences = [licence(number, case_no=f"C-{number}") for number in alone]
    arrived = await monitor.publish([("registry", one) for one in licences])
    await asyncio.gather(
        race(monitor, [pair(number) for number in range(PAIRS)], chance),
        monitor.apply(list(arrived.values())),
    )
    await monitor.sweep()
    assert await monitor.findings(None) == []
    await monitor.move_horizons(END)
    await monitor.sweep()
    assert await monitor.findings(None) == sorted(f"housing/{number}" for number in alone)


@pytest.mark.timeout(120)
async def test_sweeps_in_the_middle_of_the_race_leave_nothing_standing(monitor: Monitor) -> None:
    """The worst case: horizons far ahead, so that each sweep concludes on what it sees."""
    chance = random.Random(SEED)
    await prepare(monitor, range(200))
    await monitor.move_horizons(END)
    racing = asyncio.create_task(race(monitor, [pair(number) for number in range(200)], chance))

    async def sweeping() -> None:
        while not racing.done():
            await monitor.sweep()
            await asyncio.sleep(chance.random() * 0.002)

    await asyncio.gather(racing, sweeping(), sweeping())
    await monitor.sweep()
    assert await monitor.findings("open") == []


async def test_a_case_that_comes_after_the_finding_rescinds_it(monitor: Monitor) -> None:
    arrived = await monitor.publish([("registry", licence(1))])
    await monitor.apply(list(arrived.values()))
    await monitor.move_horizons(END)
    await monitor.sweep()
    assert await monitor.findings("open") == ["housing/1"]
    arrived = await monitor.publish([("approval", decided(1, 1, licence_no="A-1"))])
    await monitor.apply(list(arrived.values()))
    await monitor.sweep()
    assert await monitor.findings("open") == []
    async with store.acquired(monitor.workers) as connection:
        row = await connection.fetchrow(LOOK_FOR, RULE)
        told = await connection.fetch("SELECT value FROM outbox ORDER BY id")
    assert row is not None
    assert (row["status"], row["reason"]) == ("rescinded", "case_found")
    kinds = [
        name for row in told for name in ("detected", "rescinded") if name.encode() in row["value"]
    ]
    assert kinds == ["detected", "rescinded"]


async def test_nothing_is_concluded_before_every_partition_is_complete(monitor: Monitor) -> None:
    arrived = await monitor.publish([("registry", licence(60))])
    await monitor.apply(list(arrived.values()))
    at = START + timedelta(seconds=60)
    behind = TopicPartition("approval", 7)
    await monitor.move_horizons(END, but=behind)
    await monitor.sweep()
    assert await monitor.findings(None) == []
    await monitor.move_horizons(at - timedelta(microseconds=1))
    await monitor.sweep()
    assert await monitor.findings(None) == []
    await monitor.move_horizons(at)
    await monitor.sweep()
    assert await monitor.findings("open") == ["housing/60"]


async def test_two_licences_that_name_the_same_missing_case_are_both_found(
    monitor: Monitor,
) -> None:
    licences = [licence(number, case_no="C-none") for number in (1, 2)]
    arrived = await monitor.publish([("registry", one) for one in licences])
    for record in arrived.values():
        await monitor.apply([record])
    await monitor.move_horizons(END)
    await monitor.sweep()
    assert await monitor.findings("open") == ["housing/1", "housing/2"]


async def test_a_departments_own_case_is_no_case_of_the_hall(monitor: Monitor) -> None:
    own = event(DECIDED, HOUSING, "housing/own", 1, 1, licence_no="A-1")
    arrived = await monitor.publish([("registry", licence(1)), ("registry", own)])
    await monitor.apply(list(arrived.values()))
    await monitor.move_horizons(END)
    await monitor.sweep()
    assert await monitor.findings("open") == ["housing/1"]


async def test_a_licence_whose_case_we_have_set_aside_is_not_found_until_it_is_given_up(
    monitor: Monitor,
) -> None:
    late = decided(1, 3, licence_no="A-1")
    arrived = await monitor.publish([("registry", licence(1)), ("approval", late)])
    await monitor.apply(list(arrived.values()))
    await monitor.move_horizons(END)
    await monitor.sweep()
    assert await monitor.findings(None) == []
    async with store.acquired(monitor.workers) as connection:
        assert await connection.fetchval("SELECT reason FROM parked") == "gap"
        await connection.execute("UPDATE parked SET dropped_at = city_now(), drop_reason = 'test'")
    await monitor.move_horizons(END + timedelta(minutes=2))
    await monitor.sweep()
    assert await monitor.findings("open") == ["housing/1"]
