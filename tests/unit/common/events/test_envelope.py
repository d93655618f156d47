"""The envelope: what is read, what is refused and what the message names."""

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from libs.common.events import ContractError, decode, encode, from_body, new_id, recorded_id
from libs.common.events.envelope import MAX_EVENT_BYTES
from tests.unit.common.events.making import body, event, raw

UNKNOWN = "cn.sunlight.approval.case.teleported.v1"


def test_an_event_is_read_with_all_it_says() -> None:
    assert decode(raw()) == event()


def test_a_type_nobody_declared_is_kept_with_its_data() -> None:
    read = decode(raw(type=UNKNOWN, data={"any": ["thing", 1]}))
    assert not read.known
    assert read.data == {"any": ["thing", 1]}


def test_a_declared_type_is_known() -> None:
    assert decode(raw()).known


def test_an_event_of_an_unknown_type_survives_the_round_trip() -> None:
    read = decode(raw(type=UNKNOWN, data={"any": 1}))
    assert decode(encode(read)) == read


def test_attributes_that_are_not_ours_are_ignored() -> None:
    assert decode(raw(partitionkey="x", dataschema="urn:y")) == event()


@pytest.mark.parametrize(
    "name", ["id", "type", "source", "subject", "time", "sequence", "recordedtime"]
)
@pytest.mark.parametrize("value", [..., None])
def test_a_missing_attribute_is_named(name: str, value: Any) -> None:
    with pytest.raises(ContractError, match=f"^the attribute {name} is missing$"):
        decode(raw(**{name: value}))


@pytest.mark.parametrize("name", ["id", "type", "source", "subject", "actor", "traceparent"])
@pytest.mark.parametrize("value", ["", 7, ["x"], "x" * 501])
def test_a_malformed_text_is_named_with_its_value(name: str, value: object) -> None:
    with pytest.raises(ContractError, match=f"^{name} is ['\\[7].*not a text of 1 to 500"):
        decode(raw(**{name: value}))


def test_a_null_optional_attribute_says_nothing() -> None:
    assert decode(raw(regime=None)).regime is None


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(ContractError) as told:
        decode(raw(subject="x" * 10_000))
    assert len(str(told.value)) < 200


@pytest.mark.parametrize("name", ["time", "recordedtime"])
@pytest.mark.parametrize("value", ["2025-03-20T06:30:00", "2025-03-20"])
def test_a_time_without_its_offset_is_refused(name: str, value: str) -> None:
    with pytest.raises(ContractError, match=f"{name} is '{value}': a time needs its offset"):
        decode(raw(**{name: value}))


@pytest.mark.parametrize("name", ["time", "recordedtime"])
@pytest.mark.parametrize(
    "value", ["yesterday", 1742452200, "2025-02-30T06:30:00Z", "0001-01-01T00:00:00+08:00"]
)
def test_what_is_no_time_is_refused(name: str, value: object) -> None:
    with pytest.raises(ContractError, match=f"{name} is .*not an RFC 3339 time"):
        decode(raw(**{name: value}))


@pytest.mark.parametrize(
    "value", ["2025-03-20T06:30:00Z", "2025-03-20T06:30:00+00:00", "2025-03-20T14:30:00+08:00"]
)
def test_times_are_read_as_utc(value: str) -> None:
    read = decode(raw(time=value)).time
    assert read == datetime(2025, 3, 20, 6, 30, tzinfo=UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("0000000042", 42), ("9" * 18, 10**18 - 1)])
def test_a_sequence_is_digits_padded_or_not(text: str, number: int) -> None:
    assert decode(raw(sequence=text)).sequence == number


@pytest.mark.parametrize(
    "value", ["0", "0000000000", "-1", "+1", "1.0", "1_0", " 1", "", "٣", "三", "9" * 19, 3, 3.0]
)
def test_any_other_sequence_is_refused(value: object) -> None:
    with pytest.raises(ContractError, match=r"sequence is .*not a number from 1"):
        decode(raw(sequence=value))


@pytest.mark.parametrize(
    "changes",
    [{"subject": "a\0b"}, {"data": {"ground": "a\0"}}, {"data": {"ground": "x", "a\0": 1}}],
)
def test_the_character_nul_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match=r"U\+0000"):
        decode(raw(**changes))


