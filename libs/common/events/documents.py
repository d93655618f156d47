"""The contracts as documents for others: a JSON Schema per event type and one AsyncAPI document.

Everything is derived from the contract classes; nothing here may state what they do not. The
schemas tell what a producer writes. A reader takes more: unknown fields and code values.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema

from libs.common.events.envelope import MAX_TEXT, REQUIRED
from libs.common.events.payload import Payload
from libs.common.events.registry import CONTRACTS, TOPICS, owner

Document = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
VERSION: Final = "1.0.0"

_ABOUT: Final[Mapping[str, str]] = {
    "id": "a UUIDv7; of a recorded event a UUIDv5",
    "source": "/<region code>/<service or system>",
    "subject": "what it happened to; the key of the message",
    "time": "when it happened",
    "sequence": "counts 1, 2, 3 … per subject within its topic",
    "recordedtime": "when the platform wrote it down",
    "regime": "the law it falls under",
    "actor": "the post that acted, never the person",
    "region": "code of the administrative division",
    "department": "the body in charge",
    "causationid": "id of the event that caused this one",
    "traceparent": "W3C trace context",
}
_TEXT: Final[Document] = {"minLength": 1, "maxLength": MAX_TEXT}
_SHAPES: Final[Mapping[str, Document]] = {
    "source": {**_TEXT, "format": "uri-reference"},
    "time": {"format": "date-time"},
    "recordedtime": {"format": "date-time"},
    "sequence": {"pattern": "^0*[1-9][0-9]*$", "maxLength": 18},
}


class _Untitled(GenerateJsonSchema):
    """Schemas without the titles that pydantic makes of field names."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        made = super().generate(schema, mode)
        for shape in (made, *made.get("$defs", {}).values()):
            shape.pop("title", None)
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def summary(model: type[Payload]) -> str:
    """What a payload type says of itself."""
    return inspect.getdoc(model) or ""


def data_schema(model: type[Payload], refs: str = "#/$defs/{model}") -> Document:
    """The JSON Schema of `data` for one type; the types it nests stand under `$defs`."""
    return model.model_json_schema(schema_generator=_Untitled, ref_template=refs)


def envelope_schema() -> Document:
    """The JSON Schema of the attributes that every event has, `data` and `type` left open."""
    attributes = {
        name: {"type": "string", **_SHAPES.get(name, _TEXT), "description": about}
        for name, about in _ABOUT.items()
    }
    return {
        "type": "object",
        "description": "CloudEvents 1.0, structured JSON mode, with the platform's extensions",
        "required": ["specversion", *REQUIRED, "data"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "type": {"type": "string", **_TEXT},
            "datacontenttype": {"type": "string", "const": "application/json"},
            **attributes,
            "data": {"type": "object"},
        },
    }


def event_schema(model: type[Payload]) -> Document:
    """The JSON Schema (2020-12) of whole events of one type."""
    data = data_schema(model)
    nested = data.pop("$defs", {})
    data.pop("description", None)
    envelope = envelope_schema()
    envelope["properties"]["type"] = {"const": model.event_type}
    envelope["properties"]["data"] = data
    schema = {
        "$schema": DIALECT,
        "$id": f"{model.event_type}.json",
        "title": model.event_type,
        **envelope,
        "description": summary(model),
    }
    return {**schema, "$defs": nested} if nested else schema


def asyncapi() -> Document:
    """The AsyncAPI 3.0 document: a channel per topic, a message per event type."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sunlight Platform events",
            "version": VERSION,
            "description": (
                "Every step of administrative approval and of public-resource trading is an "
                "event. One topic per owner; the key of a message is the event's subject. "
                "x-codes lists the values a producer may write; a reader keeps any other."
            ),
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic: _channel(topic) for topic in TOPICS},
        "operations": {
            f"{action}_{topic}": _operation(action, topic)
            for topic in TOPICS
            for action in ("send", "receive")
        },
        "components": {
            "messages": {model.event_type: _message(model) for model in CONTRACTS.values()},
            "schemas": _component_schemas(),
        },
    }


def _types_of(topic: str) -> list[str]:
    return [name for name in CONTRACTS if owner(name) == topic]


def _channel(topic: str) -> Document:
    module = inspect.getmodule(CONTRACTS[_types_of(topic)[0]])
    return {
        "address": topic,
        "description": inspect.getdoc(module) or "",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _types_of(topic)},
    }


def _operation(action: str, topic: str) -> Document:
    does = "The owner publishes" if action == "send" else "Anyone in the platform reads"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"{does} the events of {topic}.",
        "messages": [{"$ref": f"#/channels/{topic}/messages/{name}"} for name in _types_of(topic)],
    }


def _message(model: type[Payload]) -> Document:
    return {
        "name": model.event_type,
        "title": model.__name__,
        "summary": summary(model),
        "bindings": {"kafka": {"key": {"type": "string", "description": "the subject"}}},
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": model.event_type},
                        "data": {"$ref": f"#/components/schemas/{model.__name__}"},
                    },
                },
            ]
        },
    }


def _component_schemas() -> dict[str, Document]:
    schemas = {"Envelope": envelope_schema()}
    for model in CONTRACTS.values():
        data = data_schema(model, "#/components/schemas/{model}")
        schemas |= data.pop("$defs", {})
        schemas[model.__name__] = data
    return schemas
