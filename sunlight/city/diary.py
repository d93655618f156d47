"""The city's diary: what is to be done when, made from what stands in the services' books.

Everything in it follows from the day and from the numbers of cases and tenders, so that a diary
made anew after an interruption goes on where the last one ended.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from libs.common.identity.scope import Scope
from services.approval.case import repository as case_book
from services.approval.case.model import Case
from services.approval.case.policy import State as CaseState
from services.approval.case.sought import Sought
from services.resource_trading.tender import repository as tender_book
from services.resource_trading.tender.policy import State as TenderState
from sunlight.city import cases, registry, stories, tenders
from sunlight.city.acts import City
from sunlight.city.cases import Step
from sunlight.city.hours import DEMO_START, ZONE, Hours
from sunlight.city.items import BY_CODE, Item
from sunlight.city.offices import CITY, Office
from sunlight.city.registry import Told
from sunlight.city.tenders import Tender

CLOSED: Final = time(20)
"""By then nobody works any more."""
LICENCE_DELAY: Final = timedelta(minutes=3)
_PAGE: Final = 500
_WHOLE: Final = Scope.of(CITY)
_OPEN_CASES: Final = tuple(state for state in CaseState if state is not CaseState.CLOSED)
_OPEN_TENDERS: Final = tuple(state for state in TenderState if state is not TenderState.TERMINATED)
Act = Callable[[datetime], Awaitable[None]]


@dataclass
class Diary:
    """What is to be done, earliest first. `hurried`: time is passed over, with less to do."""

    city: City
    hours: Hours
    hurried: bool = False
    _entries: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)
    _planned: date | None = None

    @property
    def history_days(self) -> list[date]:
        """The working days that are lived through quickly when the city is new."""
        return stories.history_days(self.hours)

    @property
    def history_end(self) -> datetime:
        """When the history is over: on the morning after its last day."""
        return stories.at(self.hours, stories.LAST, stories.ENDS)

    @property
    def rests(self) -> list[datetime]:
        """When the history waits for those who watch it: before its last night and after it."""
        evening = datetime.combine(self.history_days[-1], CLOSED, ZONE)
        return [evening, datetime.combine(self.history_end.date(), DEMO_START.timetz())]

    async def open(self, now: datetime) -> None:
        """Enter what is under way, and what the foreign systems will tell."""
        for told in registry.planted(self.hours):
            if told.at > now:
                self._tell(told)
        await self._open_cases()
        await self._open_tenders()

    async def _open_cases(self) -> None:
        async with self.city.approval() as session:
            for state in _OPEN_CASES:
                after = None
                while page := await case_book.page(
                    session, _WHOLE, state=state, sought=Sought(), after=after, limit=_PAGE
                ):
                    for case in page:
                        self._go_on_with(case)
                    after = page[-1].case_no

    async def _open_tenders(self) -> None:
        async with self.city.trading() as session:
            for state in _OPEN_TENDERS:
                after = None
                while rows := await tender_book.page(
                    session, CITY, state=state, after=after, limit=_PAGE
                ):
                    for row, _award in rows:
                        if row.ref.startswith("YGZB-"):
                            tender = tenders.tender(row.ref, self.hours)
                            self._follow_tender(tender, row.version)
                    after = rows[-1][0].ref

    def plan_until(self, now: datetime) -> None:
        """Enter arrivals and publications of the working days up to tomorrow."""
        today = now.astimezone(ZONE).date()
        upto = self.hours.calendar.working_day_after(today, 1)
        first = today if self._planned is None else self._planned + timedelta(days=1)
        for day in self.hours.days_from(first):
            if day > upto:
                break
            self._plan(day, now)
        self._planned = upto

    def _plan(self, day: date, now: datetime) -> None:
        young = day <= self.history_days[-1]
        count = cases.HISTORY_A_DAY if young or self.hurried else cases.LIVE_A_DAY
        for arrival in cases.arrivals(day, self.hours, count):
            if arrival.at > now:
                self._enter(arrival.at, self._receiving(arrival))
        for tender in tenders.tenders(day, self.hours, every_day=not young):
            if tender.steps[0].at > now:
                self._enter(tender.steps[0].at, self._publishing(tender))

    @property
    def next_at(self) -> datetime:
        """When the next entry is due. The diary is never empty: tomorrow is planned."""
        return self._entries[0][0]

    def take(self) -> Act:
        """The next entry, taken out."""
        return heapq.heappop(self._entries)[2]

    def _enter(self, at: datetime, act: Act) -> None:
        heapq.heappush(self._entries, (at, next(self._order), act))

    def _receiving(self, arrival: cases.Arrival) -> Act:
        async def act(_now: datetime) -> None:
            self._go_on_with(await self.city.receive(arrival))

        return act

    def _go_on_with(self, case: Case) -> None:
        told = case.history[0][2]
        item = BY_CODE.get(case.item_code)
        if item is None or not str(told.get("window", "")).startswith(cases.WINDOW):
            return
        online = told.get("channel") == "online"
        steps = cases.life(case.case_no, item, _entered(case), self.hours, online=online)
        self._next_step(case.case_no, item, steps[case.version - 1 :])

    def _next_step(self, case_no: str, item: Item, steps: list[Step]) -> None:
        """Enter the first of the steps; the next is entered once it is done."""
        if not steps:
            return
        step, rest = steps[0], steps[1:]

        async def act(now: datetime) -> None:
            await self.city.step_case(case_no, item.office, step)
            if step.action == "decide" and step.body.get("licence_no"):
                self._tell(registry.licence(case_no, item, now + LICENCE_DELAY))
            self._next_step(case_no, item, rest)

        self._enter(step.at, act)

    def _publishing(self, tender: Tender) -> Act:
        async def act(now: datetime) -> None:
            await self.city.publish(tender, now)
            self._follow_tender(tender, 1)

        return act

    def _follow_tender(self, tender: Tender, done: int) -> None:
        self._next_tender_step(tender.number, tender.office, list(tender.steps[done:]))

    def _next_tender_step(self, ref: str, office: Office, steps: list[Step]) -> None:
        if not steps:
            return
        step, rest = steps[0], steps[1:]

        async def act(_now: datetime) -> None:
            await self.city.step_tender(ref, office, step)
            self._next_tender_step(ref, office, rest)

        self._enter(step.at, act)

    def _tell(self, told: Told) -> None:
        async def act(_now: datetime) -> None:
            await self.city.tell(told)

        self._enter(told.at, act)


def _entered(case: Case) -> datetime:
    """When the case was entered: the day in its number, at the earliest when it was received."""
    day = datetime.strptime(case.case_no.split("-")[1], "%Y%m%d").date()  # noqa: DTZ007
    morning = datetime.combine(day, DEMO_START.timetz())
    return max(case.received_at, morning)
