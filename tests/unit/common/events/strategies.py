"""Hypothesis strategies made from the published schemas: anything they allow may be generated."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from libs.common.events import Event
from libs.common.events.documents import data_schema
from libs.common.events.payload import Payload

WORDS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def attribute() -> st.SearchStrategy[str]:
    """A text of an attribute."""
    return st.text(WORDS, min_size=1, max_size=40)


def payload_data(model: type[Payload]) -> st.SearchStrategy[dict[str, Any]]:
    """JSON data that the schema of a type allows, optional fields present or not."""
    schema = data_schema(model)
    return _object(schema, schema.get("$defs", {}))


def events(model: type[Payload]) -> st.SearchStrategy[Event]:
    """Whole events of a type."""
    optional = st.none() | attribute()
    return st.builds(
        Event,
        id=attribute(),
        type=st.just(model.event_type),
        source=attribute(),
        subject=attribute(),
        time=INSTANTS,
        recordedtime=INSTANTS,
        sequence=st.integers(1, 10**17),
        data=payload_data(model),
        regime=optional,
        actor=optional,
        region=optional,
        department=optional,
        causationid=optional,
        traceparent=optional,
    )


def _object(schema: Any, nested: Any) -> st.SearchStrategy[dict[str, Any]]:
    made = {name: _value(part, nested) for name, part in schema["properties"].items()}
    must = set(schema.get("required", []))
    return st.fixed_dictionaries(
        {name: value for name, value in made.items() if name in must},
        optional={name: value for name, value in made.items() if name not in must},
    )


def _value(schema: Any, nested: Any) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _object(nested[schema["$ref"].rpartition("/")[2]], nested)
    if "anyOf" in schema:
        return st.one_of([_value(part, nested) for part in schema["anyOf"]])
    if schema["type"] == "array":
        members = _value(schema["items"], nested)
        return st.lists(members, max_size=min(5, schema["maxItems"]))
    if schema["type"] == "string":
        return _string(schema)
    plain: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(schema.get("minimum"), schema.get("maximum", 2**53)),
    }
    return plain[schema["type"]]


def _string(schema: Any) -> st.SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return INSTANTS.map(lambda instant: instant.isoformat())
    text = st.text(WORDS, min_size=schema["minLength"], max_size=schema["maxLength"])
    return text | st.sampled_from(schema["x-codes"]) if "x-codes" in schema else text
