"""Feeds: Atom (RFC 4287) and JSON Feed 1.1, from one list of entries. Pure.

Ids are `urn:uuid:` of the record and never change; an address may.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree as Xml

import orjson

ATOM: Final = "http://www.w3.org/2005/Atom"
ATOM_TYPE: Final = "application/atom+xml; charset=utf-8"
JSON_TYPE: Final = "application/feed+json; charset=utf-8"
# Characters that no XML 1.0 document may hold, not even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `id` a URN, `url` absolute, times aware."""

    id: str
    url: str
    title: str
    text: str
    category: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; `url` is its own address and `home` the page it is about, both absolute."""

    id: str
    url: str
    home: str
    title: str
    author: str
    language: str
    updated: datetime
    entries: Sequence[Entry]


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document."""
    root = Xml.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", _instant(feed.updated))
    _text(Xml.SubElement(root, "author"), "name", feed.author)
    _link(root, "self", feed.url, "application/atom+xml")
    _link(root, "alternate", feed.home, "text/html")
    for item in feed.entries:
        _entry(Xml.SubElement(root, "entry"), item)
    document: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(entry: Xml.Element, item: Entry) -> None:
    _text(entry, "id", item.id)
    _text(entry, "title", item.title)
    _text(entry, "updated", _instant(item.updated))
    _text(entry, "published", _instant(item.published))
    _link(entry, "alternate", item.url, "text/html")
    Xml.SubElement(entry, "category", {"term": item.category})
    _text(entry, "content", item.text).set("type", "text")


def _text(parent: Xml.Element, name: str, value: str) -> Xml.Element:
    element = Xml.SubElement(parent, name)
    element.text = _FORBIDDEN.sub("", value)
    return element


def _link(parent: Xml.Element, relation: str, href: str, media: str) -> None:
    Xml.SubElement(parent, "link", {"rel": relation, "href": href, "type": media})


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
    body: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "content_text": item.text,
                "date_published": _instant(item.published),
                "date_modified": _instant(item.updated),
                "tags": [item.category],
            }
            for item in feed.entries
        ],
    }
    return orjson.dumps(body)
