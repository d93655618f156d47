"""Metrics of the monitor's HTTP side, beside those that every service has.

Labels are bounded sets: topics, never a subject or an office.
"""

from typing import Final

from prometheus_client import Gauge

COMPLETE_TO: Final = Gauge(
    "sunlight_monitor_complete_to_timestamp_seconds",
    "The instant to which a topic is known to be complete, as Unix time",
    ("topic",),
)
LISTENERS: Final = Gauge(
    "sunlight_monitor_stream_listeners", "Open event streams of findings and horizons"
)
