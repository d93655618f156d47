"""What a benchmark found: figures, held against their goals, as a table.

Must never hide a miss: a figure that falls short says by how much.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

COLUMNS: Final = ("part", "figure", "transport", "value", "unit", "samples", "goal", "verdict")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the median of its samples in `unit`.

    `goal` is the least value that is good enough, `aim` the one hoped for, `most` the largest that
    is good enough; None: just told.
    """

    part: str
    name: str
    transport: str
    unit: str
    samples: tuple[float, ...]
    goal: float | None = None
    aim: float | None = None
    most: float | None = None

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.samples)

    @property
    def verdict(self) -> str:
        """How the value stands against goal and aim."""
        if self.most is not None:
            over = f"over by {(self.value / self.most - 1) * 100:.1f} %"
            return "met" if self.value < self.most else over
        if self.goal is None:
            return ""
        if self.value < self.goal:
            return f"short by {_percent(self.value, self.goal)}"
        if self.aim is not None and self.value < self.aim:
            return f"goal met, aim short by {_percent(self.value, self.aim)}"
        return "met"

    def body(self) -> dict[str, Any]:
        """The figure as JSON values."""
        return {
            "part": self.part,
            "figure": self.name,
            "transport": self.transport,
            "value": _rounded(self.value),
            "unit": self.unit,
            "samples": [_rounded(sample) for sample in self.samples],
            "goal": self.goal,
            "most": self.most,
            "aim": self.aim,
            "verdict": self.verdict,
        }

    def cells(self) -> tuple[str, ...]:
        """The figure as a line of the table."""
        several = len(self.samples) > 1
        goal = "" if self.goal is None else _shown(self.goal)
        if self.most is not None:
            goal = f"< {_shown(self.most)}"
        return (
            self.part,
            self.name,
            self.transport,
            _shown(self.value),
            self.unit,
            " ".join(_shown(sample) for sample in self.samples) if several else "",
            goal if self.aim is None else f"{goal} ({_shown(self.aim)})",
            self.verdict,
        )


def _percent(value: float, wanted: float) -> str:
    return f"{(wanted - value) / wanted * 100:.1f} %"


def _rounded(value: float) -> float:
    return round(value, 3) if abs(value) < 100 else round(value, 1)


def _shown(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table; values stand right."""
    lines = [COLUMNS, *(figure.cells() for figure in figures)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    right = {COLUMNS.index("value"), COLUMNS.index("goal")}

    def row(cells: Sequence[str]) -> str:
        told = [
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(told)} |"

    rule = [
        "-" * (width - 1) + ":" if place in right else "-" * width
        for place, width in enumerate(widths)
    ]
    return "\n".join([row(lines[0]), row(rule), *(row(line) for line in lines[1:])])
