"""Everything that the public can reach from `/` by links, in whatever form it is answered."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

MOST: Final = 1500
FILES: Final = (
    "/feeds/tenders.atom",
    "/feeds/tenders.json",
    "/feeds/decisions.atom",
    "/feeds/decisions.json",
    "/feeds/overdue.atom",
    "/feeds/overdue.json",
    "/ocds/releases.json",
    "/open-data/records.csv",
    "/open-data/overdue.csv",
    "/api/disclosure/v1/records?limit=200",
    "/api/disclosure/v1/overdue",
    "/api/disclosure/v1/overdue/facts",
)
_LINKS: Final = re.compile(r'(?:href|src|action|url)\\?["\']?\s*[=:]\s*\\?["\']([^"\'\\<>]+)')
_ADDRESSES: Final = re.compile(r"https?://[^\s\"'<>\\,)]+")


def crawled(client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """Each address once with its answer, from `/` and the public files on, both languages.

    What is refused is answered too: a refusal says something as well.
    """
    site = str(client.base_url).rstrip("/")
    waiting = deque(["/", "/?lang=en", *FILES])
    seen = set(waiting)
    while waiting:
        assert len(seen) < MOST, "the public site has no end"
        path = waiting.popleft()
        answer = client.get(path)
        yield path, answer
        for link in [*_next(answer), *links(answer.text)]:
            to = urldefrag(urljoin(f"{site}{path}", link.replace("&amp;", "&"))).url
            parts = urlsplit(to)
            if not to.startswith(f"{site}/") or parts.path.startswith("/static/"):
                continue
            inside = to.removeprefix(site)
            if inside not in seen and "text=" not in parts.query:
                seen.add(inside)
                waiting.append(inside)


def links(text: str) -> list[str]:
    """The addresses in a page, a feed or JSON."""
    return [*_LINKS.findall(text), *_ADDRESSES.findall(text)]


def _next(answer: httpx.Response) -> list[str]:
    return [link["url"] for link in answer.links.values() if "url" in link]
