"""Cases in which every step is lawful and as late as allowed: none may ever be a finding.

Over every item of a province's catalogue and ten days on which cases arrive. All dates are counted
here by plain loops over `chinese_calendar`, day by day, never with the platform's own arithmetic.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from libs.common.events.envelope import Event
from libs.common.law.fold import Fold, Judged
from libs.common.law.pack import load, packs_in
from libs.common.worktime import cn_calendar
from services.e_monitor.check import DETECTORS
from tests.needs import ROOT

pytestmark = pytest.mark.shared

SHANGHAI = ZoneInfo("Asia/Shanghai")
LICENCE = "行政许可"
UNITS = {"工作日": "working_day", "自然日": "calendar_day"}
GENERAL = (20, "working_day")
ARRIVALS = (
    date(2024, 1, 31),
    date(2024, 2, 9),  # the day before the Spring Festival
    date(2024, 2, 12),  # within it
    date(2024, 2, 18),  # a Sunday worked for it
    date(2024, 2, 29),
    date(2024, 4, 30),
    date(2024, 9, 29),  # a Sunday worked for the National Day
    date(2024, 9, 30),
    date(2024, 10, 3),  # within it
    date(2024, 12, 31),
)
LONG_AFTER = datetime(2026, 12, 31, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
NOTICED = 5
"""Working days that the pause takes, as the notice says."""


@dataclass(frozen=True)
class Item:
    """What the catalogue says of an item: its kind, and its limits (days and unit)."""

    kind: str
    statutory: tuple[int, str] | None
    promised: tuple[int, str] | None

    @property
    def limits(self) -> tuple[tuple[int, str], ...]:
        """Every limit of the decision; twenty working days for a licence that states none."""
        general = GENERAL if self.kind == LICENCE and not self.statutory else None
        return tuple(limit for limit in (self.statutory, self.promised, general) if limit)


@dataclass(frozen=True)
class Dates:
    """The days of one case; `pause` is the day it begins and the day it ends."""

    received: date
    accepted: date
    pause: tuple[date, date] | None
    decided: date
    published: date
    delivered: date


@cache
def worked(day: date) -> bool:
    """Whether the State Council's notices make the day a working day."""
    return bool(chinese_calendar.is_workday(day))


def last_day(start: date, length: int, unit: str, pause: tuple[date, date] | None = None) -> date:
    """The last day of a limit: day after day, those that the unit counts outside the pause."""
    day = start
    while length:
        day += ONE_DAY
        if pause and pause[0] < day <= pause[1]:
            continue
        if unit == "calendar_day" or worked(day):
            length -= 1
    return day


def latest_pause(accepted: date, due: date) -> tuple[date, date] | None:
    """The latest pause that does not begin on one of the last two working days before `due`."""
    day, before = due, 0
    while day > accepted and before < 3:
        day -= ONE_DAY
        before += worked(day)
    if day <= accepted:
        return None
    return day, last_day(day, NOTICED, "working_day")


@cache
def perfect(item: Item, arrival: date, late: int = 0) -> Dates:
    """The days of a perfect case; `late` moves the decision on by so many working days."""
    accepted = last_day(arrival, 5, "working_day")
    limits = item.limits or (GENERAL,)
    pause = None
    if item.kind == LICENCE:
        pause = latest_pause(accepted, min(last_day(accepted, *limit) for limit in limits))
    decided = min(last_day(accepted, *limit, pause) for limit in limits)
    decided = last_day(decided, late, "working_day")
    return Dates(
        received=arrival,
        accepted=accepted,
        pause=pause,
        decided=decided,
        published=last_day(decided, 7, "working_day"),
        delivered=last_day(decided, 10, "working_day"),
    )


def facts(item: Item) -> dict[str, Any]:
    """What the receipt of a case tells of its item."""
    told: dict[str, Any] = {
        "case_no": "A1",
        "item_type": item.kind,
        "joint": False,
        "immediate": False,
        "limit_set_by_law": item.statutory not in {None, GENERAL},
        "delivers_document": True,
    }
    if item.statutory:
        told["statutory_limit"], told["statutory_unit"] = item.statutory
    if item.promised:
        told["promised_limit"], told["promised_unit"] = item.promised
    return told


def steps(item: Item, dates: Dates) -> Iterator[tuple[str, date, dict[str, Any]]]:
    """The events of a case: type, day and data."""
    yield "approval.case.received", dates.received, facts(item)
    yield "approval.case.accepted", dates.accepted, {"deemed": False}
    yield "approval.case.receipt-issued", dates.accepted, {"sealed": True, "dated": True}
    if dates.pause:
        notice = {"notice_no": "P1", "noticed_length": NOTICED, "noticed_unit": "working_day"}
        yield "approval.case.paused", dates.pause[0], {"ground": "expert_review", **notice}
        yield "approval.case.resumed", dates.pause[1], {}
    yield "approval.case.decided", dates.decided, {"outcome": "granted"}
    yield "disclosure.record.published", dates.published, {"record_id": "R", "kind": "decision"}
    yield "approval.case.delivered", dates.delivered, {}


