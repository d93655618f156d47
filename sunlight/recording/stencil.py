"""Writing the events of a recording as `encode` would: byte for byte, but what repeats once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson

from libs.common.events import Event, encode, recorded_id
from libs.common.events.envelope import MAX_EVENT_BYTES, OPTIONAL, SEQUENCE_DIGITS
from sunlight.recording.deriving import Draft
from sunlight.recording.kinds import REMEMBERED, from_micros


@lru_cache(maxsize=REMEMBERED)
def _instant(micros: int) -> bytes:
    # A copy: what the encoder returns holds on to its working buffer, ten times the size.
    return bytes(memoryview(orjson.dumps(from_micros(micros), option=orjson.OPT_UTC_Z)))


class Stencil:
    """Encodes the events of one mapping, which share their source, regime, region, department.

    `encode` makes whatever it might refuse: then its errors are told as its own.
    """

    def __init__(self, envelope: Mapping[str, str | None]) -> None:
        self._envelope = envelope
        self._source = str(envelope["source"])
        self._kind = b',"source":' + orjson.dumps(self._source) + b',"subject":'
        said = {name: envelope[name] for name in OPTIONAL if envelope.get(name) is not None}
        self._said = (b"," + orjson.dumps(said)[1:-1] if said else b"") + b',"data":'
        self._types: dict[str, bytes] = {}

    def encode(self, subject: str, draft: Draft, sequence: int) -> bytes:
        """The event of a draft of the subject.

        Raises:
            ContractError: as `encode` does.
        """
        number = recorded_id(self._source, subject, draft.position)
        written = b"".join(
            (
                b'{"specversion":"1.0","id":"',
                number.encode(),
                self._type(draft.type),
                orjson.dumps(subject),
                b',"time":',
                _instant(draft.time),
                b',"datacontenttype":"application/json","sequence":"',
                b"%0*d" % (SEQUENCE_DIGITS, sequence),
                b'","recordedtime":',
                _instant(draft.recorded),
                self._said,
                orjson.dumps(draft.data, option=orjson.OPT_UTC_Z),
                b"}",
            )
        )
        if b"\\" not in written and len(written) <= MAX_EVENT_BYTES:
            return written
        event = Event(
            id=number,
            type=draft.type,
            subject=subject,
            time=from_micros(draft.time),
            recordedtime=from_micros(draft.recorded),
            sequence=sequence,
            data=draft.data,
            **self._envelope,  # type: ignore[arg-type]
        )
        return encode(event)

    def _type(self, event_type: str) -> bytes:
        known = self._types.get(event_type)
        if known is None:
            known = b'","type":' + orjson.dumps(event_type) + self._kind
            self._types[event_type] = known
        return known
