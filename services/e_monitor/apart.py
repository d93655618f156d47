"""Work on many subjects that goes on where one of them can't be judged: that one is set aside.

That is an incident of ours: it is told in the log, the metrics and `sunlight parked list`, and
tried again only by `sunlight parked replay`. It must never become a finding.
"""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from libs.common.bus import subjects as store
from libs.common.bus.consumer import TooMuchPoisonError
from libs.common.bus.subjects import AWAY
from libs.common.db.engine import Connection, Pool
from services.e_monitor.clock import repository
from services.e_monitor.metrics import UNJUDGED

MAX_A_MINUTE: Final = 100
Work = Callable[[Connection, Sequence[str]], Awaitable[None]]
log = structlog.get_logger("monitor")


@dataclass
class Apart:
    """Finds the subjects that a piece of work fails for, and sets aside those alone."""

    _recent: deque[float] = field(default_factory=deque)

    async def each(self, pool: Pool, names: Sequence[str], work: Work) -> None:
        """Do the work on all subjects in one transaction; where it fails, on halves of them.

        Raises:
            TooMuchPoisonError: so many could not be judged that something general is wrong.
        """
        try:
            async with store.acquired(pool) as connection, connection.transaction():
                await work(connection, names)
        except AWAY:
            raise
        except Exception as error:
            if not names:
                raise
            if len(names) == 1:
                await self._set_aside(pool, names[0], error)
                return
            half = len(names) // 2
            for part in (names[:half], names[half:]):
                await self.each(pool, part, work)

    async def _set_aside(self, pool: Pool, name: str, error: Exception) -> None:
        told = "".join(traceback.format_exception(error))
        async with store.acquired(pool) as connection, connection.transaction():
            await repository.set_aside(connection, name, told)
        UNJUDGED.inc()
        log.error("monitor.unjudged", subject=name, error=told)
        now = time.monotonic()
        self._recent.append(now)
        while self._recent[0] < now - 60:
            self._recent.popleft()
        if len(self._recent) > MAX_A_MINUTE:
            raise TooMuchPoisonError(
                f"{len(self._recent)} subjects could not be judged within a minute; look at "
                "`sunlight parked list`, mend the cause, start again"
            ) from error
