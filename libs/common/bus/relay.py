"""The relay: from a service's outbox to its topics, and the horizon with it.

One relay per service works at a time, by a session advisory lock on its own connection. What a
relay sends twice is a duplicate by sequence; what it has not yet sent is never passed by a
horizon.

A horizon T0 is announced when everyone who could have written before T0 has ended (see
`Relay.announce`) and all they wrote has been sent: stream time, never the wall clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog

from libs.common.bus.protocol import Outgoing, Producer, horizon_records, partition_of
from libs.common.db.engine import Connection, connect

BATCH: Final = 5000
PULSE_SECONDS: Final = 1.0
KEEP: Final = timedelta(days=7)
_LOCK_SQL: Final = "SELECT pg_try_advisory_lock(hashtext('sunlight relay'), hashtext($1))"
_WAITING_SQL: Final = """
SELECT id, topic, subject, value FROM outbox
WHERE published_at IS NULL AND (release_at IS NULL OR release_at <= (SELECT city_now()))
ORDER BY id LIMIT $1
"""
_DONE_SQL: Final = "UPDATE outbox SET published_at = city_now() WHERE id = ANY($1::bigint[])"
_PRUNE_SQL: Final = "DELETE FROM outbox WHERE published_at < (SELECT city_now()) - $1::interval"
_ENDED_SQL: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8"
_SETTINGS: Final = {
    "idle_session_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
}

log = structlog.get_logger("relay")


@dataclass
class Relay:
    """Empties one service's outbox.

    `topics` are those the service owns: they get its horizon. `on_sent` and `on_horizon` are
    told counts and instants, for metrics.
    """

    service: str
    dsn: str
    producer: Producer
    topics: Sequence[str]
    on_sent: Callable[[int], None] = lambda count: None
    on_horizon: Callable[[datetime], None] = lambda horizon: None
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Relay until stopped; a lost database or broker pauses and retries for ever."""
        try:
            await self._until_stopped()
        finally:
            with contextlib.suppress(Exception):
                await self.producer.stop()

    async def _until_stopped(self) -> None:
        wait = 0.1
        while not self._stopped.is_set():
            try:
                connection = await connect(
                    self.dsn,
                    self.service,
                    application=f"sunlight-relay-{self.service}",
                    settings=_SETTINGS,
                )
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("relay.waits_for_database", service=self.service, error=repr(error))
                await self._pause(wait := min(wait * 2, 5))
                continue
            try:
                await self._serve(connection)
                wait = 0.1
            except Exception as error:  # noqa: BLE001
                # Whatever went wrong, what was not marked as sent is sent again.
                log.warning("relay.retries", service=self.service, error=repr(error))
                await self._pause(wait := min(wait * 2, 5))
            finally:
                connection.terminate()

    def stop(self) -> None:
        """Ask the relay to end after the batch at hand."""
        self._stopped.set()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return

    async def _serve(self, connection: Connection) -> None:
        while not await connection.fetchval(_LOCK_SQL, self.service):
            await self._pause(PULSE_SECONDS)
            if self._stopped.is_set():
                return
        log.info("relay.holds", service=self.service)
        pulse = time.monotonic()
        pruned = 0.0
        while not self._stopped.is_set():
            await self.announce(connection)
            if time.monotonic() - pruned > 3600:
                await connection.execute(_PRUNE_SQL, KEEP)
                pruned = time.monotonic()
            pulse += PULSE_SECONDS
            while (left := pulse - time.monotonic()) > 0 and not self._stopped.is_set():
                if not await self.drain(connection):
                    await self._pause(min(left, 0.1))
            pulse = max(pulse, time.monotonic() - PULSE_SECONDS)
        await self.drain(connection)

    async def drain(self, connection: Connection) -> int:
        """Send what waits now; the number sent."""
        sent = 0
        while rows := await connection.fetch(_WAITING_SQL, BATCH):
            await self.producer.send(
                [
                    Outgoing(
                        row["topic"], partition_of(row["subject"]), row["subject"], row["value"]
                    )
                    for row in rows
                ]
            )
            await connection.execute(_DONE_SQL, [row["id"] for row in rows])
            sent += len(rows)
            if len(rows) < BATCH:
                break
        if sent:
            self.on_sent(sent)
        return sent

    async def announce(self, connection: Connection) -> datetime:
        """Draw a horizon, wait until it is true, send it to every partition."""
        horizon: datetime = await connection.fetchval("SELECT city_now()")
        # An id of its own, drawn after the horizon: every writer with an older one may have
        # written before it. The snapshot's xmax would not do: it is the last completed id only.
        drawn: int = await connection.fetchval("SELECT pg_current_xact_id()::text")
        while not await connection.fetchval(_ENDED_SQL, drawn):
            await self.drain(connection)
            await asyncio.sleep(0.01)
            if self._stopped.is_set():
                return horizon
        await self.drain(connection)
        records = [record for topic in self.topics for record in horizon_records(topic, horizon)]
        await self.producer.send(records)
        self.on_horizon(horizon)
        return horizon
