"""What the header of a demonstration's pages shows of the city's time, asked for once a second.

Pages read it without waiting for the database. Must never show it beyond this machine.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import asyncpg
import structlog
from starlette.requests import Request

from libs.common.db.engine import Pool
from libs.common.identity.demonstration import Demonstration, is_this_machine
from libs.common.web.shell.demo import DemoClock
from sunlight.demo import forwards
from sunlight.demo.forwards import Sight

LOOK_SECONDS: Final = 1.0
_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)

log = structlog.get_logger(__name__)


@dataclass
class CityClock:
    """The newest sight of the city, and when it was had (monotonic seconds)."""

    demo: Demonstration
    sight: Sight | None = None
    _seen_at: float = field(default=0.0)

    def shown(self, request: Request) -> DemoClock | None:
        """For any page's header; None for callers elsewhere, and where there is no city."""
        if self.sight is None or not is_this_machine(request):
            return None
        since = timedelta(seconds=time.monotonic() - self._seen_at)
        forward = self.sight.forward
        running = forward if forward is not None and not forward.ended else None
        return DemoClock(self.sight.now + since, self.demo.csrf_token, running)

    async def look(self, pool: Pool) -> Sight | None:
        """Ask the database now."""
        self.sight = await forwards.look(pool)
        self._seen_at = time.monotonic()
        return self.sight

    async def keep_looking(self, pool: Pool) -> None:
        """Look again and again; a database that is away is asked again."""
        while True:
            try:
                await self.look(pool)
            except _AWAY as error:
                log.info("city_clock_away", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
