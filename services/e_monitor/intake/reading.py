"""From an HTTP request to the CloudEvents in it, still unchecked (CloudEvents 1.0, HTTP binding).

Structured and batch mode are read, and binary mode with JSON data. Pure: header and bytes in,
parsed JSON out. Must never unpack compressed bodies, nor guess a content type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import orjson

from libs.common.web.errors import DomainError

SINGLE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
BINARY: Final = "application/json"
MAX_EVENTS: Final = 1000
MAX_BODY: Final = 4 * 1024 * 1024


class UnknownForm(DomainError):
    """415: neither structured nor batch CloudEvents JSON."""

    code = "unsupported_media_type"
    status = 415
    zh = "Content-Type 应为 {single}(单条)或 {batch}(批量),UTF-8,不压缩"
    en = "Content-Type should be {single} (one event) or {batch} (many), UTF-8, not compressed"

    def __init__(self) -> None:
        super().__init__(single=SINGLE, batch=BATCH)


class NotReadable(DomainError):
    """400: the body is no JSON, or not a list in batch mode."""

    code = "not_json"
    status = 400
    zh = "请求体不是有效的 JSON:{reason}"
    en = "The body is not valid JSON: {reason}"


class TooMany(DomainError):
    """413: more events in one batch than are taken."""

    code = "too_many_events"
    status = 413
    zh = "一批 {count} 条,最多 {most} 条;请分批提交"
    en = "{count} events in one batch; at most {most} are taken, send several batches"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request carries: parsed JSON values, and whether it was a batch."""

    bodies: list[Any]
    batch: bool


def read(headers: Mapping[str, str], body: bytes) -> Delivery:
    """The events of a request (header names in lower case).

    Raises:
        UnknownForm, NotReadable, TooMany: nothing of the request was taken.
    """
    form = _form(headers)
    if form == BINARY:
        return Delivery([{**_attributes(headers), "data": _parsed(body)}], batch=False)
    if form == SINGLE:
        return Delivery([_parsed(body)], batch=False)
    bodies = _parsed(body)
    if not isinstance(bodies, list):
        raise NotReadable(reason={"zh": "批量应为数组", "en": "a batch is an array"})
    if len(bodies) > MAX_EVENTS:
        raise TooMany(count=len(bodies), most=MAX_EVENTS)
    return Delivery(bodies, batch=True)


def _form(headers: Mapping[str, str]) -> str:
    form, *parameters = (part.strip().lower() for part in _of(headers, "content-type").split(";"))
    charsets = [part for part in parameters if part.startswith("charset=")]
    encoded = _of(headers, "content-encoding").lower() not in {"", "identity"}
    binary = form == BINARY and "ce-specversion" in headers
    known = form in {SINGLE, BATCH} or binary
    if not known or encoded or any(part[8:].strip('"') != "utf-8" for part in charsets):
        raise UnknownForm
    return form


def _of(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "")


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        reason = {"zh": f"第 {error.lineno} 行第 {error.colno} 列", "en": place}
        raise NotReadable(reason=reason) from error


def _attributes(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("ce-"): unquote(value)
        for name, value in headers.items()
        if name.startswith("ce-")
    }
