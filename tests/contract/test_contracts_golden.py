"""What was once published stays readable, with the same fields."""

import json
from datetime import UTC, datetime

import pytest

from libs.common.events import CONTRACTS, decode, encode
from libs.common.events.documents import data_schema
from tests.contract.goldens import CURRENT, GOLDENS, raw
from tests.needs import ROOT


def test_every_contract_has_golden_bytes() -> None:
    assert CONTRACTS.keys() <= GOLDENS.keys(), "write tests/contract/golden/<type>.json"


@pytest.mark.parametrize("event_type", GOLDENS)
def test_golden_bytes_give_the_same_attributes(event_type: str) -> None:
    written = json.loads(raw(event_type))
    event = decode(raw(event_type))
    names = ("id", "source", "subject", "actor", "region", "department", "causationid")
    assert {name: getattr(event, name) for name in names} == {name: written[name] for name in names}
    assert event.regime == written.get("regime")
    assert event.traceparent == written["traceparent"]
    assert event.sequence == int(written["sequence"])
    assert event.time == datetime(2025, 3, 20, 6, 30, 0, 123456, UTC)
    assert event.recordedtime == datetime(2025, 3, 20, 6, 30, 1, tzinfo=UTC)
    assert event.known


@pytest.mark.parametrize("event_type", CURRENT)
def test_golden_bytes_give_the_same_payload(event_type: str) -> None:
    written = json.loads(raw(event_type))["data"]
    event = decode(raw(event_type))
    payload = CONTRACTS[event.type].model_validate(event.data)
    assert event.data == written
    assert payload.model_dump(mode="json", include=set(written), exclude_none=True) == written


@pytest.mark.parametrize("event_type", CURRENT)
def test_golden_bytes_are_what_a_producer_may_write(event_type: str) -> None:
    CONTRACTS[event_type].model_validate(decode(raw(event_type)).data).checked()


@pytest.mark.parametrize("event_type", CURRENT)
def test_golden_bytes_are_written_again_to_the_byte(event_type: str) -> None:
    assert encode(decode(raw(event_type))) == raw(event_type).rstrip(b"\n")


@pytest.mark.parametrize("event_type", CURRENT)
def test_golden_bytes_carry_every_field_of_the_baseline(event_type: str) -> None:
    baseline = json.loads((ROOT / "contracts" / "baseline.json").read_text("utf-8"))
    declared = baseline["types"].get(event_type) or data_schema(CONTRACTS[event_type])
    assert set(json.loads(raw(event_type))["data"]) >= set(declared["properties"])
