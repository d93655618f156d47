"""What is taken in: one foreign CloudEvent held against the intake's terms. Pure.

Of a known type only the fields of its contract travel on; of an unknown one only that it
happened. The raw record keeps everything. Must never put a value of the event into a message: it
may be a person's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from libs.common.events import ContractError, Event, encode
from libs.common.web.errors import Bilingual
from services.e_monitor.intake.contract import Fault, Refusal, escaped, is_text, travelling
from services.e_monitor.intake.sources import Source

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(days=1)
MAX_DEPTH: Final = 32
MAX_RAW: Final = 256 * 1024
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_TRACE: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_CODE: Final = re.compile(r"[A-Za-z0-9._:/-]{1,100}")
_REGION: Final = re.compile(r"\d{6}(\d{3}){0,2}", re.ASCII)
_ATTRIBUTES: Final[Mapping[str, tuple[re.Pattern[str], Bilingual]]] = {
    "regime": (re.compile(r"\w{1,50}"), {"zh": "应为制度代码", "en": "should be a code"}),
    "actor": (_CODE, {"zh": "应为岗位代码,不是姓名", "en": "should be a post's code, not a name"}),
    "region": (_REGION, {"zh": "应为行政区划代码", "en": "should be a region code"}),
    "department": (_CODE, {"zh": "应为部门代码", "en": "should be a department's code"}),
    "causationid": (_CODE, {"zh": "应为事件编号", "en": "should be an event's id"}),
    "traceparent": (_TRACE, {"zh": "应为 W3C traceparent", "en": "should be a W3C traceparent"}),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """An event that may be taken in.

    `raw` is its canonical JSON (sorted keys, every attribute as it came), `hash` the SHA-256 of
    that. `event` still lacks its sequence and recorded time.
    """

    event: Event
    raw: bytes
    hash: bytes


def check(body: Any, source: Source, now: datetime) -> Checked | list[Fault]:
    """The event in a parsed JSON value, or everything that is wrong with it."""
    try:
        return _checked(body, source, now)
    except Refusal as refusal:
        return list(refusal.faults)


def _checked(body: Any, source: Source, now: datetime) -> Checked:
    raw = _canonical(body)
    faults = list(_envelope(body, source, now))
    try:
        kind, data = travelling(body)
    except Refusal as refusal:
        raise Refusal(*faults, *refusal.faults) from refusal
    if faults:
        raise Refusal(*faults)
    event = _event(body, source, kind, data)
    try:
        encode(event)
    except ContractError as error:
        message = {"zh": "不能作为事件发布", "en": "can't be published as an event"}
        raise Refusal(Fault("contract", "", message)) from error
    return Checked(event, raw, hashlib.sha256(raw).digest())


def _canonical(body: Any) -> bytes:
    """The body with sorted keys; Refusal when no part behind this one could bear it."""
    if not isinstance(body, dict):
        raise Refusal(Fault("not_an_object", "", {"zh": "应为对象", "en": "should be an object"}))
    if shape := _shape(body):
        raise Refusal(shape)
    raw = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    if len(raw) > MAX_RAW:
        message = {"zh": f"至多 {MAX_RAW} 字节", "en": f"at most {MAX_RAW} bytes are taken"}
        raise Refusal(Fault("too_large", "", message))
    return raw


def _event(body: Mapping[str, Any], source: Source, kind: str, data: dict[str, Any]) -> Event:
    time = datetime.fromisoformat(body["time"]).astimezone(UTC)
    extra = {name: body.get(name) for name in _ATTRIBUTES}
    extra["region"] = extra["region"] or source.region
    return Event(
        id=body["id"],
        type=kind,
        source=source.name,
        subject=body["subject"],
        time=time,
        recordedtime=time,
        sequence=1,
        data=data,
        **extra,
    )


def _shape(body: dict[str, Any]) -> Fault | None:
    """Nesting and characters that no part behind this one could bear."""
    stack: list[tuple[Any, str, int]] = [(body, "", 1)]
    while stack:
        value, pointer, depth = stack.pop()
        if isinstance(value, str):
            if "\0" in value:
                return Fault("nul", pointer, {"zh": "含有空字符", "en": "contains U+0000"})
        elif isinstance(value, dict | list):
            if depth > MAX_DEPTH:
                message = {"zh": f"至多嵌套 {MAX_DEPTH} 层", "en": f"at most {MAX_DEPTH} levels"}
                return Fault("too_deep", "", message)
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            for name, part in parts:
                if isinstance(name, str) and "\0" in name:
                    return Fault("nul", pointer, {"zh": "含有空字符", "en": "contains U+0000"})
                if isinstance(part, str | dict | list):
                    stack.append((part, f"{pointer}/{escaped(str(name))}", depth + 1))
    return None


def _envelope(body: Mapping[str, Any], source: Source, now: datetime) -> Iterator[Fault]:
    if body.get("specversion") != "1.0":
        yield Fault("specversion", "/specversion", {"zh": "应为 1.0", "en": "should be 1.0"})
    if not is_text(body.get("id"), 200):
        message = {"zh": "应为 1 至 200 个字符", "en": "should be a text of 1 to 200 characters"}
        yield Fault("id", "/id", message)
    if body.get("source") != source.name:
        message = {
            "zh": f"应为您自己的来源 {source.name}",
            "en": f"should be your own source, {source.name}",
        }
        yield Fault("foreign_source", "/source", message)
    yield from _subject(body.get("subject"), source)
    yield from _time(body.get("time"), now)
    for name, (form, wanted) in _ATTRIBUTES.items():
        value = body.get(name)
        if value is not None and not (isinstance(value, str) and form.fullmatch(value)):
            yield Fault("attribute", f"/{name}", wanted)
        elif name == "region" and value is not None and not value.startswith(source.area):
            outside = {
                "zh": f"应在本来源的行政区划 {source.region} 内",
                "en": f"should lie in your source's region, {source.region}",
            }
            yield Fault("attribute", "/region", outside)


def _subject(value: Any, source: Source) -> Iterator[Fault]:
    start = f"{source.system}/"
    if not is_text(value, 200) or not value.startswith(start) or len(value) == len(start):
        message = {
            "zh": f"应为 {start}<本系统内编号>",
            "en": f"should be {start}<your own id of the matter>",
        }
        yield Fault("subject", "/subject", message)


def _time(value: Any, now: datetime) -> Iterator[Fault]:
    form: Bilingual = {
        "zh": "应为带时区的时间,如 2026-03-02T09:00:00+08:00",
        "en": "should be a time with its offset, such as 2026-03-02T09:00:00+08:00",
    }
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        yield Fault("time", "/time", form)
        return
    try:
        instant = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        yield Fault("time", "/time", form)
        return
    if not EARLIEST <= instant <= now + AHEAD:
        message = {
            "zh": "早于 1990 年,或比现在晚一天以上",
            "en": "before 1990, or more than a day ahead of now",
        }
        yield Fault("time_implausible", "/time", message)
