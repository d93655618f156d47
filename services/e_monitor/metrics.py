"""Metrics of the monitor, beside those that every service has.

Labels are bounded sets: topics, never a subject or an office.
"""

from typing import Final

from prometheus_client import Counter, Gauge

COMPLETE_TO: Final = Gauge(
    "sunlight_monitor_complete_to_timestamp_seconds",
    "The instant to which a topic is known to be complete, as Unix time",
    ("topic",),
)
LISTENERS: Final = Gauge(
    "sunlight_monitor_stream_listeners", "Open event streams of findings and horizons"
)
UNJUDGED: Final = Counter(
    "sunlight_monitor_unjudged_total",
    "Subjects set aside because they could not be judged: an incident of ours",
)
