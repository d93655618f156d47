"""A source whose one connection is used by one caller at a time, and made anew when it is lost.

The consuming loop fetches ahead while it reports progress; an embedded source has one connection
for both, and PostgreSQL may be restarted under it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import asyncpg
import structlog

from libs.common.bus.protocol import Assigned, Incoming, Positions, Source, TopicPartition

log = structlog.get_logger("source")


class SteadySource:
    """Wraps a source; same protocol."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._turn = asyncio.Lock()
        self._lost = False

    async def start(self, topics: Sequence[str], assigned: Assigned) -> None:
        """Start, and remember with what, to start again."""
        self._topics, self._assigned = topics, assigned
        await self._source.start(topics, assigned)

    def held(self) -> frozenset[TopicPartition]:
        """The partitions held."""
        return self._source.held()

    async def seek(self, positions: Positions) -> None:
        """Go on elsewhere."""
        await self._source.seek(positions)

    async def fetch(self, limit: int, wait: float) -> list[Incoming]:
        """Records from the positions on; a lost connection is made anew at the next call."""
        async with self._turn:
            if self._lost:
                with contextlib.suppress(Exception):
                    await self._source.stop()
                await self._source.start(self._topics, self._assigned)
                self._lost = False
            try:
                return await self._source.fetch(limit, wait)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                self._lost = True
                raise

    async def report(self, positions: Positions) -> None:
        """Record progress; when the connection is lost the next report tells the same."""
        async with self._turn:
            try:
                await self._source.report(positions)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                self._lost = True
                log.warning("source.report_lost", error=repr(error))

    async def stop(self) -> None:
        """Stop."""
        await self._source.stop()
