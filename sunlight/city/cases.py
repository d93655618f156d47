"""What becomes of an application in the made-up city: its steps and when they are done. Pure.

A life follows from the case's number alone, so a city that was stopped goes on as it would have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from sunlight.city import stories
from sunlight.city.dice import dice
from sunlight.city.hours import ZONE, Hours
from sunlight.city.items import ITEMS, LICENCE, Item
from sunlight.city.offices import Office

HISTORY_A_DAY: Final = 10
LIVE_A_DAY: Final = 36
WINDOWS: Final = 2
"""How many windows an office has."""
WINDOW: Final = "city"
"""How the city's own windows begin: it never touches a case that a visitor has made."""
_WORKING_DAYS: Final = {"noticed_unit": "working_day"}
_FATES: Final = {
    "plain": 60,
    "supplement": 13,
    "pause": 12,
    "late": 5,
    "stuck": 2,
    "refused": 4,
    "withdrawn": 4,
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An application: when, for what, and the body of the command `receive`."""

    at: datetime
    item: Item
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A command: when, its name in the address, its body."""

    at: datetime
    action: str
    body: Mapping[str, Any]


def arrivals(day: date, hours: Hours, count: int) -> list[Arrival]:
    """The applications of a working day, in their order."""
    draw = dice("arrivals", day)
    planted = stories.permits(day, hours)
    items = [item for item in ITEMS if item not in {story.item for story in planted}]
    found = [_arrival(hours.within(day, draw), draw.choice(items), draw) for _ in range(count)]
    for story in planted:
        at = datetime.combine(day, story.at, ZONE)
        found.append(Arrival(at, story.item, _application(story.item, "window", draw)))
    return sorted(found, key=lambda arrival: arrival.at)


def _arrival(at: datetime, item: Item, draw: Random) -> Arrival:
    channel = draw.choices(("window", "online", "terminal"), (5, 4, 1))[0]
    body = _application(item, channel, draw)
    if draw.random() < 0.02:
        received = at.date() - timedelta(days=draw.randint(1, 4))
        body |= {
            "channel": "post",
            "received_on": received.isoformat(),
            "received_on_reason": "邮寄材料,节后补录",
        }
    return Arrival(at, item, body)


def _application(item: Item, channel: str, draw: Random) -> dict[str, Any]:
    return {
        "item_code": item.code,
        "item_type": item.kind,
        "channel": channel,
        "window": draw.choice(windows_of(item.office)),
        "applicant": _applicant(item, draw),
        "immediate": item.immediate,
        "delivers_document": item.document,
        "promised_limit": item.promised,
        "promised_unit": "working_day",
    }


def _applicant(item: Item, draw: Random) -> dict[str, str]:
    """Someone who can't be taken for anybody: numbered, and said to be made up."""
    if item.kind == LICENCE:
        return {"kind": "organisation", "name": f"虚构企业{draw.randint(1, 400):03d}号"}
    return {"kind": "person", "name": f"虚构申请人{draw.randint(1, 4000):04d}号"}


def windows_of(office: Office) -> tuple[str, ...]:
    """The windows of an office in its hall."""
    return tuple(f"{WINDOW}-{office.key}-{number}" for number in range(1, WINDOWS + 1))


def life(
    case_no: str, item: Item, received: datetime, hours: Hours, *, online: bool = False
) -> list[Step]:
    """The steps after receipt, one event each; what came `online` is looked at the same day."""
    steps = _steps(case_no, item, received, hours)
    # By dice of its own: what else happens to the case is the same however it came.
    looked = hours.later(received, dice("pre-check", case_no), 0, 0)
    if not online or steps[0].at <= looked:
        return steps
    passed = steps[0].action not in {"refuse", "request-supplement"}
    told = {"precheck_passed": passed, "notice_no": f"YS-{case_no}"}
    return [Step(looked, "pre-check", told), *steps]


def _steps(case_no: str, item: Item, received: datetime, hours: Hours) -> list[Step]:
    draw = dice("life", case_no)
    story = stories.permit(item, received.astimezone(ZONE).date(), hours)
    if story is not None:
        return _Life(case_no, item, hours, draw, received).planted(rests=story.rests)
    fate = draw.choices(list(_FATES), list(_FATES.values()))[0]
    return _Life(case_no, item, hours, draw, received).steps(fate)


@dataclass(slots=True)
class _Life:
    """Steps being written down; `at` is when the last one was done."""

    case_no: str
    item: Item
    hours: Hours
    draw: Random
    at: datetime

    def steps(self, fate: str) -> list[Step]:
        if fate == "refused":
            return [*self._refusal(), self._step("close", 1, 2)]
        if fate == "withdrawn":
            return [self._accept(), self._step("withdraw", 1, 3), self._step("close", 0, 1)]
        first = self._supplement() if fate == "supplement" else []
        opening = [*first, self._accept(), self._receipt()]
        if fate == "stuck":
            return opening
        pause = self._pause() if fate == "pause" else []
        return [*opening, *pause, *self._ending(late=fate == "late")]

    def planted(self, *, rests: bool) -> list[Step]:
        """Accepted at once; then left lying, or decided in time because its clock rested."""
        opening = [self._step("accept", 0, 0), self._receipt()]
        if not rests:
            return opening
        paused, resumed = stories.REST_DAYS
        told = {"notice_no": f"ZZ-{self.case_no}", "noticed_length": 15}
        return [
            *opening,
            self._step("pause", paused, paused, ground="inspection", **told, **_WORKING_DAYS),
            self._step("resume", resumed - paused, resumed - paused),
            *self._decided(stories.DECIDED_AFTER - resumed, stories.DECIDED_AFTER - resumed),
        ]

    def _step(self, action: str, least: int, most: int, **body: Any) -> Step:
        self.at = self.hours.later(self.at, self.draw, least, most)
        return Step(self.at, action, body)

    def _accept(self) -> Step:
        return self._step("accept", 0, 0 if self.item.immediate else 3)

    def _receipt(self) -> Step:
        number = f"SL-{self.case_no}"
        return self._step("issue-receipt", 0, 0, document_no=number, sealed=True, dated=True)

    def _refusal(self) -> list[Step]:
        refused = self._step("refuse", 1, 4, ground="not-in-competence", remedy="reconsideration")
        number = f"BSL-{self.case_no}"
        return [
            refused,
            self._step("issue-receipt", 0, 0, document_no=number, sealed=True, dated=True),
        ]

    def _supplement(self) -> list[Step]:
        number = f"BZ-{self.case_no}"
        wanted = self.draw.sample(("场地证明", "平面图", "健康证明", "授权委托书", "检测报告"), 2)
        return [
            self._step("request-supplement", 1, 4, notice_no=number, materials=wanted),
            self._step("receive-supplement", 1, 6, notice_no=number),
        ]

    def _pause(self) -> list[Step]:
        ground = self.item.test or "inspection"
        number = f"ZZ-{self.case_no}"
        told = {"notice_no": number, "noticed_length": 10}
        return [
            self._step("pause", 1, 2, ground=ground, **told, **_WORKING_DAYS),
            self._step("resume", 3, 9),
        ]

    def _ending(self, *, late: bool) -> list[Step]:
        promised = self.item.promised
        if self.item.immediate:
            least, most = 0, 0
        elif late:
            least, most = promised + 2, promised + 9
        else:
            least, most = max(0, promised // 3), max(0, promised - 2)
        outcome = "refused" if self.draw.random() < 0.06 else "granted"
        return self._decided(least, most, outcome)

    def _decided(self, least: int, most: int, outcome: str = "granted") -> list[Step]:
        document = self.item.document and outcome == "granted"
        licence = {"licence_no": f"YG-{self.case_no}"} if document else {}
        decided = self._step(
            "decide", least, most, outcome=outcome, delivers_document=document, **licence
        )
        if not document:
            return [decided, self._step("close", 1, 3)]
        return [decided, self._step("deliver", 1, 6), self._step("close", 1, 3)]
