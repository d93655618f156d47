"""Metrics of the disclosure service, beside those that every service has.

Labels are bounded sets: kinds of record, never an office or a subject.
"""

from typing import Final

from prometheus_client import Counter

RECORDS: Final = Counter(
    "sunlight_disclosure_records_total",
    "Records written for publication",
    ("kind",),
)
