"""The city clock: the one source of "now" in a database, `city_now()`.

`city_now()` is the server's clock plus an offset that is zero except in a demonstration, where
the city lives at an instant of its own and time only ever moves forward.
Must never let a clock go back, nor a real installation run on anything but real time.
"""

from datetime import datetime, timedelta

from libs.common.db.engine import Connection
from libs.common.db.errors import DatabaseError

SCHEMA_SQL = """
CREATE SCHEMA IF NOT EXISTS city;
GRANT USAGE ON SCHEMA city TO PUBLIC;

CREATE TABLE IF NOT EXISTS city.clock (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    demo boolean NOT NULL,
    ahead interval NOT NULL,
    CONSTRAINT real_time_unless_demo CHECK (demo OR ahead = interval '0')
);
GRANT SELECT ON city.clock TO PUBLIC;

CREATE OR REPLACE FUNCTION city.city_now() RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE
AS $$ SELECT clock_timestamp() + ahead FROM city.clock $$;

CREATE OR REPLACE FUNCTION city.keep_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'the city clock can not be removed';
    END IF;
    IF NEW.demo <> OLD.demo THEN
        RAISE EXCEPTION 'a city clock stays what it was created as: demo = %', OLD.demo;
    END IF;
    IF NEW.ahead < OLD.ahead THEN
        RAISE EXCEPTION 'the city clock never goes back: % to %', OLD.ahead, NEW.ahead;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER keep_clock BEFORE UPDATE OR DELETE ON city.clock
    FOR EACH ROW EXECUTE FUNCTION city.keep_clock();
CREATE OR REPLACE TRIGGER keep_clock_row BEFORE TRUNCATE ON city.clock
    FOR EACH STATEMENT EXECUTE FUNCTION city.keep_clock();
"""

LOCK_SQL = "SELECT pg_advisory_xact_lock(hashtext('sunlight city clock'))"

# In seconds only: an interval with days would follow the session's daylight saving rules.
INSERT_SQL = """
INSERT INTO city.clock (demo, ahead)
VALUES ($1::timestamptz IS NOT NULL,
        coalesce(make_interval(secs => extract(epoch FROM $1 - clock_timestamp())::float8),
                 interval '0'))
ON CONFLICT (id) DO NOTHING
"""

FORWARD_SQL = """
UPDATE city.clock SET ahead = ahead + make_interval(secs => $1) WHERE demo
RETURNING clock_timestamp() + ahead
"""


async def create_city_clock(connection: Connection, demo_start: datetime | None = None) -> None:
    """Create the clock if the database has none; an existing one goes on as it is.

    `demo_start` (aware) makes it a demonstration that begins at that instant. Needs the
    database's owner. Raises DatabaseError when a demonstration is asked of a real database.
    """
    if demo_start is not None and demo_start.tzinfo is None:
        raise ValueError(f"demo_start must be aware: {demo_start!r}")
    async with connection.transaction():
        await connection.execute(LOCK_SQL)
        await connection.execute(SCHEMA_SQL)
        await connection.execute(INSERT_SQL, demo_start)
        demo = await connection.fetchval("SELECT demo FROM city.clock")
        if demo_start is not None and not demo:
            raise DatabaseError("this database keeps real time; a demonstration needs its own")


async def fast_forward(connection: Connection, by: timedelta) -> datetime:
    """Move a demonstration's clock ahead by `by`; the new city time. Needs the owner."""
    now: datetime | None = await connection.fetchval(FORWARD_SQL, by.total_seconds())
    if now is None:
        raise DatabaseError("only the clock of a demonstration can be moved")
    return now


async def city_now(connection: Connection) -> datetime:
    """The city's time as the database sees it."""
    now: datetime = await connection.fetchval("SELECT city.city_now()")
    return now
