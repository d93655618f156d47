"""Events of a subject have their effects once and in order, however they arrive."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.bus.protocol import Outgoing, horizon_records
from libs.common.events import Event
from tests.service.common.bus.city import LATER, START, event, execute, life, outgoing
from tests.service.common.bus.ledger import Ledger, effects, parked_rows, states
from tests.service.common.bus.scripted import deliver

ids = itertools.count()
WHOLE = list(range(1, 6))


async def test_an_early_event_is_held_and_applied_when_the_missing_one_comes(bus: str) -> None:
    one, two, three = outgoing(life("case/1", 3))

    await deliver(bus, Ledger(), [[one], [three]])
    assert await effects(bus) == [("case/1", 1)]
    assert await parked_rows(bus) == [(3, "gap")]

    await deliver(bus, Ledger(), [[two]])
    assert await effects(bus) == [("case/1", 1), ("case/1", 2), ("case/1", 3)]
    assert await parked_rows(bus) == []


async def test_what_is_held_waits_for_all_that_is_missing(bus: str) -> None:
    records = outgoing(life("case/1", 5))

    await deliver(bus, Ledger(), [[records[4]], [records[2]], [records[0]]])
    assert await effects(bus) == [("case/1", 1)]
    assert await parked_rows(bus) == [(3, "gap"), (5, "gap")]

    await deliver(bus, Ledger(), [[records[1]], [records[3]]])
    assert [number for _, number in await effects(bus)] == WHOLE


async def test_a_held_subject_holds_up_no_other(bus: str) -> None:
    early = outgoing([event("case/1", 2)])
    await deliver(bus, Ledger(), [[*early, *outgoing(life("case/2", 2))]])
    assert await effects(bus) == [("case/2", 1), ("case/2", 2)]


async def test_the_same_event_again_has_no_effect(bus: str) -> None:
    records = outgoing(life("case/1", 5))
    tally = await deliver(bus, Ledger(), [[*records, *records], records, [records[2]]])
    assert [number for _, number in await effects(bus)] == WHOLE
    assert (tally.applied, tally.duplicates, tally.parked) == (5, 11, 0)


async def test_the_same_event_again_while_it_is_held_has_no_effect(bus: str) -> None:
    one, two = outgoing(life("case/1", 2))
    await deliver(bus, Ledger(), [[two, two], [two], [one]])
    assert await effects(bus) == [("case/1", 1), ("case/1", 2)]
    assert await parked_rows(bus) == []


async def test_another_event_of_a_number_is_a_conflict_whichever_batch_it_comes_in(
    bus: str,
) -> None:
    for name, apart in (("case/1", False), ("case/2", True)):
        own, other = outgoing([event(name, 1), event(name, 1, version="b")])
        await deliver(bus, Ledger(), [[own], [other]] if apart else [[own, other]])
        assert await parked_rows(bus, name) == [(1, "conflict")]
        assert await effects(bus, name) == [(name, 1)]


async def test_what_follows_a_conflict_is_parked_even_in_the_same_batch(bus: str) -> None:
    await deliver(bus, Ledger(), [outgoing(life("case/1", 3))])
    reused = [event("case/1", 3, version="b"), event("case/1", 4, version="b")]
    await deliver(bus, Ledger(), [outgoing(reused)])
    assert await parked_rows(bus) == [(3, "conflict"), (4, "behind")]
    assert [number for _, number in await effects(bus)] == [1, 2, 3]


async def test_of_two_held_events_of_a_number_the_first_that_came_is_applied(bus: str) -> None:
    own, other = event("case/1", 2), event("case/1", 2, version="b")
    await deliver(bus, Ledger(), [outgoing([own]), outgoing([other]), outgoing(life("case/1", 1))])
    assert (await states(bus))["case/1"] == [event("case/1", 1).id, own.id, "blocked"]
    assert await parked_rows(bus) == [(2, "conflict")]


async def test_an_older_horizon_never_lowers_a_newer_one(bus: str) -> None:
    ledger = Ledger()
    await deliver(
        bus,
        ledger,
        [horizon_records("approval", LATER), horizon_records("approval", START)],
    )
    both = [*horizon_records("approval", LATER), *horizon_records("approval", START)]
    await deliver(bus, ledger, [both])
    assert [set(told.values()) for told in ledger.horizons] == [{LATER}, {LATER}, {LATER}]


async def test_a_control_record_that_cannot_be_read_moves_no_horizon_and_stops_nothing(
    bus: str,
) -> None:
    broken = Outgoing("approval", 1, None, b"\xff")
    await deliver(bus, Ledger(), [[broken, *outgoing(life("case/1", 1))]])
    assert await effects(bus) == [("case/1", 1)]


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[tuple[int, int]]]:
    """Numbers 1 to 5 of three subjects, some twice, shuffled and cut into batches."""
    whole = [(subject, number) for subject in range(3) for number in WHOLE]
    again = draw(st.lists(st.sampled_from(whole), max_size=6))
    shuffled = draw(st.permutations([*whole, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled) - 1), max_size=6)))
    bounds = itertools.pairwise([0, *cuts, len(shuffled)])
    return [list(shuffled[begin:end]) for begin, end in bounds]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=arrivals())
async def test_any_order_of_arrival_ends_in_the_same_state(
    bus: str, batches: list[list[tuple[int, int]]]
) -> None:
    await execute(bus, "TRUNCATE monitor.effect, monitor.subject, monitor.parked")
    run = next(ids)

    def named(pair: tuple[int, int]) -> Event:
        return event(f"case/{run}-{pair[0]}", pair[1])

    await deliver(bus, Ledger(), [outgoing(map(named, batch)) for batch in batches])

    assert await states(bus) == {
        f"case/{run}-{subject}": [named((subject, number)).id for number in WHOLE]
        for subject in range(3)
    }
    assert await parked_rows(bus) == []
