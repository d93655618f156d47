"""Our envelope against the CloudEvents SDK: each reads what the other writes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from libs.common.events import Event, decode, encode
from tests.contract.goldens import CURRENT, raw

EXTENSIONS = ("regime", "actor", "region", "department", "causationid", "traceparent")


def attributes_of(event: Event) -> dict[str, Any]:
    """The attributes as the specification has them: extensions are texts."""
    extensions = {name: getattr(event, name) for name in EXTENSIONS}
    return {
        "specversion": "1.0",
        "id": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "time": event.time,
        "datacontenttype": "application/json",
        "sequence": str(event.sequence).rjust(10, "0"),
        "recordedtime": event.recordedtime.isoformat(),
        **{name: value for name, value in extensions.items() if value is not None},
    }


@pytest.mark.parametrize("event_type", CURRENT)
def test_the_sdk_reads_what_we_write(event_type: str) -> None:
    event = decode(raw(event_type))
    theirs = JSONFormat().read(None, encode(event))
    attributes = dict(theirs.get_attributes())
    recorded = datetime.fromisoformat(attributes.pop("recordedtime"))
    expected = attributes_of(event)
    del expected["recordedtime"]
    assert attributes == expected
    assert recorded == event.recordedtime
    assert theirs.get_data() == event.data


@pytest.mark.parametrize("event_type", CURRENT)
def test_we_read_what_the_sdk_writes(event_type: str) -> None:
    event = decode(raw(event_type))
    theirs = CloudEvent(attributes_of(event), dict(event.data))
    assert decode(JSONFormat().write(theirs)) == event


def test_the_sdk_reads_our_bytes_from_a_kafka_message() -> None:
    event = decode(raw("cn.sunlight.approval.case.received.v1"))
    message = KafkaMessage(
        {"content-type": b"application/cloudevents+json"}, event.subject, encode(event)
    )
    assert from_structured(message, JSONFormat()).get_subject() == event.subject


def test_we_read_a_kafka_message_of_the_sdk_with_an_offset_and_foreign_extensions() -> None:
    event = decode(raw("cn.sunlight.approval.case.received.v1"))
    attributes = {**attributes_of(event), "tenant": "hz", "dataschema": "urn:x"}
    message = to_structured(CloudEvent(attributes, dict(event.data)), JSONFormat())
    assert decode(message.value) == event


def test_an_event_without_our_extensions_lacks_its_sequence() -> None:
    bare = CloudEvent(
        {
            "type": "com.example.thing",
            "source": "/x",
            "subject": "s",
            "time": datetime(2025, 1, 1, tzinfo=UTC),
        },
        {},
    )
    with pytest.raises(ValueError, match="the attribute recordedtime is missing"):
        decode(JSONFormat().write(bare))
