"""The law that an installation applies: its rule packs, its calendar, its zone.

Loaded once at start; a pack or notice that can't be read stops the start.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.law.fold import Detector, Fold
from libs.common.law.pack import load, packs_in
from libs.common.law.survey import Survey
from libs.common.worktime import Calendar, cn_calendar, load_notice, monday_to_friday

RULES: Final = Path(__file__).parents[3] / "rules"
PACKS: Final = ("national", "local")


def named_calendar(name: str, rules: Path = RULES) -> Calendar:
    """`cn` (with the notices of the rules folder), `mon-fri`, or a file with one notice more.

    Raises:
        CalendarError: a notice can't be read; names file, line and field.
    """
    if name == "mon-fri":
        return monday_to_friday()
    calendar = cn_calendar()
    for path in sorted((rules / "calendar").glob("*.yaml")):
        calendar = calendar.with_notice(load_notice(path))
    return calendar if name == "cn" else calendar.with_notice(load_notice(Path(name)))


def installed_law(
    zone: str,
    *,
    packs: Sequence[Path] = (),
    calendar: str = "cn",
    rules: Path = RULES,
    detectors: Mapping[str, Detector | Survey] | None = None,
    known: Collection[str] | None = None,
) -> Fold:
    """Rulebook, calendar and zone; without `packs`, the national and local ones of `rules`.

    `known` are the names that a rule's detector may have (`pack.load`).

    Raises:
        PackError, CalendarError: a file is wrong; names file, line and field.
    """
    book = load(packs or packs_in(rules, *PACKS), detectors=known)
    return Fold(book, named_calendar(calendar, rules), ZoneInfo(zone), detectors or {})
