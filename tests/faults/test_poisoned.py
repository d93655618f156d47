"""A case set aside by an event that could not be handled, brought back to where it would be."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from libs.common.bus import parked
from libs.common.bus.batch import Horizons
from libs.common.bus.protocol import Outgoing, horizon_records
from libs.common.bus.subjects import Subject
from libs.common.db import engine
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event
from services.e_monitor.clock.handlers import TOPICS
from tests.faults.scene import city, disorder, standing, stream
from tests.faults.witness import WitnessedEffects, WitnessedMonitor
from tests.service.common.bus.city import SERVICE, event, fetch, outgoing
from tests.service.common.bus.scripted import deliver

LATE = "case/late"
OTHERS = stream(8)
BEGIN = OTHERS[0].time
STEPS = ("received", "receipt-issued", "step-recorded", "step-recorded", "decided")
AFTER_ALL = OTHERS[-1].time + timedelta(days=30)
CLOCKS = "SELECT subject, state, next_check_at, blocked FROM monitor.subject ORDER BY subject"


class RefusingEffects(WitnessedEffects):
    """Can't handle one event."""

    k = 0

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        if (event.subject, event.sequence) == (LATE, self.k):
            raise ZeroDivisionError
        super().apply(subject, event, topic)


class RefusingMonitor(WitnessedMonitor):
    """The monitor with a fault."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def begin(self, horizons: Horizons) -> WitnessedEffects:
        made = RefusingEffects(self.inner.begin(horizons))
        made.k = self.k
        return made


@pytest.fixture
def cities(postgres: EmbeddedPostgres) -> Iterator[tuple[str, str]]:
    """Two cities on real time."""
    with city(postgres) as one, city(postgres) as other:
        yield one, other


def whole() -> list[Event]:
    """The stream with a case that takes 44 days, decided far too late."""
    own = [
        event(
            LATE,
            number,
            verb=verb,
            at=BEGIN + timedelta(days=11 * (number - 1)),
            **({"case_no": LATE} if verb == "received" else {}),
        )
        for number, verb in enumerate(STEPS, start=1)
    ]
    return sorted([*OTHERS, *own], key=lambda one: (one.time, one.subject))


def batches() -> list[list[Outgoing]]:
    """Twelve events at a time, and after each what is then known to be complete."""
    events = whole()
    cut = [events[begin : begin + 12] for begin in range(0, len(events), 12)]
    ends = [*(part[-1].time for part in cut[:-1]), AFTER_ALL]
    return [
        [*outgoing(part), *(one for topic in TOPICS for one in horizon_records(topic, end))]
        for part, end in zip(cut, ends, strict=True)
    ]


async def clocks(dsn: str) -> list[tuple[Any, ...]]:
    return await fetch(dsn, CLOCKS)


@pytest.mark.parametrize("k", [1, 3, 5])
async def test_replayed_it_has_the_clocks_and_findings_of_an_unpoisoned_run(
    cities: tuple[str, str], k: int
) -> None:
    sound, poisoned = cities
    await deliver(sound, WitnessedMonitor(), batches())
    await deliver(poisoned, RefusingMonitor(k), batches())
    assert await disorder(poisoned, whole()) != ""

    pool = await engine.pool(poisoned, SERVICE, max_size=2)
    await parked.replay(pool, WitnessedMonitor(), LATE)
    await pool.close()

    assert await disorder(poisoned, whole()) == ""
    assert await standing(poisoned) == await standing(sound)
    assert await clocks(poisoned) == await clocks(sound)
    assert LATE in {row[2] for row in await standing(sound)}


async def test_while_it_is_set_aside_its_timers_stand_still_and_those_of_others_do_not(
    cities: tuple[str, str],
) -> None:
    sound, poisoned = cities
    await deliver(sound, WitnessedMonitor(), batches())
    await deliver(poisoned, RefusingMonitor(3), batches())
    others = [row for row in await standing(sound) if row[2] != LATE]
    assert await standing(poisoned) == others
    assert others
