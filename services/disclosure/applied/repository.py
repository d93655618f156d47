"""Every query on the numbers of events already applied, and the ids that had them.

A number that comes again with the same id is a duplicate, with another id a conflict. Must never
keep more of an event than that.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from libs.common.bus.batch import Number
from libs.common.db.bulk import execute_unnest, fetch_unnest
from libs.common.db.engine import Connection

KEEP: Final = timedelta(days=30)
"""Outboxes and the bus send nothing again after 7 days; the rest is for a producer that was
restored from a backup and gives its last numbers to other events. What comes later than that
counts as a duplicate."""
PRUNED_AT_ONCE: Final = 10_000

# Events read anew from the start keep the id that had the number first.
_INSERT: Final = """
INSERT INTO applied (subject, topic, sequence, id, applied_at)
SELECT w.*, city_now()
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS w(subject, topic, sequence, id)
ON CONFLICT DO NOTHING
"""
_IDS: Final = """
SELECT subject, topic, sequence, id FROM applied
JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS w(subject, topic, sequence)
USING (subject, topic, sequence)
"""
_PRUNE: Final = """
DELETE FROM applied WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM applied WHERE applied_at < (SELECT city_now()) - $1::interval
    ORDER BY applied_at LIMIT $2
))
"""


async def remember(connection: Connection, ids: Mapping[Number, str]) -> None:
    """Note which event had each number."""
    await execute_unnest(connection, _INSERT, [(*number, ids[number]) for number in ids], 4)


async def ids(connection: Connection, numbers: Sequence[Number]) -> dict[Number, str]:
    """Which event had each number, where that is still kept."""
    rows = await fetch_unnest(connection, _IDS, numbers, 3)
    return {(row["subject"], row["topic"], row["sequence"]): row["id"] for row in rows}


async def prune(connection: Connection) -> int:
    """Forget up to PRUNED_AT_ONCE numbers older than KEEP; how many."""
    status = await connection.execute(_PRUNE, KEEP, PRUNED_AT_ONCE)
    return int(status.rsplit(" ", 1)[-1])
