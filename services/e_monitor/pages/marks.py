"""Which mark of the shell (icon and word) a finding or a clock's state gets. Pure.

Red and yellow are cards' alone; being late without a card is dark, a lead is violet.
"""

from __future__ import annotations

from typing import Final

from services.e_monitor.finding.reading import Finding

_STATES: Final = {
    "met": "met",
    "breached": "overdue",
    "overdue": "overdue",
    "running": "running",
    "suspended": "paused",
    "disputed": "disputed",
    "void": "void",
    "undetermined": "provisional",
    "not_applicable": "void",
}


def of_finding(finding: Finding) -> str:
    """`red`, `yellow`, `lead`, `void` (rescinded), else `info`."""
    if finding.status == "rescinded":
        return "void"
    if finding.severity == "lead":
        return "lead"
    return finding.stage if finding.stage in ("red", "yellow") else "info"


def of_state(state: str) -> str:
    """The mark of a clock's state."""
    return _STATES.get(state, "info")
