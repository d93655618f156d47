"""快进: how many working days a visitor asked the made-up city to live through, and how far it is.

The API's role may ask and read; the clock is moved by the city's process alone, which holds the
owner's connection. Must never be set up in a real installation: without its table nobody can ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from libs.common.db.engine import IDENTITY, Connection, Pool, role_of

WORKING_DAYS: Final = (1, 5, 21)
HISTORY: Final = 0
"""In place of working days: the weeks that a new city has behind it."""

# A visitor's row says how many days and nothing else; one row at a time is not ended.
SCHEMA_SQL: Final = f"""
CREATE TABLE IF NOT EXISTS city.fast_forward (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    working_days integer NOT NULL CHECK (working_days IN (0, 1, 5, 21)),
    asked timestamptz NOT NULL DEFAULT clock_timestamp(),
    started timestamptz,
    target timestamptz,
    reached timestamptz,
    ended boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX IF NOT EXISTS fast_forward_one_at_a_time
    ON city.fast_forward ((true)) WHERE NOT ended;
GRANT SELECT, INSERT (working_days) ON city.fast_forward TO {role_of(IDENTITY)};
"""
_COLUMNS: Final = "id, working_days, started, target, reached, ended"
_ASK_SQL: Final = """
INSERT INTO city.fast_forward (working_days) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id
"""
_LOOK_SQL: Final = f"""
SELECT city.city_now() AS now, f.* FROM (SELECT) AS one
LEFT JOIN LATERAL (
    SELECT {_COLUMNS} FROM city.fast_forward ORDER BY id DESC LIMIT 1
) AS f ON true
"""  # noqa: S608 - columns of our own
_WAITING_SQL: Final = f"SELECT {_COLUMNS} FROM city.fast_forward WHERE NOT ended"  # noqa: S608
_BEGIN_SQL: Final = """
UPDATE city.fast_forward SET started = $2, reached = $2, target = $3 WHERE id = $1
"""
_REACHED_SQL: Final = "UPDATE city.fast_forward SET reached = $2, ended = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Forward:
    """One fast-forward. Before the city has begun it has no `started`, `target`, `reached`."""

    id: int
    working_days: int
    started: datetime | None
    target: datetime | None
    reached: datetime | None
    ended: bool

    @property
    def is_history(self) -> bool:
        """Whether it is the making of the city's past."""
        return self.working_days == HISTORY

    @property
    def percent(self) -> int:
        """How much of the way is done, 0 to 100."""
        if self.started is None or self.target is None or self.reached is None:
            return 0
        way = (self.target - self.started).total_seconds()
        done = (self.reached - self.started).total_seconds()
        return 100 if way <= 0 else max(0, min(100, int(100 * done / way)))


@dataclass(frozen=True, slots=True)
class Sight:
    """The city's time and its newest fast-forward."""

    now: datetime
    forward: Forward | None


async def set_up(owner: Connection) -> None:
    """Create the table in a demonstration's database. Needs the owner."""
    await owner.execute(SCHEMA_SQL)


async def ask(connection: Connection | Pool, working_days: int) -> bool:
    """Ask for 1, 5 or 21 working days; False where another fast-forward is not done yet.

    Raises ValueError for another number.
    """
    if working_days not in WORKING_DAYS:
        raise ValueError(f"working_days must be one of {WORKING_DAYS}: {working_days}")
    return await connection.fetchval(_ASK_SQL, working_days) is not None


async def look(connection: Connection | Pool) -> Sight | None:
    """How things stand; None where there is no city that could be moved on."""
    try:
        row = await connection.fetchrow(_LOOK_SQL)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return None
    if row is None:
        return None
    now, *values = row.values()
    return Sight(now, None if values[0] is None else Forward(*values))


async def waiting(owner: Connection) -> Forward | None:
    """The fast-forward that is asked for or under way."""
    row = await owner.fetchrow(_WAITING_SQL)
    return None if row is None else Forward(*row.values())


async def history(owner: Connection) -> Forward | None:
    """Enter the making of the city's history; None where something else is under way."""
    await owner.execute(_ASK_SQL, HISTORY)
    found = await waiting(owner)
    return found if found is not None and found.is_history else None


async def begin(owner: Connection, forward: Forward, now: datetime, target: datetime) -> None:
    """Note from when to when it goes."""
    await owner.execute(_BEGIN_SQL, forward.id, now, target)


async def note(owner: Connection, forward: Forward, now: datetime, *, ended: bool = False) -> None:
    """Note how far it is, or that it has ended."""
    await owner.execute(_REACHED_SQL, forward.id, now, ended)
