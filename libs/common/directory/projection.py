"""The projection: every name that was told of a code, and from which day on it holds.

A consumer learns from the events that it reads anyway, in the transaction of their batch. Must
never keep anything but names of bodies and items: no post, and no person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from libs.common.db.bulk import execute_unnest
from libs.common.db.engine import Connection
from libs.common.events import Event
from libs.common.events.contracts.organisation import BodyChanged, BodyEstablished, ItemPublished

DIRECTORY_SQL: Final = """
CREATE TABLE directory (
    code varchar NOT NULL,
    sequence bigint NOT NULL,
    name varchar NOT NULL,
    first_day date NOT NULL,
    PRIMARY KEY (code, sequence)
);
"""
"""For a service's migration. Rows are only added: a later one holds from its day on."""
_CODE: Final = {
    BodyEstablished.event_type: "body",
    BodyChanged.event_type: "body",
    ItemPublished.event_type: "item_code",
}
"""Event type → which of its fields the name belongs to."""
_LEARN: Final = """
INSERT INTO directory (code, sequence, name, first_day)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::date[]) ON CONFLICT DO NOTHING
"""
_HOLDING: Final = """
SELECT DISTINCT ON (code) code, name FROM directory
WHERE first_day <= (city_now() AT TIME ZONE $1)::date ORDER BY code, sequence DESC
"""


@dataclass(slots=True)
class Heard:
    """The names that one batch tells."""

    rows: list[tuple[str, int, str, date]] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        """Take the event's name, if it tells one."""
        code = _CODE.get(event.type)
        if code is not None:
            first = date.fromisoformat(event.data["first_day"])
            self.rows.append((event.data[code], event.sequence, event.data["name"], first))

    async def write(self, connection: Connection) -> None:
        """Write what was heard."""
        await execute_unnest(connection, _LEARN, self.rows, 4)


async def holding(connection: Connection, zone: str) -> Iterable[tuple[str, str]]:
    """Code and name, as they hold today in `zone`."""
    return [(row["code"], row["name"]) for row in await connection.fetch(_HOLDING, zone)]
