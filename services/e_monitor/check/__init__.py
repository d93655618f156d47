"""Detectors, one file each; `DETECTORS` maps the name a rule gives to the function."""

from collections.abc import Mapping
from typing import Final

from libs.common.law.fold import Detector
from services.e_monitor.check.pause_misuse import pause_misuse

DETECTORS: Final[Mapping[str, Detector]] = {"pause_misuse": pause_misuse}