@cache
def last_moment(day: date) -> datetime:
    """The last instant of the day in Shanghai."""
    midnight = datetime.combine(day + ONE_DAY, time.min, tzinfo=SHANGHAI)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def events(item: Item, dates: Dates) -> list[Event]:
    """A case as events, each at the last instant of its day."""
    return [
        Event(
            id=str(number),
            type=f"cn.sunlight.{kind}.v1",
            source="/440000/catalogue",
            subject="case-1",
            time=last_moment(day),
            recordedtime=last_moment(day),
            sequence=number,
            data=data,
            region="440000",
        )
        for number, (kind, day, data) in enumerate(steps(item, dates), start=1)
    ]


def findings(fold: Fold, case: list[Event]) -> tuple[list[str], list[Judged]]:
    """What stands against a case in the end, and its clocks."""
    dossier = fold.fold(case)
    judged = fold.judged(dossier, LONG_AFTER)
    found = [
        f"{one.rule.id} {one.reading.state}"
        for one in judged
        if one.reading and one.reading.state not in {"met", "void"}
    ]
    return found + [f"{check.rule} {check.verdict}" for check in dossier.checks], judged


@pytest.fixture(scope="module")
def fold() -> Fold:
    """The national law, with the monitor's detectors."""
    book = load(packs_in(ROOT / "rules", "national"))
    return Fold(book, cn_calendar(), SHANGHAI, DETECTORS)


@pytest.fixture(scope="module")
def items(shared: Path) -> list[Item]:
    """Every item of the catalogue."""
    path = shared / "data" / "items" / "guangdong_items.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return [
            Item(row["task_type"], _limit(row, "statutory"), _limit(row, "promised"))
            for row in csv.DictReader(lines)
        ]


def _limit(row: dict[str, str], name: str) -> tuple[int, str] | None:
    days = row[f"{name}_days"]
    return (int(days), UNITS[row[f"{name}_unit"]]) if days else None


def test_most_items_of_the_catalogue_are_no_licences(items: list[Item]) -> None:
    assert len(items) == 2262
    assert sum(item.kind != LICENCE for item in items) == 1752


def test_no_perfect_case_is_a_finding(fold: Fold, items: list[Item]) -> None:
    found: Counter[str] = Counter()
    clocks: Counter[str] = Counter()
    undetermined: Counter[str] = Counter()
    for item in items:
        for arrival in ARRIVALS:
            against, judged = findings(fold, events(item, perfect(item, arrival)))
            found.update(against)
            clocks.update(one.rule.id for one in judged if one.reading)
            undetermined.update(name for one in judged for name in one.missing)

    print(f"clocks judged: {dict(clocks)}")  # noqa: T201 - for whoever runs pytest -s
    print(f"undetermined, by missing fact: {dict(undetermined)}")  # noqa: T201
    assert found == {}
    licences = 510 * len(ARRIVALS)
    assert clocks["APV-003"] == clocks["APV-015"] == clocks["APV-022"] == licences
    assert clocks["APV-010"] + clocks["APV-010-ITEM"] == licences
    assert undetermined == {"promised_limit": (512 + 27) * len(ARRIVALS)}


def test_a_case_decided_one_working_day_later_is_a_finding(fold: Fold, items: list[Item]) -> None:
    limited = sorted({item for item in items if item.limits}, key=repr)
    missed = [
        (item, arrival)
        for item in limited
        for arrival in ARRIVALS
        if not findings(fold, events(item, perfect(item, arrival, late=1)))[0]
    ]

    assert len(limited) > 100
    assert missed == []


def test_a_licence_without_a_limit_of_its_own_has_twenty_working_days(fold: Fold) -> None:
    item = Item(LICENCE, None, None)
    for arrival in ARRIVALS:
        against, judged = findings(fold, events(item, perfect(item, arrival)))
        late, _ = findings(fold, events(item, perfect(item, arrival, late=1)))

        assert against == []
        assert late == ["APV-010 breached"]
        assert "APV-010" in {one.rule.id for one in judged if one.reading}


def test_some_licences_are_decided_after_a_pause(items: list[Item]) -> None:
    licences = [item for item in items if item.kind == LICENCE]
    paused = [item for item in licences if perfect(item, ARRIVALS[0]).pause]

    assert 0 < len(paused) < len(licences)
