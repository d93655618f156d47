"""The law of an installation, from the folder its settings name."""

from pathlib import Path
from zoneinfo import ZoneInfo

from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law


def load_law(rules: Path, zone: ZoneInfo) -> Fold:
    """Rulebook, calendar and zone; raises as `installed_law`."""
    return installed_law(zone.key, rules=rules)
