"""The city clock is real time, or a demonstration's time that only moves forward."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from libs.common.db.city_clock import city_now, create_city_clock, fast_forward
from libs.common.db.engine import Connection
from libs.common.db.errors import DatabaseError

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=10)


async def test_without_a_demonstration_the_city_keeps_the_servers_time(owner: Connection) -> None:
    await create_city_clock(owner)

    assert await owner.fetchval("SELECT city.city_now() - clock_timestamp() < interval '1 second'")
    assert await owner.fetchval("SELECT ahead FROM city.clock") == timedelta()


async def test_a_real_clock_refuses_any_offset(owner: Connection) -> None:
    await create_city_clock(owner)

    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("UPDATE city.clock SET ahead = interval '1 second'")
    with pytest.raises(DatabaseError, match="demonstration"):
        await fast_forward(owner, timedelta(days=1))


async def test_a_demonstration_begins_at_its_instant(owner: Connection) -> None:
    await create_city_clock(owner, START)

    assert START <= await city_now(owner) < START + MOMENT


async def test_a_demonstrations_instant_is_the_same_in_a_zone_with_daylight_saving(
    owner: Connection,
) -> None:
    await owner.execute("SET timezone = 'America/New_York'")
    await create_city_clock(owner, datetime(2026, 7, 1, tzinfo=UTC))

    assert await city_now(owner) - datetime(2026, 7, 1, tzinfo=UTC) < MOMENT


async def test_fast_forward_moves_the_clock_by_exactly_that_much(owner: Connection) -> None:
    await create_city_clock(owner, START)

    now = await fast_forward(owner, timedelta(days=3, microseconds=5))

    assert timedelta(days=3) <= now - START < timedelta(days=3) + MOMENT


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE city.clock SET ahead = ahead - interval '1 second'",
        "UPDATE city.clock SET demo = false, ahead = interval '0'",
        "DELETE FROM city.clock",
        "TRUNCATE city.clock",
        "INSERT INTO city.clock (id, demo, ahead) VALUES (2, true, interval '0')",
    ],
)
async def test_nothing_turns_the_clock_back(owner: Connection, sql: str) -> None:
    await create_city_clock(owner, START)

    with pytest.raises(asyncpg.PostgresError):
        await owner.execute(sql)


async def test_creating_the_clock_again_leaves_it_as_it_goes(owner: Connection) -> None:
    await create_city_clock(owner, START)
    await fast_forward(owner, timedelta(days=2))

    await create_city_clock(owner)
    await create_city_clock(owner, START)

    assert await city_now(owner) >= START + timedelta(days=2)


async def test_a_real_database_never_becomes_a_demonstration(owner: Connection) -> None:
    await create_city_clock(owner)

    with pytest.raises(DatabaseError, match="keeps real time"):
        await create_city_clock(owner, START)


async def test_a_naive_start_is_refused(owner: Connection) -> None:
    with pytest.raises(ValueError, match="aware"):
        await create_city_clock(owner, datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001
