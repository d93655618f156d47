"""Recorded CloudEvents: the record says itself what it is; only its sequence is given anew."""

from __future__ import annotations

from typing import Any

import orjson

from libs.common.events import RANKS, ContractError, Event, from_body, owner
from libs.common.events.envelope import MAX_EVENT_BYTES
from sunlight.recording.deriving import Draft
from sunlight.recording.faults import UnusableError
from sunlight.recording.kinds import Record, Window, digest_of, to_micros

KEPT = ("regime", "actor", "region", "department", "causationid", "traceparent")


def topic_of(event_type: str) -> str:
    """The topic of a type; one that is not of our form came from a foreign system."""
    try:
        return owner(event_type)
    except ContractError:
        return "registry"


def _event(body: dict[str, Any]) -> Event:
    try:
        return from_body({"recordedtime": body.get("time"), **body, "sequence": "1"})
    except ContractError as error:
        told = str(error)
        field = told.partition("data/")[2].partition(":")[0]
        field = field or told.removeprefix("the attribute ").partition(" ")[0]
        raise UnusableError("contract", field, told) from error


def record_of(
    body: dict[str, Any], order: int, file: int, number: int, window: Window
) -> tuple[str, str, Record]:
    """Subject, what the id is unique in, and the record. Raises UnusableError."""
    size = len(orjson.dumps(body))
    if size > MAX_EVENT_BYTES:
        message = f"the event has {size} bytes; at most {MAX_EVENT_BYTES} are read"
        raise UnusableError("contract", "data", message)
    event = _event(body)
    time = window.check(to_micros(event.time), "time")
    recorded = window.check(to_micros(event.recordedtime), "recordedtime")
    envelope = {name: getattr(event, name) for name in KEPT if getattr(event, name) is not None}
    envelope["source"] = event.source
    fields = {"data": dict(event.data), "envelope": envelope}
    record = Record(
        order, file, number, time, recorded, digest_of(body), event.id, 0, event.type, fields
    )
    return event.subject, f"{event.source}\n{event.id}", record


def draft_of(record: Record) -> Draft:
    """The event as recorded."""
    event_type = record.activity or ""
    return Draft(
        record.recorded,
        record.time,
        RANKS.get(event_type, 0),
        record.order,
        event_type,
        record.own_id or "",
        record.fields["data"],
        record.fields["envelope"],
    )
