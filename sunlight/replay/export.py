"""The files a replay leaves: clocks, findings, rescinded ones, rejects, and the summary.

Sorted by subject, rule and occurrence; nothing in them depends on the run but `detected_at`.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from libs.common.db.engine import Connection
from libs.common.law.clock import STATES
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline, Minimum
from libs.common.worktime import Unit, monday_to_friday
from services.e_monitor.clock.standing import ClockRow, dossiers, rows_of, undetermined
from sunlight.recording import Reject

FINDING_COLUMNS: Final = (
    "id",
    "subject",
    "rule",
    "rule_version",
    "occurrence",
    "stage",
    "severity",
    "status",
    "occurred_at",
    "detected_at",
    "evidence",
)
_FINDINGS: Final = """
SELECT id, subject, rule, rule_version, occurrence, stage, severity, status, occurred_at,
       detected_at, evidence, reason
FROM finding WHERE (status = 'rescinded') = $1
ORDER BY subject COLLATE "C", rule COLLATE "C", occurrence
"""


@dataclass
class RuleSummary:
    """What became of one rule's clocks."""

    states: Counter[str] = field(default_factory=Counter)
    mon_fri_breached: int = 0
    differ: list[str] = field(default_factory=list)
    working_days: bool = False

    def body(self) -> dict[str, Any]:
        """The rule's part of summary.json; the states sum to `clocks`."""
        counted: dict[str, Any] = {"clocks": self.states.total()}
        counted |= {state: self.states[state] for state in STATES}
        if self.working_days:
            counted["mon_fri"] = {"breached": self.mon_fri_breached, "differ": self.differ}
        return counted


@dataclass
class Watched:
    """What the clocks of a replay came to."""

    subjects: int = 0
    rules: dict[str, RuleSummary] = field(default_factory=lambda: defaultdict(RuleSummary))
    undetermined: Counter[tuple[str, str]] = field(default_factory=Counter)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


async def write_clocks(path: Path, connection: Connection, fold: Fold, until: datetime) -> Watched:
    """clocks.csv, with a second clock on Monday to Friday for every working-day rule."""
    plain = Fold(fold.book, monday_to_friday(), fold.zone, fold.detectors)
    watched = Watched()
    for rule in fold.book.rules:
        if isinstance(rule, Deadline | Minimum):
            summary = watched.rules[rule.id]
            summary.working_days = isinstance(rule, Deadline) and rule.unit is Unit.WORKING_DAY
    any_working = any(summary.working_days for summary in watched.rules.values())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in fields(ClockRow)])
        async for subject, dossier in dossiers(connection):
            judged = fold.judged(dossier, until)
            rows = rows_of(subject, judged)
            for row in rows:
                writer.writerow([_cell(value) for value in astuple(row)])
            watched.undetermined.update(undetermined(judged))
            watched.subjects += 1
            other = rows_of(subject, plain.judged(dossier, until)) if any_working else rows
            _count(watched, subject, rows, other)
    return watched


def _count(
    watched: Watched, subject: str, rows: Sequence[ClockRow], plain: Sequence[ClockRow]
) -> None:
    for row, other in zip(rows, plain, strict=True):
        summary = watched.rules[row.rule]
        summary.states[row.state] += 1
        if not summary.working_days:
            continue
        late, late_plainly = row.state == "breached", other.state == "breached"
        summary.mon_fri_breached += late_plainly
        if late != late_plainly:
            summary.differ.append(subject)


async def write_findings(folder: Path, connection: Connection) -> int:
    """findings.csv (standing) and rescinded.csv; how many stand."""
    standing = await connection.fetch(_FINDINGS, False)
    _write(
        folder / "findings.csv",
        FINDING_COLUMNS,
        ([_finding_cell(name, row[name]) for name in FINDING_COLUMNS] for row in standing),
    )
    columns = (*FINDING_COLUMNS, "reason")
    rescinded = await connection.fetch(_FINDINGS, True)
    _write(
        folder / "rescinded.csv",
        columns,
        ([_finding_cell(name, row[name]) for name in columns] for row in rescinded),
    )
    return len(standing)


def _finding_cell(name: str, value: Any) -> Any:
    if name == "evidence":
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS).decode()
    return value


def write_rejects(path: Path, rejects: Iterable[Reject]) -> int:
    """rejects.csv; how many."""
    columns = [column.name for column in fields(Reject)]
    return _write(path, columns, (astuple(reject) for reject in rejects))


def write_summary(path: Path, summary: dict[str, Any]) -> None:
    """summary.json, indented, keys in a fixed order."""
    path.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2) + b"\n")
