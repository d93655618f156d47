"""An event that can't be handled sets its subject aside, and nothing else."""

from collections.abc import Callable, Sequence

import pytest

from libs.common.bus import parked
from libs.common.bus.batch import Handler, Tally
from libs.common.bus.consumer import MAX_POISON_A_MINUTE, TooMuchPoisonError
from libs.common.bus.protocol import Outgoing, partition_of
from libs.common.db import engine
from libs.common.events import Event, encode
from tests.service.common.bus.city import SERVICE, event, execute, fetch, life, outgoing
from tests.service.common.bus.ledger import Ledger, effects, parked_rows, states
from tests.service.common.bus.scripted import deliver

POISONED = "case/poisoned"
Damage = Callable[[Event], bytes]


def undecodable(_one: Event) -> bytes:
    return b"\xff\xfe\x00 no event \x00"


def out_of_contract(one: Event) -> bytes:
    return encode(one).replace(b'"data":{', b'"data":{"sealed":"perhaps",')


def unharmed(one: Event) -> bytes:
    return encode(one)


def damaged(one: Event, damage: Damage) -> Outgoing:
    (record,) = outgoing([one])
    return Outgoing(record.topic, record.partition, record.key, damage(one))


def stream(k: int, damage: Damage) -> list[Outgoing]:
    """Ten events of the poisoned subject, the `k`-th damaged, between two others' events."""
    whole = []
    for number in range(1, 11):
        poisoned = event(POISONED, number)
        whole += outgoing([event("case/a", number)])
        whole += [damaged(poisoned, damage)] if number == k else outgoing([poisoned])
        whole += outgoing([event("case/b", number)])
    return whole


def cut(records: Sequence[Outgoing], size: int) -> list[list[Outgoing]]:
    return [list(records[begin : begin + size]) for begin in range(0, len(records), size)]


async def replay(dsn: str, handler: Handler, subject: str = POISONED) -> Tally:
    pool = await engine.pool(dsn, SERVICE, max_size=2)
    try:
        return await parked.replay(pool, handler, subject)
    finally:
        await pool.close()


async def drop(dsn: str, reason: str, subject: str = POISONED) -> bool:
    pool = await engine.pool(dsn, SERVICE, max_size=2)
    try:
        return await parked.drop(pool, subject, reason)
    finally:
        await pool.close()


def ids_of(subject: str, *numbers: int) -> list[str]:
    return [event(subject, number).id for number in numbers]


def refusing(k: int) -> Ledger:
    return Ledger(refuses=lambda one: one.subject == POISONED and one.sequence == k)


def breaking(k: int) -> Ledger:
    return Ledger(breaks=lambda one: one.subject == POISONED and one.sequence == k)


CAUSES: dict[str, tuple[Callable[[int], Ledger], Damage]] = {
    "undecodable": (lambda k: Ledger(), undecodable),
    "out of contract": (lambda k: Ledger(), out_of_contract),
    "exception in the fold": (refusing, unharmed),
    "exception in the writing": (breaking, unharmed),
}


@pytest.mark.parametrize("size", [3, 7, 100])
@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("cause", CAUSES)
async def test_others_go_on_and_later_ones_are_parked(
    bus: str, cause: str, k: int, size: int
) -> None:
    handler, damage = CAUSES[cause]

    await deliver(bus, handler(k), cut(stream(k, damage), size))

    whole = range(1, 11)
    assert await states(bus) == {
        "case/a": ids_of("case/a", *whole),
        "case/b": ids_of("case/b", *whole),
        POISONED: [*ids_of(POISONED, *range(1, k)), "blocked"],
    }
    reasons = sorted(reason for _, reason in await parked_rows(bus))
    assert reasons == ["behind"] * (10 - k) + ["poison"]


@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("cause", ["exception in the fold", "exception in the writing"])
async def test_replay_after_the_cause_is_mended_ends_as_an_unpoisoned_run(
    bus: str, cause: str, k: int
) -> None:
    handler, damage = CAUSES[cause]
    await deliver(bus, handler(k), cut(stream(k, damage), 7))

    tally = await replay(bus, Ledger())

    assert (tally.applied, tally.parked) == (11 - k, 0)
    assert (await states(bus))[POISONED] == ids_of(POISONED, *range(1, 11))
    assert await effects(bus, POISONED) == [(POISONED, number) for number in range(1, 11)]
    await deliver(bus, Ledger(), [outgoing([event(POISONED, 11)])])
    assert (await states(bus))[POISONED] == ids_of(POISONED, *range(1, 12))


