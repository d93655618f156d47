"""Handing events to the outbox inside the transaction that makes them true.

This is the only way a service publishes. Nothing here sends: the relay does, after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db.bulk import copy_records
from libs.common.db.engine import Connection
from libs.common.db.writes import Write, write
from libs.common.events import Event, Payload, encode, new_id, owner, payload_data
from libs.common.telemetry.traces import current_traceparent

_NOW_SQL: Final = "SELECT pg_current_xact_id(), city_now()"
_INSERT_SQL: Final = """
INSERT INTO outbox (topic, subject, value, release_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[])
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it is written down: what happened, to which subject, as which number.

    `time` None means now. `release_at` holds an embargoed event back until that instant.
    """

    payload: Payload
    subject: str
    sequence: int
    source: str
    time: datetime | None = None
    regime: str | None = None
    actor: str | None = None
    region: str | None = None
    department: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    release_at: datetime | None = None

    def event(self, now: datetime) -> Event:
        """The event as recorded at `now`. Raises ContractError for a payload out of contract."""
        return Event(
            id=new_id(),
            type=self.payload.event_type,
            source=self.source,
            subject=self.subject,
            time=self.time or now,
            recordedtime=now,
            sequence=self.sequence,
            data=payload_data(self.payload),
            regime=self.regime,
            actor=self.actor,
            region=self.region,
            department=self.department,
            causationid=self.causationid,
            traceparent=self.traceparent or current_traceparent(),
        )


async def recorded_now(session: AsyncSession) -> datetime:
    """The city's time, read after this transaction surely has an id (see `streamtime`)."""
    row = (await session.execute(text(_NOW_SQL))).one()
    now: datetime = row[1]
    return now


async def emit(
    session: AsyncSession,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    beside: Sequence[Write] = (),
) -> list[Event]:
    """Write events to the outbox of the session's service, in order, and the rows `beside` them.

    The aggregate must be locked before: ids are drawn here, so per subject id order is
    sequence order. `now` is the city's time, read with the lock and after this transaction
    surely had an id: `pg_current_xact_id()` stands before `city_now()` in one statement.
    """
    events = [draft.event(now) for draft in drafts]
    topics = [owner(event.type) for event in events]
    releases = [draft.release_at for draft in drafts]
    await write(session, [*beside, _rows(topics, events, releases)])
    return events


async def emit_recorded(session: AsyncSession, events: Sequence[Event], *, topic: str) -> None:
    """Write events that already are complete, in order, to one topic whatever their type.

    For an owner of foreign events. The caller has locked the subjects, and `recordedtime` is
    from `recorded_now` of this transaction after that.
    """
    await write(session, [_rows([topic] * len(events), events, [None] * len(events))])


def _rows(
    topics: Sequence[str],
    events: Sequence[Event],
    releases: Sequence[datetime | None],
) -> Write:
    subjects = [event.subject for event in events]
    return Write(_INSERT_SQL, (topics, subjects, [encode(event) for event in events], releases))


async def emit_bulk(connection: Connection, drafts: Sequence[Draft]) -> list[Event]:
    """As `emit`, for a consumer's transaction."""
    if not drafts:
        return []
    (row,) = await connection.fetch(_NOW_SQL)
    now: datetime = row[1]
    events = [draft.event(now) for draft in drafts]
    await copy_records(
        connection,
        "outbox",
        ("topic", "subject", "value", "release_at"),
        [
            (owner(event.type), event.subject, encode(event), draft.release_at)
            for event, draft in zip(events, drafts, strict=True)
        ],
    )
    return events
