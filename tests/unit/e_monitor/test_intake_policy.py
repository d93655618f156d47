"""What the intake accepts, as a pure decision: nothing a sender writes makes it fail."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import decode, encode
from services.e_monitor.intake.policy import Checked, check
from services.e_monitor.intake.service import sort_out
from services.e_monitor.intake.sources import Source

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SOURCE = Source.of("/990100/housing")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = ("specversion", "id", "source", "type", "subject", "time", "data", "actor", "region")


def body(**more: Any) -> dict[str, Any]:
    """A licence that is accepted, with members replaced."""
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "/990100/housing",
        "type": "cn.sunlight.registry.licence.issued.v1",
        "subject": "housing/1",
        "time": "2026-03-02T08:30:00+08:00",
        "data": {"licence_no": "A-1"},
        **more,
    }


def accepted(value: dict[str, Any]) -> Checked:
    """The event, which must be acceptable."""
    found = check(value, SOURCE, NOW)
    assert isinstance(found, Checked), found
    return found


@given(JSON)
def test_any_json_value_is_answered(value: Any) -> None:
    assert isinstance(check(value, SOURCE, NOW), list)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, min_size=1, max_size=3))
def test_what_is_accepted_can_be_published_and_read_back(changes: dict[str, Any]) -> None:
    found = check(body(**changes), SOURCE, NOW)
    if isinstance(found, Checked):
        assert decode(encode(found.event)) == found.event
        assert found.event.source == "/990100/housing"
        assert found.event.subject.startswith("housing/")
    else:
        assert found
        assert all(fault.message["zh"] and fault.message["en"] for fault in found)


@given(st.permutations(list(body())))
def test_the_hash_is_of_the_content_and_not_of_the_order(names: list[str]) -> None:
    value = body()
    shuffled = {name: value[name] for name in names}
    assert accepted(shuffled).hash == accepted(value).hash


@given(JSON, JSON)
def test_records_with_other_content_have_other_hashes(one: Any, other: Any) -> None:
    found = [check(body(vendor=value), SOURCE, NOW) for value in (one, other)]
    hashes = {item.hash for item in found if isinstance(item, Checked)}
    written = {
        orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        for value, item in zip((one, other), found, strict=True)
        if isinstance(item, Checked)
    }
    assert len(hashes) == len(written)


def test_the_hash_is_the_sha256_of_the_canonical_record() -> None:
    found = accepted(body())
    assert found.hash == hashlib.sha256(found.raw).digest()
    assert orjson.loads(found.raw) == body()


@pytest.mark.parametrize(
    ("ahead", "taken"), [(timedelta(days=1), True), (timedelta(days=1, seconds=1), False)]
)
def test_a_time_may_lie_a_day_ahead_and_not_more(ahead: timedelta, taken: bool) -> None:
    found = check(body(time=(NOW + ahead).isoformat()), SOURCE, NOW)
    assert isinstance(found, Checked) is taken


@pytest.mark.parametrize(
    ("time", "taken"), [("1990-01-01T00:00:00Z", True), ("1989-12-31T23:59:59.999Z", False)]
)
def test_a_time_is_not_before_1990(time: str, taken: bool) -> None:
    assert isinstance(check(body(time=time), SOURCE, NOW), Checked) is taken


@pytest.mark.parametrize("region", ["990100", "990102", "990102003"])
def test_a_region_within_the_sources_is_taken(region: str) -> None:
    assert accepted(body(region=region)).event.region == region


def test_a_repeated_event_within_a_batch_is_a_duplicate_of_the_first() -> None:
    answers, fresh = sort_out([accepted(body()), accepted(body())], {})
    assert [answer.status for answer in answers] == ["accepted", "duplicate"]
    assert [index for index, _ in fresh] == [0]
