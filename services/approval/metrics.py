"""Metrics of the approval service, beside those that every service has.

Labels are bounded sets: rule ids and actions, never a case or an office.
"""

from typing import Final

from prometheus_client import Counter

REFUSALS: Final = Counter(
    "sunlight_approval_refusals_total",
    "Commands on a case that a rule of law forbade",
    ("action", "rule"),
)
