"""Feeds hold what their standards require, whatever the text in them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element, fromstring

import orjson

from services.disclosure.record.feeds import Entry, Feed, atom, json_feed

NS = "{http://www.w3.org/2005/Atom}"
AT = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=8)))
ENTRY = Entry(
    id="urn:uuid:1c8a8e2e-6c1e-5a53-9d3b-0c6f0a7b7c11",
    url="https://city.test/records/1",
    title="招标公告 <T&1>",
    text="标段: \x0b1",
    category="tender_notice",
    published=AT,
    updated=AT,
)
FEED = Feed(
    id="urn:uuid:5b0c9d52-1df3-5c1b-8ee9-4b3b5e2f7a10",
    url="https://city.test/feeds/tenders.atom",
    home="https://city.test/",
    title="招标",
    author="阳光平台",
    language="zh-CN",
    updated=AT,
    entries=[ENTRY],
)


def parsed(feed: Feed) -> Element:
    return fromstring(atom(feed))  # noqa: S314 - our own document


def test_text_that_xml_may_not_hold_leaves_the_feed_well_formed() -> None:
    root = parsed(FEED)
    assert root.findtext(f"{NS}entry/{NS}title") == "招标公告 <T&1>"
    assert root.findtext(f"{NS}entry/{NS}content") == "标段: 1"


def test_times_are_said_in_utc() -> None:
    root = parsed(FEED)
    assert root.findtext(f"{NS}updated") == "2026-03-02T01:00:00Z"


def test_a_feed_without_entries_is_complete() -> None:
    empty = replace(FEED, entries=[], updated=datetime(2026, 3, 2, tzinfo=UTC))
    root = parsed(empty)
    assert [root.find(f"{NS}{name}") is not None for name in ("id", "title", "updated")] == [
        True
    ] * 3


def test_json_feed_has_what_version_one_one_requires() -> None:
    body = orjson.loads(json_feed(FEED))
    assert body["version"] == "https://jsonfeed.org/version/1.1"
    assert body["title"]
    assert body["items"][0]["id"] == ENTRY.id
    assert body["items"][0]["content_text"]
