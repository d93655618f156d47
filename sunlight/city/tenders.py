"""What becomes of a tender in the made-up city: its steps and when they are done. Pure.

Bids are told of only once they are opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from sunlight.city import bids, stories
from sunlight.city.cases import Step
from sunlight.city.dice import dice
from sunlight.city.hours import ZONE, Hours
from sunlight.city.offices import TENDERERS, Office

OPENING: Final = time(9, 30)
_KINDS: Final = ("works", "works", "goods", "services")
_END: Final = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Tender:
    """A tender: its number, whose it is, and its steps from publication on."""

    number: str
    office: Office
    steps: tuple[Step, ...]


def tenders(day: date, hours: Hours, *, every_day: bool) -> list[Tender]:
    """The tenders published on a working day: one, or one on most days."""
    draw = dice("tenders", day)
    some = every_day or draw.random() >= 0.15
    numbers = [f"YGZB-{day:%Y%m%d}-01"] if some else []
    return [tender(number, hours) for number in (*numbers, *stories.tender_numbers(day, hours))]


def tender(number: str, hours: Hours) -> Tender:
    """The whole life of the tender of that number, which says when it is published."""
    draw = dice("tender", number)
    day = datetime.strptime(number.split("-")[1], "%Y%m%d").date()  # noqa: DTZ007 - a civil day
    story = number if number in stories.tender_numbers(day, hours) else None
    office = draw.choice(TENDERERS)
    published = hours.within(day, draw)
    price = draw.randint(200, 9000) * 1_000_000
    last = hours.calendar.roll_forward(day + timedelta(days=draw.randint(21, 26)))
    deadline = datetime.combine(last, OPENING, ZONE)
    if story:
        deadline = stories.at(hours, stories.LAST, stories.OPENING)
    plan: dict[str, Any] = {
        "tender_no": number,
        "kind": draw.choice(_KINDS),
        "mandatory": True,
        "documents_from": published.isoformat(),
        "documents_until": datetime.combine(day + timedelta(days=7), time(17), ZONE).isoformat(),
        "bid_deadline": deadline.isoformat(),
        "estimated_price": price,
        "bid_bond": price // 100,
    }
    first = Step(published, "publish", plan)
    rest = _Course(number, hours, draw, deadline, price).steps(failing=story is None)
    return Tender(number, office, (first, *rest))


@dataclass(slots=True)
class _Course:
    """The steps after the deadline; `at` is when the last one was done."""

    number: str
    hours: Hours
    draw: Random
    at: datetime
    price: int

    def steps(self, *, failing: bool) -> list[Step]:
        """From the opening on; `failing`: it may end for want of bidders."""
        self.at += timedelta(minutes=5)
        if failing and self.draw.random() < 0.06:
            ground = "fewer-than-three-bidders"
            return [
                Step(self.at, "open", {"bids": 2}),
                self._step("terminate", 0, 1, ground=ground),
            ]
        offers = bids.offers(self.number, self.price)
        opened = Step(self.at, "open", {"bids": len(offers)})
        told = bids.told(offers, self.number)
        recorded = [self._minute_later(action, body) for action, body in told]
        evaluated = self._step("evaluate", 1, 2)
        publicised, winner, bid, until = self._publicity(offers)
        self.at = until + timedelta(hours=9)
        decided = self._step("decide", 1, 2, winner=winner, award_price=bid)
        bond = bid * self.draw.choice((3, 5, 8)) // 100
        return [
            opened,
            *recorded,
            evaluated,
            publicised,
            decided,
            self._step("issue-notice", 1, 2),
            self._step("report", 1, 6),
            self._step("sign-contract", 3, 12, contract_price=bid, performance_bond=bond),
            self._step("refund-bonds", 1, 4),
        ]

    def _publicity(self, offers: Sequence[bids.Offer]) -> tuple[Step, str, int, datetime]:
        best = sorted(offers, key=lambda offer: offer.amount)[:3]
        rows = [
            {"rank_no": rank, "party": offer.bidder, "price": offer.amount}
            for rank, offer in enumerate(best, start=1)
        ]
        self.at = self.hours.later(self.at, self.draw, 1, 1)
        last = self.at.date() + timedelta(days=self.draw.randint(4, 6))
        until = datetime.combine(last, _END, ZONE)
        body = {
            "publicity_from": self.at.isoformat(),
            "publicity_until": until.isoformat(),
            "candidates": rows,
        }
        step = Step(self.at, "publicise-candidates", body)
        return step, best[0].bidder, best[0].amount, until

    def _minute_later(self, action: str, body: Mapping[str, Any]) -> Step:
        self.at += timedelta(minutes=1)
        return Step(self.at, action, body)

    def _step(self, action: str, least: int, most: int, **body: Any) -> Step:
        self.at = self.hours.later(self.at, self.draw, least, most)
        return Step(self.at, action, body)
