"""Numbers of a subject that will never come: accepted by a person, on record, then passed over.

Must never happen by itself, and never for a number that nothing waits behind: the next event of a
subject may always still come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from libs.common.bus import parked
from libs.common.bus import subjects as store
from libs.common.bus.batch import Handler, Tally
from libs.common.bus.protocol import partition_of
from libs.common.bus.subjects import BLOCKED, Subject
from libs.common.db.audit import audit_write
from libs.common.db.engine import Connection, Pool

ACTION: Final = "parked.skipped"
_HELD: Final = """
SELECT topic, min(sequence) AS held FROM parked
WHERE subject = $1 AND reason = 'gap' AND dropped_at IS NULL GROUP BY topic ORDER BY topic
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers `first` to `last` of a subject in a topic, missing where later ones have come."""

    topic: str
    first: int
    last: int

    def begins_with(self, other: Gap) -> bool:
        """Whether `other` is the gap, or its beginning."""
        return (other.topic, other.first) == (self.topic, self.first) and (
            other.first <= other.last <= self.last
        )


class NotMissingError(Exception):
    """The numbers named are not where a gap of the subject begins; `gaps` are those it has.

    `blocked`: an event could not be handled, and is to be replayed or dropped first.
    """

    def __init__(self, subject: str, gaps: Sequence[Gap], *, blocked: bool) -> None:
        super().__init__(subject)
        self.subject = subject
        self.gaps = gaps
        self.blocked = blocked


async def gaps(pool: Pool, subject: str) -> list[Gap]:
    """What is missing of a subject before its earliest held event, by topic."""
    async with store.acquired(pool) as connection, connection.transaction():
        rows = await store.lock(connection, [(subject, partition_of(subject))])
        return await _gaps(connection, rows[subject])


async def skip(
    pool: Pool, handler: Handler, subject: str, numbers: Gap, *, by: str, reason: str
) -> Tally:
    """Accept that `numbers` never come, with an audit row, and apply what was held behind them.

    All in one transaction; `by` is who says so. A held event that can't be handled is parked.

    Raises:
        NotMissingError: nothing is held right behind them, or one of them has come.
    """
    passed = partial(_pass_over, numbers=numbers, by=by, reason=reason)
    return await parked.replay(pool, handler, subject, passed)


async def _pass_over(
    connection: Connection, row: Subject, *, numbers: Gap, by: str, reason: str
) -> None:
    found = await _gaps(connection, row)
    blocked = row.blocked == BLOCKED
    if blocked or not any(gap.begins_with(numbers) for gap in found):
        raise NotMissingError(row.subject, found, blocked=blocked)
    row.sequences[numbers.topic] = numbers.last
    detail = {
        "topic": numbers.topic,
        "first": numbers.first,
        "last": numbers.last,
        "reason": reason,
    }
    now = await connection.fetchval("SELECT city_now()")
    told = audit_write(by, "", ACTION, row.subject, numbers.last, at=now, detail=detail)
    await connection.execute(told.sql, *told.values)


async def _gaps(connection: Connection, row: Subject) -> list[Gap]:
    found = []
    for topic, held in await connection.fetch(_HELD, row.subject):
        first = row.sequences.get(topic, 0) + 1
        if first < held:
            found.append(Gap(topic, first, held - 1))
    return found
