"""When a reminder that was told is taken back, and why. Pure."""

from __future__ import annotations

from libs.common.law.facts import Truth
from libs.common.law.fold import Judged


def passed(judged: Judged) -> bool:
    """Whether a clock stands differently by time alone: what it reminded of has come to pass."""
    reading, clock = judged.reading, judged.clock
    if judged.applies is not Truth.YES or reading is None or clock.voided or clock.stop is not None:
        return False
    return reading.state not in {"running", "suspended"}


def why_withdrawn(judged: Judged) -> str:
    """`done`: the step was taken; `moved`: the limit ends later; `void`: it no longer counts."""
    if judged.applies is not Truth.YES or judged.reading is None or judged.clock.voided:
        return "void"
    return "moved" if judged.clock.stop is None else "done"
