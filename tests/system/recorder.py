"""Requests and answers of a running platform, written down as pages of `docs/api/`.

What differs from run to run (ids, codes, seconds) is replaced by one like it, so that a page that
differs from what was recorded means that the platform answers differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx

from tests.system.quiet_city import QuietCity

SHOWN: Final = "http://127.0.0.1:8000"
"""Where `sunlight up` listens unless told otherwise."""
ZONE: Final = ZoneInfo("Asia/Shanghai")
HEADERS: Final = {"etag": "ETag", "location": "Location", "link": "Link"}
MOST: Final = 6
"""Of a longer list the first entries are shown, and how many more there are."""
_UUID: Final = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_INSTANT: Final = re.compile(
    r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|\+00:00|\+08:00)", re.ASCII
)
_KEPT: Final = re.compile(r'W/"[0-9a-f]{32}"')
_REQUEST: Final = re.compile(r'("request_id": ")[^"]+')
Title = tuple[str, str]
"""Chinese and English."""


@dataclass(frozen=True, slots=True)
class Page:
    """One file of `docs/api/`: its name, title and what it is about, in both languages."""

    name: str
    title: Title
    about: Title


@dataclass
class Recorder:
    """Asks the city, writes down what is told, and hands the answer on."""

    city: QuietCity
    pages: Sequence[Page]
    _told: dict[str, list[str]] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)
    _keys: int = 0

    def call(
        self,
        page: str,
        title: Title,
        role: str,
        request: str,
        body: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        match: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        note: Title | None = None,
    ) -> httpx.Response:
        """Send `request` ("POST /path") as `role` and record it with its answer.

        `match` is the version for `If-Match`; commands get an `Idempotency-Key`.
        """
        method, address = request.split(" ", 1)
        if query:
            address = f"{address}?{urlencode(query, safe='/')}"
        sent = {**(headers or {})}
        if method == "POST" and role != "nobody":
            self._keys += 1
            sent["Idempotency-Key"] = f"example-{self._keys}"
        if match is not None:
            sent["If-Match"] = match
        answer = self.city.client(role).request(method, address, json=body, headers=sent)
        assert answer.status_code == status, answer.text
        told = [_curl(method, address, role, sent, body), _answer(answer)]
        heading = f"## {title[0]} {title[1]}"
        lines = [heading, *([f"{note[0]}  \n{note[1]}"] if note else []), *told]
        self._told.setdefault(page, []).append("\n\n".join(lines))
        return answer

    def name(self, value: str, shown: str) -> None:
        """Show `value`, which another run makes anew, as `shown`."""
        self._words[value] = shown

    def written(self) -> dict[str, str]:
        """File name → page, with what differs from run to run replaced."""
        return {
            f"{page.name}.md": self._stable(
                "\n\n".join(
                    [
                        f"# {page.title[0]} {page.title[1]}",
                        f"{page.about[0]}  \n{page.about[1]}",
                        *self._told[page.name],
                    ]
                )
                + "\n"
            )
            for page in self.pages
        }

    def _stable(self, text: str) -> str:
        for value, shown in self._words.items():
            text = text.replace(value, shown)
        text = _UUID.sub(lambda found: self._id(found[0]), text)
        text = _REQUEST.sub(r"\g<1>9f0c…", text)
        text = _KEPT.sub('W/"5a1e…"', text)
        return _INSTANT.sub(_rounded, text)

    def _id(self, value: str) -> str:
        number = len(self._ids) + 1
        return self._ids.setdefault(value, f"{number:08x}-0000-7000-8000-{number:012x}")


def _rounded(found: re.Match[str]) -> str:
    """The instant at the beginning of its half hour: a run takes less, and midnight stays."""
    at = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    at = at.replace(minute=at.minute // 30 * 30, second=0)
    return f"{at:%Y-%m-%dT%H:%M:%S}{found[2]}"


def _curl(
    method: str,
    address: str,
    role: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None,
) -> str:
    quoted = f"'{SHOWN}{address}'" if "?" in address else f"{SHOWN}{address}"
    parts = [f"curl {'' if method == 'GET' else f'-X {method} '}{quoted}"]
    if role != "nobody":
        parts.append(f"-b sunlight-role={role}")
    if body is not None:
        headers = {**headers, "Content-Type": "application/json"}
    parts += [f"-H '{name}: {value}'" for name, value in headers.items()]
    if body is not None:
        parts.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return "```sh\n" + " \\\n  ".join(parts) + "\n```"


def _answer(answer: httpx.Response) -> str:
    head = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    head += [
        f"{shown}: {answer.headers[name]}"
        for name, shown in HEADERS.items()
        if name in answer.headers
    ]
    if not answer.content:
        return "```http\n" + "\n".join(head) + "\n```"
    media = answer.headers["content-type"]
    head.append(f"Content-Type: {media}")
    if not media.partition(";")[0].endswith("json"):
        return "```http\n" + "\n".join(head) + "\n```"
    shown = json.dumps(_shortened(answer.json()), ensure_ascii=False, indent=2)
    return "```http\n" + "\n".join(head) + "\n```\n\n```json\n" + shown + "\n```"


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        rest = len(value) - MOST
        more = [f"… 还有 {rest} 项 {rest} more"] if rest > 0 else []
        return [_shortened(one) for one in value[:MOST]] + more
    return value
