"""The CloudEvents 1.0 envelope, structured JSON mode, and its two directions.

`encode` is what producers send, `decode` what consumers get. Decoding is on the hot path (tens
of thousands of events a second), so it does no more than parse, check and keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import orjson
import uuid_utils
from pydantic import ValidationError

from libs.common.events.payload import ContractError, Payload, faults
from libs.common.events.registry import CONTRACTS, RANKS, upcast

SEQUENCE_DIGITS: Final = 10
MAX_EVENT_BYTES: Final = 256 * 1024
MAX_TEXT: Final = 500
OPTIONAL: Final = ("regime", "actor", "region", "department", "causationid", "traceparent")
REQUIRED: Final = ("id", "type", "source", "subject", "time", "sequence", "recordedtime")

# an escaped backslash before "u0000" is harmless
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_validate: Final = {
    name: model.__pydantic_validator__.validate_python for name, model in CONTRACTS.items()
}


class Event(NamedTuple):
    """One thing that happened to one subject.

    `time` is when it happened, `recordedtime` when the platform wrote it down (both aware, UTC).
    `sequence` counts 1, 2, 3 … per subject within its topic. `data` is the payload as JSON
    values, already held against its contract. A named tuple, because a frozen dataclass of this
    many fields takes five times as long to make.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    recordedtime: datetime
    sequence: int
    data: Mapping[str, Any]
    regime: str | None = None
    actor: str | None = None
    region: str | None = None
    department: str | None = None
    causationid: str | None = None
    traceparent: str | None = None

    @property
    def known(self) -> bool:
        """Whether a contract is declared for the type; if not, `data` is as it came."""
        return self.type in CONTRACTS

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Place among the events of its subject: business time, then life cycle, then sequence."""
        return (self.time, RANKS.get(self.type, 0), self.sequence)


def new_id() -> str:
    """A UUIDv7: sortable by the moment it was made (RFC 9562)."""
    return str(uuid_utils.uuid7())


def recorded_id(source: str, subject: str, position: str) -> str:
    """The id of a recorded event: UUIDv5 of where it stands in its recording."""
    return str(uuid_utils.uuid5(uuid_utils.NAMESPACE_URL, f"{source}\n{subject}\n{position}"))


def payload_data(payload: Payload) -> dict[str, Any]:
    """A checked payload as JSON values; fields that say nothing are left out."""
    return payload.checked().model_dump(mode="json", exclude_none=True)


def encode(event: Event) -> bytes:
    """The event as structured CloudEvents JSON (one line, UTF-8).

    Raises:
        ContractError: `decode` would refuse it, or its times have no offset.
    """
    if event.time.tzinfo is None or event.recordedtime.tzinfo is None:
        raise ContractError(f"{event.type} of {event.subject}: a time needs its offset")
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "datacontenttype": "application/json",
        "sequence": f"{event.sequence:0{SEQUENCE_DIGITS}d}",
        "recordedtime": event.recordedtime,
    }
    for name in OPTIONAL:
        value = getattr(event, name)
        if value is not None:
            body[name] = value
    body["data"] = event.data
    raw = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    _check_bytes(raw)
    return raw


def _check_bytes(raw: bytes) -> None:
    if len(raw) > MAX_EVENT_BYTES:
        raise ContractError(f"the event has {len(raw)} bytes; at most {MAX_EVENT_BYTES} are read")
    # most events hold no backslash at all, which is found out ten times as fast
    if b"\\" in raw and _NUL.search(raw):
        raise ContractError("contains the character U+0000, which no text may carry")


def _refused(name: str, value: object, wanted: str) -> ContractError:
    if value is None:
        return ContractError(f"the attribute {name} is missing")
    return ContractError(f"{name} is {repr(value)[:80]}, not {wanted}")


def _instant(name: str, text: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is UTC:
            return instant
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise _refused(name, text, "an RFC 3339 time") from error
    raise ContractError(f"{name} is {text!r}: a time needs its offset")


def _sequence(text: object) -> int:
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 18:
        number = int(text)
        if number >= 1:
            return number
    raise _refused("sequence", text, "a number from 1 in digits")


def _text(name: str, value: object) -> str:
    if isinstance(value, str) and 0 < len(value) <= MAX_TEXT:
        return value
    raise _refused(name, value, f"a text of 1 to {MAX_TEXT} characters")


def check_data(event_type: str, data: dict[str, Any]) -> bool:
    """Hold data against the contract of its type; False when nobody declared the type.

    Raises:
        ContractError: a field is missing or has the wrong type; names each field and its value.
    """
    validate = _validate.get(event_type)
    if validate is None:
        return False
    try:
        validate(data)
    except ValidationError as error:
        raise ContractError(f"{event_type}: {faults(error)}") from error
    return True


def decode(raw: bytes) -> Event:
    """The event in `raw`.

    Raises:
        ContractError: not JSON, an attribute missing or malformed, or data against its contract.
    """
    _check_bytes(raw)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ContractError(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ContractError("not a JSON object")
    return from_body(body)


def from_body(body: dict[str, Any]) -> Event:
    """The event in a parsed CloudEvents object. Raises ContractError as `decode` does."""
    get = body.get
    if get("specversion", "1.0") != "1.0":
        raise ContractError(f"specversion is {body['specversion']!r}; 1.0 is read")
    data = get("data")
    if data is None:
        data = {}
    elif not isinstance(data, dict):
        raise ContractError(f"data is {type(data).__name__}, not an object")
    event_type, data = upcast(_text("type", get("type")), data)
    check_data(event_type, data)
    return Event(
        _text("id", get("id")),
        event_type,
        _text("source", get("source")),
        _text("subject", get("subject")),
        _instant("time", get("time")),
        _instant("recordedtime", get("recordedtime")),
        _sequence(get("sequence")),
        data,
        *[None if (value := get(name)) is None else _text(name, value) for name in OPTIONAL],
    )
