"""Detectors, one file each; `DETECTORS` maps the name a rule gives to the function or survey.

Those that need more than one subject's events are sweeps of their own (`match`, `gap`); `KNOWN`
has the names of all.
"""

from collections.abc import Mapping
from typing import Final

from libs.common.law.fold import Detector
from libs.common.law.survey import Survey
from services.e_monitor.check.pause_misuse import pause_misuse
from services.e_monitor.check.recorded_late import recorded_late
from services.e_monitor.check.rigging import RIGGING

DETECTORS: Final[Mapping[str, Detector | Survey]] = {
    "pause_misuse": pause_misuse,
    "recorded_late": recorded_late,
    **RIGGING,
}
SWEPT: Final = frozenset({"licence_without_case", "sequence_gap"})
KNOWN: Final = frozenset({*DETECTORS, *SWEPT})
