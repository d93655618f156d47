"""The stencil writes what `encode` writes, whatever the texts hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import ContractError, Event, encode, recorded_id
from libs.common.events.envelope import MAX_EVENT_BYTES
from sunlight.recording.deriving import Draft
from sunlight.recording.kinds import from_micros
from sunlight.recording.stencil import Stencil

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MICROS = st.integers(-(10**14), 4 * 10**15) | st.integers(0, 4 * 10**9).map(lambda s: s * 10**6)
ENVELOPE = st.fixed_dictionaries(
    {"source": TEXT},
    optional={
        name: st.none() | TEXT
        for name in ("causationid", "regime", "region", "department", "actor", "traceparent")
    },
)


def draft(time: int, recorded: int, data: dict[str, Any]) -> Draft:
    """A draft that differs from another in its times and data."""
    return Draft(recorded, time, 0, 0, "cn.sunlight.registry.fine.sent.v1", "1/0", data)


def encoded(envelope: dict[str, Any], subject: str, made: Draft, sequence: int) -> bytes:
    """What the envelope's own encoder writes."""
    event = Event(
        id=recorded_id(envelope["source"], subject, made.position),
        type=made.type,
        subject=subject,
        time=from_micros(made.time),
        recordedtime=from_micros(made.recorded),
        sequence=sequence,
        data=made.data,
        **envelope,
    )
    return encode(event)


@given(
    envelope=ENVELOPE,
    subject=TEXT,
    time=MICROS,
    recorded=MICROS,
    sequence=st.integers(1, 10**12),
    data=st.dictionaries(TEXT, JSON, max_size=3),
)
def test_stencil_writes_the_same_bytes(
    envelope: dict[str, Any],
    subject: str,
    time: int,
    recorded: int,
    sequence: int,
    data: dict[str, Any],
) -> None:
    made = draft(time, recorded, data)
    written = Stencil(envelope).encode(subject, made, sequence)
    assert written == encoded(envelope, subject, made, sequence)


@pytest.mark.parametrize("text", ["x" * MAX_EVENT_BYTES, "a\0b"])
def test_what_encode_refuses_is_refused(text: str) -> None:
    with pytest.raises(ContractError):
        Stencil({"source": "/recording/x"}).encode("A1", draft(0, 0, {"text": text}), 1)
