"""Metrics of the trading service, beside those that every service has.

Labels are bounded sets: rule ids and actions, never a tender or a party.
"""

from typing import Final

from prometheus_client import Counter

REFUSALS: Final = Counter(
    "sunlight_trading_refusals_total",
    "Commands on a tender that a rule of law forbade",
    ("action", "rule"),
)
