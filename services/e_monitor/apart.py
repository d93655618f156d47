"""Work on many rows that goes on where one of them can't be judged: its subject is set aside.

That is an incident of ours: it is told in the log, the metrics and `sunlight parked list`, and
tried again only by `sunlight parked replay`. It must never become a finding.
"""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog

from libs.common.bus import subjects as store
from libs.common.bus.consumer import TooMuchPoisonError
from libs.common.bus.subjects import AWAY
from libs.common.db.engine import Connection, Pool
from services.e_monitor.clock import repository
from services.e_monitor.metrics import UNJUDGED

MAX_A_MINUTE: Final = 100
T = TypeVar("T")
Work = Callable[[Connection, Sequence[T]], Awaitable[None]]
SetAside = Callable[[Connection, T, str], Awaitable[None]]
log = structlog.get_logger("monitor")


@dataclass
class Apart:
    """Finds the rows that a piece of work fails for, and sets aside those alone."""

    _recent: deque[float] = field(default_factory=deque)

    async def each(self, pool: Pool, names: Sequence[str], work: Work[str]) -> None:
        """Do the work on all subjects in one transaction; where it fails, on halves of them.

        Raises:
            TooMuchPoisonError: so many could not be judged that something general is wrong.
        """
        await self.each_of(pool, names, work, repository.set_aside)

    async def each_of(
        self, pool: Pool, rows: Sequence[T], work: Work[T], set_aside: SetAside[T]
    ) -> None:
        """`each` of rows that are no subjects; `set_aside` takes one and what went wrong."""
        try:
            async with store.acquired(pool) as connection, connection.transaction():
                await work(connection, rows)
        except AWAY:
            raise
        except Exception as error:
            if not rows:
                raise
            if len(rows) == 1:
                await self._set_aside(pool, rows[0], error, set_aside)
                return
            half = len(rows) // 2
            for part in (rows[:half], rows[half:]):
                await self.each_of(pool, part, work, set_aside)

    async def _set_aside(
        self, pool: Pool, row: T, error: Exception, set_aside: SetAside[T]
    ) -> None:
        told = "".join(traceback.format_exception(error))
        async with store.acquired(pool) as connection, connection.transaction():
            await set_aside(connection, row, told)
        UNJUDGED.inc()
        log.error("monitor.unjudged", subject=row, error=told)
        now = time.monotonic()
        self._recent.append(now)
        while self._recent[0] < now - 60:
            self._recent.popleft()
        if len(self._recent) > MAX_A_MINUTE:
            raise TooMuchPoisonError(
                f"{len(self._recent)} subjects could not be judged within a minute; look at "
                "`sunlight parked list`, mend the cause, start again"
            ) from error
