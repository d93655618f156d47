"""Type and data of a foreign event, as they may travel on. Pure.

Of a known type only the fields of its contract travel, strictly held against it; of an unknown
one only that it happened: nothing reads its data, and it may be a person's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from libs.common.events import CONTRACTS, ContractError, Payload
from libs.common.events.payload import Codes
from libs.common.events.registry import upcast
from libs.common.web.errors import Bilingual
from libs.common.web.validation import sentence


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an event is not taken: a code, a JSON pointer into the event, a sentence."""

    code: str
    pointer: str
    message: Bilingual


class Refusal(Exception):
    """An event can't be taken; `faults` says why."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = faults


def travelling(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The newest version of the event's type, and the data that goes on the bus.

    Raises:
        Refusal: type or data are not what may be sent.
    """
    kind, data = _brought(_type(body), _data(body))
    model = CONTRACTS.get(kind)
    if model is None:
        return kind, {}
    try:
        payload = model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)[:20]
        raise Refusal(*(_data_fault(item) for item in found)) from error
    if faults := list(_code_faults(payload)):
        raise Refusal(*faults)
    return kind, payload.model_dump(mode="json", exclude_none=True)


def _type(body: Mapping[str, Any]) -> str:
    kind = body.get("type")
    if isinstance(kind, str) and is_text(kind, 200) and not kind.startswith("cn.sunlight.monitor."):
        return kind
    message = {"zh": "应为事件类型,且不属于监察", "en": "should be a type, none of monitoring"}
    raise Refusal(Fault("type", "/type", message))


def _data(body: Mapping[str, Any]) -> dict[str, Any]:
    data = body.get("data")
    if "data_base64" in body or not _is_json(body.get("datacontenttype", "application/json")):
        message = {"zh": "数据应为 JSON", "en": "data should be JSON"}
        raise Refusal(Fault("data", "/datacontenttype", message))
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise Refusal(Fault("data", "/data", {"zh": "应为对象", "en": "should be an object"}))
    return data


def _brought(kind: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    try:
        return upcast(kind, data)
    except ContractError as error:
        message = {"zh": "不符合该旧版本的约定", "en": "is not what this older version carries"}
        raise Refusal(Fault("contract", "/data", message)) from error


def _code_faults(payload: Payload) -> Iterator[Fault]:
    for name, codes in _codes(type(payload)).items():
        value = getattr(payload, name)
        if value is not None and value not in codes.values:
            listed = ", ".join(codes.values)
            message = {"zh": f"应为其中之一:{listed}", "en": f"should be one of {listed}"}
            yield Fault("contract", f"/data/{name}", message)


@cache
def _codes(model: type[Payload]) -> Mapping[str, Codes]:
    return model.code_fields()


def _data_fault(error: Any) -> Fault:
    place = "".join(f"/{escaped(str(part))}" for part in error["loc"])
    message = {"zh": sentence(error, "zh"), "en": sentence(error, "en")}
    return Fault("contract", f"/data{place}", message)


def is_text(value: Any, most: int) -> bool:
    """Whether `value` is a text of 1 to `most` printable characters."""
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()


def _is_json(media: Any) -> bool:
    kind = media.partition(";")[0].strip().lower() if isinstance(media, str) else ""
    return kind == "application/json" or kind.endswith("+json")


def escaped(part: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
