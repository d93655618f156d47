"""The lives of 100,000 made-up cases: what their events say, and the rows that approval keeps.

Deterministic, spread evenly over the last months before `now`. Most are closed in time; some were
decided late, some still lie open, a few of those past their date.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from libs.common.bus.protocol import Outgoing, horizon_records, partition_of
from libs.common.events import Event, encode, recorded_id
from libs.common.events.registry import TOPICS
from libs.common.law.fold import Fold
from libs.common.law.lawful import dossier_of, remembered
from services.approval.case.deadline import deadlines
from services.approval.case.policy import State
from sunlight.city.items import ITEMS

SPAN: Final = timedelta(days=180)
OPEN_SHARE: Final = 0.06
LATE_SHARE: Final = 0.04
PULSE: Final = 20_000
"""Events between two horizons, about a second of a busy relay."""
LICENCE: Final = "行政许可"
_EVENT: Final = "cn.sunlight.approval.case.{}.v1"


@dataclass(frozen=True, slots=True)
class Life:
    """A case's steps: (name of the event, when, what it says), oldest first."""

    case_no: str
    region: str
    office: str
    item_code: str
    item_type: str
    steps: tuple[tuple[str, datetime, dict[str, Any]], ...]

    @property
    def subject(self) -> str:
        """The subject of its events."""
        return f"case/{self.case_no}"

    def events(self) -> Iterator[Event]:
        """Its events as the approval service would have sent them."""
        for number, (name, at, data) in enumerate(self.steps, start=1):
            yield Event(
                id=recorded_id("/bench", self.subject, str(number)),
                type=_EVENT.format(name),
                source=f"/{self.region}/approval",
                subject=self.subject,
                time=at,
                recordedtime=at,
                sequence=number,
                data=data,
                regime="行政许可法" if self.item_type == LICENCE else None,
                actor="bench-clerk",
                region=self.region,
                department=self.office,
            )

    def row(self, law: Fold, now: datetime) -> dict[str, Any]:
        """The row that approval keeps of it at `now`."""
        at = {name: when for name, when, _ in self.steps}
        history = [remembered(_EVENT.format(name), when, data) for name, when, data in self.steps]
        last, last_at, _ = self.steps[-1]
        running = last in {"accepted", "receipt-issued"}
        due = []
        if running:
            due = deadlines(law, dossier_of(law, history, self.region, self.office), now)
        return {
            "case_no": self.case_no,
            "region": self.region,
            "office": self.office,
            "item_code": self.item_code,
            "item_type": self.item_type,
            "state": State.ACCEPTED if running else State(last),
            "version": len(self.steps),
            "received_at": at["received"],
            "accepted_at": at.get("accepted"),
            "decided_at": at.get("decided"),
            "last_event_at": last_at,
            "receipt_no": f"SL-{self.case_no}" if "receipt-issued" in at else None,
            "due_at": due[0].until if due else None,
            "deadlines": [one.as_json() for one in due],
            "history": history,
            "licence_no": f"YG-{self.case_no}" if "delivered" in at else None,
            "query_code": code_of(self.case_no),
        }


def code_of(case_no: str) -> str:
    """A query code: made up, and of the right length."""
    return case_no[-8:].replace("0", "A").replace("1", "B")


def lives(cases: int, now: datetime, *, seed: int = 1) -> Iterator[Life]:
    """`cases` lives whose applications came in the `SPAN` before `now`, oldest first."""
    rng = random.Random(seed)  # noqa: S311 - a made-up city, not a secret
    for number in range(cases):
        received = now - SPAN + (SPAN - timedelta(hours=1)) * number / cases
        yield _life(number, received, now, rng)


def _life(number: int, received: datetime, now: datetime, rng: random.Random) -> Life:
    item = rng.choice(ITEMS)
    office = item.office
    case_no = f"{office.region}-{received:%Y%m%d}-{90_000_000 + number:08d}"
    said = {"case_no": case_no, "item_code": item.code, "item_type": item.kind}
    promise = {"promised_limit": item.promised, "promised_unit": "working_day"}
    accepted = received + timedelta(hours=rng.uniform(1, 60))
    length = item.promised * rng.uniform(0.3, 1.1)
    fate = rng.random()
    if fate < LATE_SHARE:
        length = item.promised * 1.4 + rng.uniform(4, 20)
    decided = accepted + timedelta(days=length)
    steps: list[tuple[str, datetime, dict[str, Any]]] = [
        ("received", received, {**said, **promise, "channel": "window", "immediate": False}),
        ("accepted", accepted, {}),
        ("receipt-issued", accepted + timedelta(minutes=5), {"sealed": True, "dated": True}),
    ]
    if fate < 1 - OPEN_SHARE:
        steps += [
            ("decided", decided, {"outcome": "granted", "delivers_document": True}),
            ("delivered", decided + timedelta(days=2), {}),
            ("closed", decided + timedelta(days=3), {}),
        ]
    past = tuple(step for step in steps if step[1] <= now)
    return Life(case_no, office.region, office.code, item.code, item.kind, past)


def records(found: list[Life], now: datetime) -> Iterator[Outgoing]:
    """All events in order of time with horizons of every topic between them, the last at `now`."""
    events = sorted((event for life in found for event in life.events()), key=_order)
    for count, event in enumerate(events, start=1):
        key = event.subject
        yield Outgoing("approval", partition_of(key), key, encode(event))
        if count % PULSE == 0:
            yield from _horizons(event.time - timedelta(microseconds=1))
    yield from _horizons(now)


def _order(event: Event) -> tuple[datetime, str, int]:
    return event.time, event.subject, event.sequence


def _horizons(at: datetime) -> Iterator[Outgoing]:
    for topic in sorted(TOPICS):
        yield from horizon_records(topic, at)
