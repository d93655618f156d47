"""A made-up stream of case events for the benchmarks: deterministic, interleaved like live."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from libs.common.bus.protocol import Outgoing, horizon_records, partition_of
from libs.common.events import Event, encode, recorded_id

START: Final = datetime(2024, 1, 8, 1, 0, tzinfo=UTC)
_LIFE: Final = (
    ("received", 0.0),
    ("receipt-issued", 1.5),
    ("step-recorded", 2.0),
    ("step-recorded", 3.0),
    ("paused", 5.0),
    ("resumed", 9.0),
    ("step-recorded", 12.0),
    ("step-recorded", 15.0),
    ("decided", 24.0),
    ("closed", 30.0),
)
EVENTS_A_CASE: Final = len(_LIFE)
PULSE: Final = 10_000
"""Events between two horizons in `live_records`, about a second of a busy relay."""


def events(cases: int, *, seed: int = 1) -> Iterator[Event]:
    """`cases` whole lives of ten events each, in order of time, many cases open at once."""
    rng = random.Random(seed)  # noqa: S311
    moments = []
    for number in range(cases):
        begin = START + timedelta(minutes=number * 3)
        stretch = rng.uniform(0.6, 1.6)
        for place, (verb, days) in enumerate(_LIFE, start=1):
            moments.append((begin + timedelta(days=days * stretch), number, place, verb))
    moments.sort()
    for moment, number, place, verb in moments:
        subject = f"case/{number:08d}"
        data: dict[str, str] = {}
        if verb == "received":
            data = {"case_no": f"{number:08d}", "item_type": "行政许可"}
        elif verb == "paused":
            data = {"ground": "missing_data", "notice_no": f"N{number}"}
        yield Event(
            id=recorded_id("/bench", subject, str(place)),
            type=f"cn.sunlight.approval.case.{verb}.v1",
            source="/990100/approval",
            subject=subject,
            time=moment,
            recordedtime=moment,
            sequence=place,
            data=data,
            region="990100",
            department=f"D{number % 40:02d}",
        )


def records(cases: int, *, seed: int = 1) -> list[Outgoing]:
    """The stream as records to send."""
    return [
        Outgoing("approval", partition_of(event.subject), event.subject, encode(event))
        for event in events(cases, seed=seed)
    ]


def live_records(cases: int, *, seed: int = 1) -> list[Outgoing]:
    """The stream with the relay's horizons in it, so that time passes while it is read."""
    found: list[Outgoing] = []
    for count, event in enumerate(events(cases, seed=seed), start=1):
        key = event.subject
        found.append(Outgoing("approval", partition_of(key), key, encode(event)))
        if count % PULSE == 0:
            # Events of the same instant may follow.
            found += horizon_records("approval", event.time - timedelta(microseconds=1))
    return found
