"""A handler that is concerned with few subjects reads those, and only counts past the others."""

from dataclasses import dataclass

from libs.common.bus.protocol import Outgoing, partition_of
from tests.service.common.bus.city import event, fetch, life, outgoing
from tests.service.common.bus.ledger import Ledger, effects, parked_rows
from tests.service.common.bus.scripted import deliver


@dataclass
class Bodies(Ledger):
    """Wants to hear of bodies only."""

    def wants(self, subject: str) -> bool:
        return subject.startswith("body/")


def unreadable(subject: str) -> Outgoing:
    return Outgoing("approval", partition_of(subject), subject, b"{")


async def test_only_wanted_subjects_have_effects(bus: str) -> None:
    records = outgoing([*life("case/1", 3), event("body/1", 1), *life("case/2", 2)])
    tally = await deliver(bus, Bodies(), [records])
    assert await effects(bus) == [("body/1", 1)]
    assert tally.applied == 1


async def test_no_row_is_kept_of_the_others(bus: str) -> None:
    await deliver(bus, Bodies(), [outgoing([*life("case/1", 3), event("body/1", 1)])])
    assert [row[0] for row in await fetch(bus, "SELECT subject FROM monitor.subject")] == ["body/1"]


async def test_the_position_is_behind_every_record(bus: str) -> None:
    cases = outgoing(life("case/1", 4))
    await deliver(bus, Bodies(), [cases[:2], cases[2:]])
    sql = "SELECT next FROM monitor.consumer_position WHERE next > 0"
    assert [row[0] for row in await fetch(bus, sql)] == [4]


async def test_what_can_not_be_read_is_set_aside_only_where_it_is_wanted(bus: str) -> None:
    tally = await deliver(bus, Bodies(), [[unreadable("case/1"), unreadable("body/1")]])
    assert (tally.poison, await parked_rows(bus)) == (1, [(None, "poison")])
