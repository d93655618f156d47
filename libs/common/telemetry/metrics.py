"""Metrics that every process has, and the text a scraper reads.

Names follow Prometheus: base units, `_total` for counters. Must never have a label that names a
person, a case or a tender: labels are bounded sets.
"""

from typing import Final

from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client import CollectorRegistry, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
REQUEST_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
BATCH_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)

REQUEST_SECONDS: Final = Histogram(
    "sunlight_http_request_duration_seconds",
    "Time from the first byte of a request to the end of its answer",
    ("service", "method", "route", "status"),
    buckets=REQUEST_BUCKETS,
)
BATCH_SECONDS: Final = Histogram(
    "sunlight_batch_duration_seconds",
    "Time one batch of events takes, from decoding to commit",
    ("service", "topic"),
    buckets=BATCH_BUCKETS,
)


def exposition(registry: CollectorRegistry = DEFAULT_REGISTRY) -> bytes:
    """All metrics of this process in the Prometheus text format."""
    return generate_latest(registry)
