"""The look-out: one reader a process asks each second what changed, for all open streams.

Must never miss a change: a finding's instant is drawn before its transaction ends, so each look
goes back `OVERLAP` and leaves out what it has told already. It sees every finding: a stream tells
only those that its listener's scope covers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from libs.common.bus import subjects as store
from libs.common.db.city_clock import city_now
from libs.common.db.engine import Connection, Pool
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from services.e_monitor.clock.known import complete_to
from services.e_monitor.finding import reading
from services.e_monitor.finding.reading import Changed
from services.e_monitor.metrics import COMPLETE_TO

PERIOD: Final = 1.0
OVERLAP: Final = timedelta(seconds=6)
"""Longer than a writing transaction may last."""
KEPT: Final = 2000
_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
log = structlog.get_logger("news")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is new since a listener last heard: its next position, the horizon, the changes."""

    number: int
    complete_to: datetime | None
    changes: Sequence[Changed]

    def within(self, scope: Scope) -> list[Changed]:
        """The changes that a listener of this scope may hear of."""
        return [
            change
            for change in self.changes
            if scope.covers(change.finding.region, change.finding.department)
        ]


@dataclass
class News:
    """What changed, numbered, with the horizon as it stands."""

    pool: Pool
    law: Fold
    complete_to: datetime | None = None
    topics: Mapping[str, datetime] = field(default_factory=dict)
    number: int = 0
    _kept: deque[tuple[int, Changed]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _seen: dict[tuple[UUID, int], datetime] = field(default_factory=dict)
    _since: datetime | None = None
    _moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self) -> None:
        """Look each second until cancelled; a database that is away is asked again."""
        while True:
            try:
                await self.look()
            except _AWAY as error:
                log.warning("news.waits", error=repr(error))
            await asyncio.sleep(PERIOD)

    async def look(self) -> None:
        """Take in what changed since the last look, and tell every listener."""
        async with store.acquired(self.pool) as connection:
            whole, topics = complete_to(self.law, await store.horizons(connection))
            changes = await self._changes(connection)
        for topic, instant in topics.items():
            COMPLETE_TO.labels(topic).set(instant.timestamp())
        if whole == self.complete_to and topics == self.topics and not changes:
            return
        async with self._moved:
            self.number += 1
            self.complete_to, self.topics = whole, topics
            self._kept.extend((self.number, change) for change in changes)
            self._moved.notify_all()

    async def _changes(self, connection: Connection) -> list[Changed]:
        if self._since is None:
            self._since = await city_now(connection)
        found, since = [], self._since - OVERLAP
        async for change in reading.changed(connection, Scope.everything(), since):
            name = (change.finding.id, change.finding.version)
            if name not in self._seen and change.at > self._since - OVERLAP:
                found.append(change)
            self._seen[name] = change.at
            self._since = max(self._since, change.at)
        forget = self._since - 2 * OVERLAP
        self._seen = {name: at for name, at in self._seen.items() if at > forget}
        return found

    async def after(self, number: int) -> Bulletin:
        """Wait for news that came after `number`."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.number > number)
        return self.now(number)

    def now(self, number: int) -> Bulletin:
        """What is kept that came after `number`."""
        changes = [change for place, change in self._kept if place > number]
        return Bulletin(self.number, self.complete_to, changes)
