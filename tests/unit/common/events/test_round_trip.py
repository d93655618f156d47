"""Anything the published schema of a type allows is read, and written and read as the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.events import CONTRACTS, check_data, decode, encode
from tests.unit.common.events.strategies import events, payload_data

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@pytest.mark.parametrize("event_type", CONTRACTS)
@few
@given(given_data=st.data())
def test_an_event_is_read_as_it_was_written(event_type: str, given_data: st.DataObject) -> None:
    event = given_data.draw(events(CONTRACTS[event_type]))
    assert decode(encode(event)) == event


@pytest.mark.parametrize("event_type", CONTRACTS)
@few
@given(given_data=st.data())
def test_the_model_keeps_what_the_data_says(event_type: str, given_data: st.DataObject) -> None:
    model = CONTRACTS[event_type]
    data: dict[str, Any] = given_data.draw(payload_data(model))
    assert check_data(event_type, data)
    kept = model.model_validate(data)
    assert model.model_validate(kept.model_dump(mode="json")) == kept
    assert set(data) <= set(kept.model_dump())