def test_nul_after_an_escaped_backslash_is_refused() -> None:
    with pytest.raises(ContractError, match=r"U\+0000"):
        decode(raw(subject="\\\0"))


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "C:\\u0000"])
def test_a_backslash_before_u0000_is_a_plain_text(text: str) -> None:
    assert decode(raw(subject=text)).subject == text


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"not json", b"\xff", b'{"id": NaN}', b'{"id":"\\ud800"}', b"[" * 5000],
)
def test_what_is_not_json_is_refused(sent: bytes) -> None:
    with pytest.raises(ContractError, match="not JSON"):
        decode(sent)


@pytest.mark.parametrize("sent", [b"[]", b"1", b"null", b'"text"'])
def test_json_that_is_no_object_is_refused(sent: bytes) -> None:
    with pytest.raises(ContractError, match="not a JSON object"):
        decode(sent)


def test_the_largest_event_is_read_and_one_byte_more_is_not() -> None:
    room = MAX_EVENT_BYTES - len(raw(type=UNKNOWN, data={"pad": ""}))
    assert decode(raw(type=UNKNOWN, data={"pad": "x" * room})).subject == "case-1"
    with pytest.raises(ContractError, match=f"{256 * 1024 + 1} bytes"):
        decode(raw(type=UNKNOWN, data={"pad": "x" * (room + 1)}))


@pytest.mark.parametrize("value", ["0.3", 1.0, None])
def test_another_specversion_is_refused(value: object) -> None:
    with pytest.raises(ContractError, match="specversion is"):
        decode(raw(specversion=value))


@pytest.mark.parametrize("value", [[], "", 0, False, "text"])
def test_data_that_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(ContractError, match=r"data is .*not an object"):
        decode(raw(data=value))


@pytest.mark.parametrize("value", [..., None])
def test_missing_data_is_empty_data(value: Any) -> None:
    read = from_body(body(type="cn.sunlight.approval.case.closed.v1", data=value))
    assert read.data == {}


def test_data_against_its_contract_is_refused() -> None:
    with pytest.raises(ContractError, match=r"paused\.v1: data/ground: Field required"):
        decode(raw(data={}))


def test_written_times_end_in_z_and_the_sequence_has_ten_digits() -> None:
    written = orjson.loads(encode(event()))
    assert written["time"] == "2025-03-20T06:30:00Z"
    assert written["sequence"] == "0000000003"


def test_attributes_that_say_nothing_are_not_written() -> None:
    assert b"regime" not in encode(event())
    assert b"null" not in encode(event())


def test_a_local_time_is_read_back_as_the_same_instant() -> None:
    local = event(time=datetime(2025, 3, 20, 14, 30, tzinfo=timezone(timedelta(hours=8))))
    assert decode(encode(local)) == event()


@pytest.mark.parametrize("name", ["time", "recordedtime"])
def test_a_naive_time_is_never_written(name: str) -> None:
    with pytest.raises(ContractError, match="a time needs its offset"):
        encode(event(**{name: datetime(2025, 3, 20)}))  # noqa: DTZ001


def test_nul_is_never_written() -> None:
    with pytest.raises(ContractError, match=r"U\+0000"):
        encode(event(data={"ground": "a\0"}))


def test_more_than_can_be_read_is_never_written() -> None:
    with pytest.raises(ContractError, match="at most 262144"):
        encode(event(data={"ground": "x" * MAX_EVENT_BYTES}))


def test_an_event_never_changes() -> None:
    with pytest.raises(AttributeError):
        event().subject = "other"  # type: ignore[misc]


def test_new_ids_are_uuids_of_version_seven_in_order() -> None:
    made = [new_id() for _ in range(100)]
    assert {uuid.UUID(one).version for one in made} == {7}
    assert made == sorted(made)


def test_the_id_of_a_recorded_event_depends_on_its_place_only() -> None:
    one = recorded_id("/recording/receipt", "case-1", "7")
    assert one == recorded_id("/recording/receipt", "case-1", "7")
    assert uuid.UUID(one).version == 5
    others = [("/recording/other", "case-1", "7"), ("/recording/receipt", "case-2", "7")]
    assert one not in {recorded_id(*place) for place in others}
