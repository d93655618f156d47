"""Who may ask for a fast-forward, who may move the clock, and that one runs at a time."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from libs.common.db.city_clock import city_now, fast_forward
from libs.common.db.engine import IDENTITY, Connection, connect
from sunlight.demo import forwards


async def test_what_a_visitor_asks_for_the_city_finds(
    owner: Connection, visitor: Connection
) -> None:
    assert await forwards.ask(visitor, 5)

    found = await forwards.waiting(owner)
    assert found is not None
    assert (found.working_days, found.target, found.percent) == (5, None, 0)


async def test_a_second_one_is_told_no_until_the_first_has_ended(
    owner: Connection, visitor: Connection
) -> None:
    assert await forwards.ask(visitor, 1)
    assert not await forwards.ask(visitor, 21)

    under_way = await forwards.waiting(owner)
    assert under_way is not None
    await forwards.note(owner, under_way, await city_now(owner), ended=True)
    assert await forwards.ask(visitor, 21)


async def test_of_two_at_once_one_is_taken(visitor: Connection, demo_database: str) -> None:
    other = await connect(demo_database, IDENTITY)
    taken = await asyncio.gather(forwards.ask(visitor, 1), forwards.ask(other, 5))
    await other.close()
    assert sorted(taken) == [False, True]


async def test_any_other_number_of_days_is_refused(visitor: Connection) -> None:
    with pytest.raises(ValueError, match="working_days"):
        await forwards.ask(visitor, 22)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE city.clock SET ahead = ahead + interval '1 day'",
        "UPDATE city.fast_forward SET ended = true",
        "INSERT INTO city.fast_forward (working_days, target) VALUES (1, now())",
        "DELETE FROM city.fast_forward",
    ],
)
async def test_the_visitors_role_can_neither_move_the_clock_nor_change_a_row(
    visitor: Connection, sql: str
) -> None:
    await forwards.ask(visitor, 1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await visitor.execute(sql)


async def test_the_way_is_told_in_per_cent(owner: Connection, visitor: Connection) -> None:
    await forwards.ask(visitor, 1)
    asked = await forwards.waiting(owner)
    assert asked is not None
    start = await city_now(owner)
    await forwards.begin(owner, asked, start, start + timedelta(days=4))
    await forwards.note(owner, asked, start + timedelta(days=1))

    seen = await forwards.look(visitor)

    assert seen is not None
    assert seen.forward is not None
    assert seen.forward.percent == 25


async def test_while_the_history_is_made_nothing_else_is_taken(
    owner: Connection, visitor: Connection
) -> None:
    history = await forwards.history(owner)

    assert history is not None
    assert history.is_history
    assert not await forwards.ask(visitor, 1)


async def test_where_no_city_lives_there_is_nothing_to_ask(demo_database: str) -> None:
    visitor = await connect(demo_database, IDENTITY)
    assert await forwards.look(visitor) is None
    with pytest.raises(asyncpg.UndefinedTableError):
        await forwards.ask(visitor, 1)
    await visitor.close()


async def test_a_real_installations_clock_is_not_moved_even_if_someone_set_up_the_table(
    real_database: str,
) -> None:
    owner = await asyncpg.connect(real_database)
    await forwards.set_up(owner)
    before = await owner.fetchval("SELECT ahead FROM city.clock")
    with pytest.raises(Exception, match="demonstration"):
        await fast_forward(owner, timedelta(days=1))
    assert await owner.fetchval("SELECT ahead FROM city.clock") == before == timedelta(0)
    await owner.close()
