"""Events for tests: valid unless told otherwise."""

from datetime import UTC, datetime
from typing import Any

import orjson

from libs.common.events import Event

PAUSED = "cn.sunlight.approval.case.paused.v1"


def body(**changes: Any) -> dict[str, Any]:
    """A structured CloudEvent as parsed JSON; a change to `...` leaves the attribute out."""
    attributes = {
        "specversion": "1.0",
        "id": "0195ac7e-3b40-7001-8a2b-5f1c9d3e7a01",
        "type": PAUSED,
        "source": "/330100/approval",
        "subject": "case-1",
        "time": "2025-03-20T06:30:00Z",
        "sequence": "0000000003",
        "recordedtime": "2025-03-20T06:30:01Z",
        "data": {"ground": "hearing"},
    }
    return {name: value for name, value in {**attributes, **changes}.items() if value is not ...}


def raw(**changes: Any) -> bytes:
    """The same as bytes on the wire."""
    return orjson.dumps(body(**changes))


def event(**changes: Any) -> Event:
    """The same as an event."""
    attributes: dict[str, Any] = {
        "id": "0195ac7e-3b40-7001-8a2b-5f1c9d3e7a01",
        "type": PAUSED,
        "source": "/330100/approval",
        "subject": "case-1",
        "time": datetime(2025, 3, 20, 6, 30, tzinfo=UTC),
        "recordedtime": datetime(2025, 3, 20, 6, 30, 1, tzinfo=UTC),
        "sequence": 3,
        "data": {"ground": "hearing"},
    }
    return Event(**{**attributes, **changes})