@pytest.mark.parametrize("k", [1, 5, 10])
async def test_replay_after_a_contract_is_widened_ends_as_an_unpoisoned_run(
    bus: str, k: int
) -> None:
    """What could not be read then can be read now: the raw bytes in `parked` are readable."""
    await deliver(bus, Ledger(), cut(stream(k, out_of_contract), 7))
    await execute(
        bus,
        "UPDATE monitor.parked SET raw = $1 WHERE reason = 'poison'",
        encode(event(POISONED, k)),
    )

    await replay(bus, Ledger())

    assert (await states(bus))[POISONED] == ids_of(POISONED, *range(1, 11))
    assert await parked_rows(bus) == []


async def test_replay_before_the_cause_is_mended_changes_nothing(bus: str) -> None:
    await deliver(bus, refusing(5), cut(stream(5, unharmed), 7))
    before = await parked_rows(bus)

    await replay(bus, refusing(5))

    assert await parked_rows(bus) == before
    assert (await states(bus))[POISONED] == [*ids_of(POISONED, 1, 2, 3, 4), "blocked"]


async def test_replay_of_a_subject_nobody_knows_leaves_no_trace(bus: str) -> None:
    await replay(bus, Ledger(), "case/unknown")
    assert await states(bus) == {}


@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("cause", CAUSES)
async def test_dropping_the_first_lets_the_others_be_replayed(bus: str, cause: str, k: int) -> None:
    handler, damage = CAUSES[cause]
    await deliver(bus, handler(k), cut(stream(k, damage), 100))

    assert await drop(bus, "spoilt in transit, told by the office")
    await replay(bus, Ledger())
    await deliver(bus, Ledger(), [outgoing([event(POISONED, 11)])])

    kept = [number for number in range(1, 12) if number != k]
    assert (await states(bus))[POISONED] == ids_of(POISONED, *kept)
    assert await parked_rows(bus) == []


async def test_a_drop_keeps_the_raw_bytes_and_the_reason(bus: str) -> None:
    await deliver(bus, Ledger(), cut(stream(5, undecodable), 7))
    await drop(bus, "spoilt in transit")
    rows = await fetch(
        bus,
        "SELECT raw, drop_reason, dropped_at IS NOT NULL FROM monitor.parked"
        " WHERE reason = 'poison'",
    )
    assert rows == [(undecodable(event(POISONED, 5)), "spoilt in transit", True)]


async def test_nothing_parked_is_nothing_dropped(bus: str) -> None:
    assert not await drop(bus, "no reason")


async def test_the_same_event_sent_again_while_its_subject_is_parked_is_applied_once(
    bus: str,
) -> None:
    again = outgoing(life(POISONED))
    await deliver(bus, refusing(5), [*cut(stream(5, unharmed), 7), again, again])
    await replay(bus, Ledger())
    assert await effects(bus, POISONED) == [(POISONED, number) for number in range(1, 11)]
    assert await parked_rows(bus) == []


async def test_a_key_that_no_text_can_hold_is_parked(bus: str) -> None:
    record = Outgoing("approval", 2, "case/\x00", encode(event("case/1", 1)))
    tally = await deliver(bus, Ledger(), [[record]])
    assert tally.poison == 1


async def test_an_event_under_another_subjects_key_is_parked(bus: str) -> None:
    record = Outgoing("approval", partition_of("case/1"), "case/1", encode(event("case/2", 1)))
    await deliver(bus, Ledger(), [[record]])
    assert await parked_rows(bus, "case/1") == [(None, "poison")]
    assert await effects(bus) == []


async def test_too_much_poison_in_a_minute_stops_the_worker(bus: str) -> None:
    records = [
        damaged(event(f"case/{number}", 1), undecodable)
        for number in range(MAX_POISON_A_MINUTE + 1)
    ]
    with pytest.raises(TooMuchPoisonError, match="sunlight parked list"):
        await deliver(bus, Ledger(), [records])


async def test_as_much_poison_as_is_allowed_stops_nothing(bus: str) -> None:
    records = [
        damaged(event(f"case/{number}", 1), undecodable) for number in range(MAX_POISON_A_MINUTE)
    ]
    tally = await deliver(bus, Ledger(), [records, outgoing(life("case/after", 1))])
    assert (tally.poison, tally.applied) == (MAX_POISON_A_MINUTE, 1)


async def test_a_handler_that_can_handle_nothing_stops_the_worker_before_all_is_parked(
    bus: str,
) -> None:
    records = outgoing(event(f"case/{number}", 1) for number in range(MAX_POISON_A_MINUTE + 50))
    with pytest.raises(TooMuchPoisonError):
        await deliver(bus, Ledger(refuses=lambda one: True), [records])
    assert await parked_rows(bus) == []
