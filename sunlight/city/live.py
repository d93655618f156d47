"""Living through the diary: first some weeks quickly, then on and on, at a pace one can watch.

A visitor of a demonstration may ask it to pass over working days, as it passed over its history.
Each entry is done when the city's clock has come to it; between entries a demonstration's clock is
moved ahead. Must never move the clock of a real installation: the database refuses.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg
import structlog
from pydantic import ValidationError

from libs.common.bus.subjects import horizons
from libs.common.db.city_clock import city_now, fast_forward
from libs.common.db.engine import Connection, connect, service_dsn
from libs.common.law.installed import named_calendar
from libs.common.telemetry.logs import configure_logs
from libs.common.web.errors import DomainError
from services.e_monitor.clock.known import complete_to
from sunlight.city import catalogue, organisation
from sunlight.city.acts import APPLICATION, City
from sunlight.city.diary import Diary
from sunlight.city.hours import ZONE, Hours
from sunlight.commands.language import say
from sunlight.commands.output import print_text
from sunlight.demo import forwards
from sunlight.demo.forwards import Forward

PACE: Final = "SUNLIGHT_CITY_PACE"
"""How many seconds of city time a second brings; 1 leaves the clock alone."""
DEFAULT_PACE: Final = 60.0
TICK_SECONDS: Final = 1.0
QUIET: Final = timedelta(hours=1)
"""A stretch this long in which nothing is due (a night, a holiday) is passed over at once."""
REMARK_DAYS: Final = 10
WATCHED_SECONDS: Final = 8
LAST_WEEKS: Final = timedelta(days=45)
"""So long before the end of the known calendar the clock is left alone."""

log = structlog.get_logger("city")


@dataclass
class Life:
    """The city alive: its diary, its clock, and whether to end."""

    diary: Diary
    clock: Connection
    monitor: Connection
    pace: float
    ended: asyncio.Event

    async def run(self) -> None:
        """Until told to end."""
        now = await city_now(self.clock)
        await self.diary.open(now)
        await self._history(now)
        while not self.ended.is_set():
            now = await self._do_what_is_due()
            if (asked := await forwards.waiting(self.clock)) is not None:
                await self._forward(asked, now)
            else:
                await self._pass_time(now)

    async def _history(self, now: datetime) -> None:
        """The weeks that a new city has behind it, as fast as the commands go."""
        end = self.diary.history_end
        if now >= end:
            return
        print_text(say("正在生成城市历史 …", "making the city's history ..."))
        under_way = await forwards.history(self.clock)
        if under_way is not None:
            await forwards.begin(self.clock, under_way, now, end)
        days = _Days(self.diary.history_days)
        for rest in (at for at in self.diary.rests if at > now):
            now = await self._live_to(rest, under_way, now, days)
            await self._wait_for_the_monitor(rest)
        now = await self._live_to(end, under_way, now, days)
        if not self.ended.is_set():
            await self._done(under_way)
            text = f"{now.astimezone(ZONE):%Y-%m-%d %H:%M}"
            print_text(say(f"城市时间 {text},此后实时运转", f"city time {text}, from here on live"))

    async def _forward(self, asked: Forward, now: datetime) -> None:
        """What a visitor asked for; one that was broken off goes on to where it was going."""
        end = asked.target or self._target(asked.working_days, now)
        if asked.target is None:
            await forwards.begin(self.clock, asked, now, end)
        await self._live_to(end, asked, now)
        if not self.ended.is_set():
            await self._done(asked)

    def _target(self, working_days: int, now: datetime) -> datetime:
        """The same time of day that many working days later; never past the known calendar."""
        if not working_days or now >= self._last_day:
            return now
        local = now.astimezone(ZONE)
        day = self.diary.hours.calendar.working_day_after(local.date(), working_days)
        return min(datetime.combine(day, local.timetz()), self._last_day)

    async def _live_to(
        self, end: datetime, forward: Forward | None, now: datetime, days: _Days | None = None
    ) -> datetime:
        """Live through the diary to `end`, moving the clock from entry to entry."""
        self.diary.hurried = True
        while now < end and not self.ended.is_set():
            before, now = now, await self._do_what_is_due()
            target = min(self.diary.next_at, end)
            if target > now:
                now = await fast_forward(self.clock, target - now)
            if forward is not None and _day(now) != _day(before):
                await forwards.note(self.clock, forward, now)
            if days is not None:
                days.remark(now)
        self.diary.hurried = False
        return now

    async def _done(self, forward: Forward | None) -> None:
        now = await self._do_what_is_due()
        if forward is not None:
            await forwards.note(self.clock, forward, now, ended=True)

    async def _wait_for_the_monitor(self, at: datetime) -> None:
        """Until it has seen all to `at`, or for some seconds: it may not run at all."""
        for _ in range(WATCHED_SECONDS * 10):
            known, _topics = complete_to(self.diary.city.law, await horizons(self.monitor))
            if self.ended.is_set() or (known is not None and known >= at):
                return
            await asyncio.sleep(0.1)

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


def _day(now: datetime) -> date:
    return now.astimezone(ZONE).date()


@dataclass
class _Days:
    """Says on the terminal how many of the history's days are done, now and then."""

    days: Sequence[date]
    done: int = 0

    def remark(self, now: datetime) -> None:
        past = sum(day < _day(now) for day in self.days)
        if past // REMARK_DAYS > self.done:
            self.done = past // REMARK_DAYS
            number = f"{past}/{len(self.days)}"
            print_text(say(f"城市历史 {number} 个工作日", f"history {number}"))


async def live(env: Mapping[str, str]) -> None:
    """Live until SIGTERM or SIGINT."""
    configure_logs("city")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    city = City.of(env)
    # What the clock's commit waits for the next command's waits for too: the log is one.
    clock = await asyncpg.connect(
        service_dsn("approval", env), server_settings={"synchronous_commit": "off"}
    )
    monitor = await connect(service_dsn("monitor", env), "monitor", application=APPLICATION)
    try:
        await forwards.set_up(clock)
        await city.take_over(organisation.records(), catalogue.records())
        diary = Diary(city, Hours(named_calendar("cn")))
        await Life(diary, clock, monitor, float(env.get(PACE, DEFAULT_PACE)), ended).run()
    finally:
        await monitor.close()
        await clock.close()
        await city.close()
