"""Shaping what the dashboard shows: counts by office, what is nearly due, the heat map. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from libs.common.identity.area import area
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline
from services.e_monitor.finding.reading import Count

DAYS: Final = 14
DEPARTMENTS: Final = 12
SHADES: Final = ("#e3f2f2", "#63b3ba")
"""From none to most: never red or yellow, and light enough for the number in it."""
INK: Final = "#1d2a30"
LIGHTEST: Final = 5
"""Up to so many findings a cell stays light, so that a quiet fortnight looks quiet."""
TO_ASSIGN: Final = ("open",)
TO_ANSWER: Final = ("assigned", "escalated")
TO_VERIFY: Final = ("explained", "corrected")


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers of the first screen."""

    overdue: int
    standing: int
    out_of_hall: int
    to_assign: int
    to_answer: int
    to_verify: int


def totals(counts: Sequence[Count], out_of_hall: Collection[str]) -> Totals:
    """Sums over all offices; `out_of_hall` are the rules whose leads are told apart."""

    def total(holds: Callable[[Count], bool]) -> int:
        return sum(count.findings for count in counts if holds(count))

    return Totals(
        overdue=total(lambda count: count.overdue),
        standing=total(lambda count: count.severity != "lead"),
        out_of_hall=total(lambda count: count.rule in out_of_hall),
        to_assign=total(lambda count: count.status in TO_ASSIGN),
        to_answer=total(lambda count: count.status in TO_ANSWER),
        to_verify=total(lambda count: count.status in TO_VERIFY),
    )


def overdue_by(counts: Iterable[Count], name: str) -> list[dict[str, Any]]:
    """Overdue now and red cards by `department` or `region`, most overdue first.

    A region takes in those within it, as the filter does that its number leads to.
    """
    overdue: Counter[str] = Counter()
    red: Counter[str] = Counter()
    for count in counts:
        if count.overdue:
            place = getattr(count, name) or ""
            overdue[place] += count.findings
            red[place] += count.findings if count.severity == "red" else 0
    inner = {place: _within(place, overdue) if name == "region" else [place] for place in overdue}
    rows = [
        {"name": place, "overdue": _sum(overdue, all_of), "red": _sum(red, all_of)}
        for place, all_of in inner.items()
    ]
    return sorted(rows, key=lambda row: (-row["overdue"], row["name"]))


def _within(region: str, regions: Iterable[str]) -> list[str]:
    """The region and those of `regions` within it; one that is not named has none."""
    shared = area(region) or region
    return [one for one in regions if one == region or (shared and one.startswith(shared))]


def _sum(counted: Counter[str], names: Iterable[str]) -> int:
    return sum(counted[name] for name in names)


def furthest_due(law: Fold, today: date) -> date:
    """The last day on which a clock can be due whose reminder has come `today`.

    Reminders count working days, so that a holiday lies between the two.
    """
    before = [
        step.remind
        for rule in law.book.rules
        if isinstance(rule, Deadline)
        for step in rule.stages
        if step.remind is not None
    ]
    return law.calendar.working_day_after(today, max(before)) if before else today


def heat_map(cells: Iterable[tuple[str | None, date, int]], last: date) -> dict[str, Any]:
    """Findings by department (most first) and day, the last `DAYS` days to `last`."""
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    numbers: dict[tuple[str, date], int] = Counter()
    sums: Counter[str] = Counter()
    for department, day, found in cells:
        if day in days:
            numbers[department or "", day] += found
            sums[department or ""] += found
    departments = [name for name, _ in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))]
    shown = departments[:DEPARTMENTS]
    rows = [
        {"name": name, "total": sums[name], "cells": [numbers[name, day] for day in days]}
        for name in shown
    ]
    return {"days": days, "rows": rows, "left_out": len(departments) - len(shown)}


def heat_option(heat: dict[str, Any], label: Callable[[str], str]) -> dict[str, Any]:
    """The heat map as an ECharts option, most findings on top; `label` is said of an office."""
    rows = list(reversed(heat["rows"]))
    points = [
        [column, line, number]
        for line, row in enumerate(rows)
        for column, number in enumerate(row["cells"])
        if number
    ]
    return {
        "xAxis": {"type": "category", "data": [f"{day:%m-%d}" for day in heat["days"]]},
        "yAxis": {"type": "category", "data": [label(row["name"]) for row in rows]},
        "visualMap": {
            "min": 0,
            "max": max([LIGHTEST, *(point[2] for point in points)]),
            "show": False,
            "inRange": {"color": SHADES},
        },
        "series": [
            {
                "type": "heatmap",
                "data": points,
                "label": {"show": True, "color": INK},
                "itemStyle": {"borderColor": "#fff", "borderWidth": 2},
            }
        ],
    }
