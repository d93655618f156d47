"""The look-out: one reader a process asks each second what changed, for all open streams.

Must never miss a change: a finding's instant is drawn before its transaction ends, so each look
goes back `OVERLAP` and leaves out what it has told already. Who was away, or comes late to more
than is kept, reads again from the instant up to which all was told. It sees every finding: a
stream tells only those that its listener's scope covers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from libs.common.bus import subjects as store
from libs.common.db.city_clock import city_now
from libs.common.db.engine import Connection, Pool
from libs.common.law.fold import Fold
from services.e_monitor.clock.known import complete_to
from services.e_monitor.finding import reading
from services.e_monitor.finding.reading import Changed
from services.e_monitor.finding.sight import Sight
from services.e_monitor.metrics import COMPLETE_TO

PERIOD: Final = 1.0
OVERLAP: Final = timedelta(seconds=6)
"""Longer than a writing transaction may last."""
KEPT: Final = 2000
_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
log = structlog.get_logger("news")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is new since a listener last heard: its next position, the horizon, the changes.

    `upto`: the last change that was looked at, None before the first look. Not `whole`: more came
    than is kept, so that some of it is to be read from the previous `upto` on.
    """

    number: int
    complete_to: datetime | None
    changes: Sequence[Changed]
    upto: datetime | None = None
    whole: bool = True

    def within(self, sight: Sight) -> list[Changed]:
        """The changes that a listener of this sight may hear of."""
        return [change for change in self.changes if sight.covers(change.finding)]


@dataclass
class News:
    """What changed, numbered, with the horizon as it stands."""

    pool: Pool
    law: Fold
    complete_to: datetime | None = None
    topics: Mapping[str, datetime] = field(default_factory=dict)
    number: int = 0
    kept: int = KEPT
    _kept: deque[tuple[int, Changed]] = field(default_factory=deque)
    _gone: int = 0
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
            while len(self._kept) > self.kept:
                self._gone, _ = self._kept.popleft()
            self._moved.notify_all()

    async def _changes(self, connection: Connection) -> list[Changed]:
        if self._since is None:
            self._since = await city_now(connection)
        found: list[Changed] = []
        place, more = (self._since - OVERLAP, reading.FIRST), True
        while more:
            chunk = await reading.changed(connection, Sight.everything(), *place)
            for change in chunk:
                name = (change.finding.id, change.finding.version)
                if name not in self._seen:
                    found.append(change)
                self._seen[name] = change.at
                self._since = max(self._since, change.at)
                place = change.at, change.finding.id
            more = len(chunk) == reading.CHUNK
        forget = self._since - 2 * OVERLAP
        self._seen = {name: at for name, at in self._seen.items() if at > forget}
        return found

    async def missed(self, within: Sight, since: datetime) -> AsyncIterator[Changed]:
        """What changed in scope after all was told up to `since`, perhaps some of it once more.

        No connection is held while a listener takes it in.
        """
        place, more = (since - OVERLAP, reading.FIRST), True
        while more:
            async with store.acquired(self.pool) as connection:
                chunk = await reading.changed(connection, within, *place)
            for change in chunk:
                yield change
                place = change.at, change.finding.id
            more = len(chunk) == reading.CHUNK

    async def after(self, number: int) -> Bulletin:
        """Wait for news that came after `number`."""
        async with self._moved:
            await self._moved.wait_for(lambda: self.number > number)
        return self.now(number)

    def now(self, number: int) -> Bulletin:
        """What is kept that came after `number`."""
        changes = [change for place, change in self._kept if place > number]
        whole = number >= self._gone
        return Bulletin(self.number, self.complete_to, changes, self._since, whole)
