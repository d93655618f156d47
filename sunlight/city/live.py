"""Living through the diary: first some weeks quickly, then on and on, at a pace one can watch.

Each entry is done when the city's clock has come to it; between entries a demonstration's clock is
moved ahead. Must never move the clock of a real installation: the database refuses.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog
from pydantic import ValidationError

from libs.common.db.city_clock import city_now, fast_forward
from libs.common.db.engine import Connection, service_dsn
from libs.common.law.installed import named_calendar
from libs.common.telemetry.logs import configure_logs
from libs.common.web.errors import DomainError
from sunlight.city.acts import City
from sunlight.city.diary import Diary
from sunlight.city.hours import ZONE, Hours
from sunlight.commands.language import say
from sunlight.commands.output import print_text

PACE: Final = "SUNLIGHT_CITY_PACE"
"""How many seconds of city time a second brings; 1 leaves the clock alone."""
DEFAULT_PACE: Final = 60.0
TICK_SECONDS: Final = 1.0
QUIET: Final = timedelta(hours=1)
"""A stretch this long in which nothing is due (a night, a holiday) is passed over at once."""
REMARK_DAYS: Final = 10
LAST_WEEKS: Final = timedelta(days=45)
"""So long before the end of the known calendar the clock is left alone."""

log = structlog.get_logger("city")


@dataclass
class Life:
    """The city alive: its diary, its clock, and whether to end."""

    diary: Diary
    clock: Connection
    pace: float
    ended: asyncio.Event

    async def run(self) -> None:
        """Until told to end."""
        now = await city_now(self.clock)
        await self.diary.open(now)
        await self._history(now)
        while not self.ended.is_set():
            now = await self._do_what_is_due()
            await self._pass_time(now)

    async def _history(self, now: datetime) -> None:
        """The weeks that a new city has behind it, as fast as the commands go."""
        end = self.diary.history_end
        if now >= end:
            return
        print_text(say("正在生成城市历史 …", "making the city's history ..."))
        days = self.diary.history_days
        done = 0
        while now < end and not self.ended.is_set():
            now = await self._do_what_is_due()
            target = min(self.diary.next_at, end)
            if target > now:
                now = await fast_forward(self.clock, target - now)
            past = sum(day < now.astimezone(ZONE).date() for day in days)
            if past // REMARK_DAYS > done:
                done = past // REMARK_DAYS
                print_text(
                    say(f"城市历史 {past}/{len(days)} 个工作日", f"history {past}/{len(days)}")
                )
        if not self.ended.is_set():
            text = f"{now.astimezone(ZONE):%Y-%m-%d %H:%M}"
            print_text(say(f"城市时间 {text},此后实时运转", f"city time {text}, from here on live"))

    async def _do_what_is_due(self) -> datetime:
        now = await city_now(self.clock)
        self.diary.plan_until(now)
        while self.diary.next_at <= now and not self.ended.is_set():
            act = self.diary.take()
            try:
                await act(now)
            except (DomainError, ValidationError) as error:
                # A visitor was faster, or the law forbids the step: this life ends here.
                log.info("city.refused", error=type(error).__name__)
            now = await city_now(self.clock)
            self.diary.plan_until(now)
        return now

    async def _pass_time(self, now: datetime) -> None:
        gap = self.diary.next_at - now
        if self.pace > 1 and now < self._last_day:
            ahead = timedelta(seconds=(self.pace - 1) * TICK_SECONDS)
            await fast_forward(self.clock, gap if gap > QUIET else min(max(gap, _NONE), ahead))
        try:
            await asyncio.wait_for(self.ended.wait(), TICK_SECONDS)
        except TimeoutError:
            return

    @property
    def _last_day(self) -> datetime:
        last = self.diary.hours.calendar.covered[1]
        return datetime.combine(last, datetime.min.time(), ZONE) - LAST_WEEKS


_NONE: Final = timedelta(0)


async def live(env: Mapping[str, str]) -> None:
    """Live until SIGTERM or SIGINT."""
    configure_logs("city")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    city = City.of(env)
    clock = await asyncpg.connect(service_dsn("approval", env))
    try:
        diary = Diary(city, Hours(named_calendar("cn")))
        await Life(diary, clock, float(env.get(PACE, DEFAULT_PACE)), ended).run()
    finally:
        await clock.close()
        await city.close()
