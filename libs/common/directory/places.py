"""Where each post stands: its body and the region of that, as the organisation tells it.

The scope of whoever acts comes from it. Must never keep a person, nor let a post stand that has
ended or whose body is not known: then it stands nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.db.bulk import execute_unnest
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event
from libs.common.events.contracts.organisation import (
    BodyChanged,
    BodyEstablished,
    PostChanged,
    PostCreated,
)
from libs.common.identity.area import shortest

PLACES_SQL: Final = """
CREATE TABLE body (
    code varchar PRIMARY KEY,
    sequence bigint NOT NULL,
    region varchar NOT NULL,
    first_day date NOT NULL,
    last_day date
);
CREATE TABLE post (
    code varchar PRIMARY KEY,
    sequence bigint NOT NULL,
    body varchar NOT NULL,
    first_day date NOT NULL,
    last_day date
);
"""
"""For the migration of whoever keeps it. A row is the newest that was told of its code."""
PERIOD: Final = timedelta(seconds=10)
"""How far what is known in memory may lag."""
_PUT: Final = """
INSERT INTO {table} (code, sequence, {column}, first_day, last_day)
SELECT DISTINCT ON (told.code) * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::date[],
  $5::date[]) AS told(code, sequence, {column}, first_day, last_day)
ORDER BY told.code, told.sequence DESC
ON CONFLICT (code) DO UPDATE SET sequence = excluded.sequence, {column} = excluded.{column},
  first_day = excluded.first_day, last_day = excluded.last_day
WHERE {table}.sequence < excluded.sequence
"""
_PUT_BODY: Final = _PUT.format(table="body", column="region")
_PUT_POST: Final = _PUT.format(table="post", column="body")
_PLACES: Final = """
SELECT post.code, post.body, body.region,
  body.code IS NOT NULL AND $1 BETWEEN post.first_day AND coalesce(post.last_day, 'infinity')
  AND $1 BETWEEN body.first_day AND coalesce(body.last_day, 'infinity') AS stands
FROM post LEFT JOIN body ON body.code = post.body
"""
Row = tuple[str, int, str, date, date | None]


class Place(NamedTuple):
    """A body, and the region it works in (6, 9 or 12 digits, as few as say all)."""

    office: str
    region: str


@dataclass(slots=True)
class HeardPlaces:
    """The bodies and posts that one batch tells."""

    bodies: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """Take the event's state, if it is of a body or a post."""
        match event.type:
            case BodyEstablished.event_type | BodyChanged.event_type:
                self.bodies.append(_row(event, "body", "region_code"))
            case PostCreated.event_type | PostChanged.event_type:
                self.posts.append(_row(event, "post", "body"))

    async def write(self, connection: Connection) -> None:
        """Write what was heard."""
        await execute_unnest(connection, _PUT_BODY, self.bodies, 5)
        await execute_unnest(connection, _PUT_POST, self.posts, 5)


@dataclass(slots=True)
class Places:
    """The places of an installation's posts, read anew when asked after `PERIOD`."""

    pool: Pool | Connection
    zone: ZoneInfo
    _known: Mapping[str, Place | None] = field(default_factory=dict)
    _read_at: datetime | None = None

    async def of(self, post: str, *, now: datetime) -> Place | None:
        """Where the post stands; None once it has ended.

        Raises:
            LookupError: the organisation does not know the post.
        """
        if self._read_at is None or not timedelta(0) <= now - self._read_at < PERIOD:
            today = now.astimezone(self.zone).date()
            rows = await self.pool.fetch(_PLACES, today)
            self._known = {
                row["code"]: Place(row["body"], shortest(row["region"])) if row["stands"] else None
                for row in rows
            }
            self._read_at = now
        return self._known[post]


def _row(event: Event, code: str, value: str) -> Row:
    data = event.data
    last = data.get("last_day")
    return (
        data[code],
        event.sequence,
        data[value],
        date.fromisoformat(data["first_day"]),
        None if last is None else date.fromisoformat(last),
    )
