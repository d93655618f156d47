"""The standing set does not depend on the order of arrival: receipt and permit logs, shuffled."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.events import Event, decode
from libs.common.law.fold import Fold
from libs.common.law.installed import RULES, installed_law
from sunlight.recording import Recording, load_mapping
from tests.databases import fresh_database, run_apart
from tests.standing import Delivery, Standing, renumbered

pytestmark = pytest.mark.shared

CASES = {"receipt": 1434, "bpic15": 120}
"""How many cases of each log: all of the first, every tenth of the long second."""

Log = tuple[list[Event], Fold, datetime]


def _events(name: str, path: Path) -> Log:
    mapping = load_mapping(name)
    with tempfile.TemporaryDirectory() as folder:
        recording = Recording(
            [path],
            mapping,
            region=None,
            as_stored=False,
            workdir=Path(folder),
            progress=lambda *_: None,
            now=datetime(2026, 1, 1, tzinfo=UTC),
        )
        events = [decode(event.value) for event in recording.events()]
    kept = set(sorted({event.subject for event in events})[: CASES[name]])
    chosen = [event for event in events if event.subject in kept]
    fold = installed_law(mapping.zone, packs=[RULES / "recorded" / f"{name}.yaml"])
    return chosen, fold, max(event.recordedtime for event in chosen)


@pytest.fixture(scope="module")
def logs(shared: Path) -> dict[str, Log]:
    folder = shared / "data/eventlogs"
    return {
        "receipt": _events("receipt", folder / "receipt.xes.gz"),
        "bpic15": _events("bpic15", folder / "bpic15_1.xes.gz"),
    }


def _batches(events: Sequence[Event], rng: random.Random) -> Iterator[Sequence[Event]]:
    begin = 0
    while begin < len(events):
        size = rng.choice([1, 50, 700, 3000])
        yield events[begin : begin + size]
        begin += size


def _delivered(
    server: EmbeddedPostgres, template: str, log: Log, arrivals: Sequence[Event], seed: int
) -> Standing:
    _, fold, until = log

    async def work(dsn: str) -> Standing:
        rng = random.Random(seed)
        delivery = await Delivery.opened(dsn, fold)
        try:
            for batch in _batches(arrivals, rng):
                await delivery.deliver(batch, "approval")
            await delivery.move_to(until)
            return await delivery.standing(until)
        finally:
            await delivery.close()

    with fresh_database(server, template) as dsn:
        return run_apart(work(dsn))


@pytest.fixture(scope="module")
def in_order(
    postgres: EmbeddedPostgres, template: str, logs: dict[str, Log]
) -> dict[str, Standing]:
    return {name: _delivered(postgres, template, log, log[0], 0) for name, log in logs.items()}


def _shuffled_and_repeated(events: list[Event], rng: random.Random) -> list[Event]:
    arrivals = [*events, *rng.choices(events, k=300)]
    rng.shuffle(arrivals)
    return arrivals


def _late_and_numbered_as_they_come(events: list[Event], rng: random.Random) -> list[Event]:
    return renumbered(rng.sample(events, len(events)))


@pytest.mark.parametrize("arriving", [_shuffled_and_repeated, _late_and_numbered_as_they_come])
@pytest.mark.parametrize("name", sorted(CASES))
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_the_standing_set_is_the_same_however_the_events_arrive(
    postgres: EmbeddedPostgres,
    template: str,
    logs: dict[str, Log],
    in_order: dict[str, Standing],
    name: str,
    arriving: Callable[[list[Event], random.Random], list[Event]],
    seed: int,
) -> None:
    arrivals = arriving(logs[name][0], random.Random(seed))
    found = _delivered(postgres, template, logs[name], arrivals, seed)
    assert found == in_order[name]


def test_the_in_order_run_itself_finds_the_fifty_late_cases(in_order: dict[str, Standing]) -> None:
    late = [row for row in in_order["receipt"].findings if row["rule"] == "receipt.decide"]
    assert len(late) == 50
