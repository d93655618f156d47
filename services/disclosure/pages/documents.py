"""Feeds and open data: the same records and counts for programs.

Their language is `?lang=` alone, Chinese without it: a subscription must not change its words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Request, Response

from libs.common.events import recorded_id
from libs.common.web.errors import NotFound
from libs.common.web.language import Language
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.disclosure.overdue import repository as overdue
from services.disclosure.overdue.repository import OfficeCount
from services.disclosure.pages.site import (
    KINDS,
    TENDER_KINDS,
    address_of,
    settings_of,
    shell_of,
    wording,
)
from services.disclosure.public import KeptRoute
from services.disclosure.record import feeds, open_data, repository
from services.disclosure.record.endpoints import Office, after_key, last_key
from services.disclosure.record.feeds import Entry, Feed
from services.disclosure.record.model import Record
from services.disclosure.record.wording import Wording

ENTRIES: Final = 100
ROWS: Final = 10_000
MONTHS: Final = 10_000
READ: Final = ["GET", "HEAD"]
FEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "tenders": TENDER_KINDS,
    "decisions": ("decision",),
    "overdue": (),
}
_FORMATS: Final[Mapping[str, tuple[Callable[[Feed], bytes], str]]] = {
    "atom": (feeds.atom, feeds.ATOM_TYPE),
    "json": (feeds.json_feed, feeds.JSON_TYPE),
}
router = APIRouter(route_class=KeptRoute)


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which feed is asked for, in which form and language."""

    name: str
    format: str
    language: Language
    request: Request

    def urn(self, position: str) -> str:
        """A permanent id of this installation."""
        source = f"/{settings_of(self.request).region}/disclosure"
        return f"urn:uuid:{recorded_id(source, f'feeds/{self.name}', position)}"

    def feed(self, entries: list[Entry], now: datetime) -> Feed:
        """The feed with its entries; an empty one counts as changed at midnight."""
        site, words = address_of(self.request), wording(self.request, self.language)
        chosen = "?lang=en" if self.language == "en" else ""
        midnight = now.astimezone(settings_of(self.request).zone_info).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        return Feed(
            id=self.urn("feed"),
            url=f"{site}/feeds/{self.name}.{self.format}{chosen}",
            home=f"{site}/{chosen}",
            title=f"{words.text(f'feed.{self.name}')} · {words.text('platform')}",
            author=words.text("platform"),
            language="zh-CN" if self.language == "zh" else "en",
            updated=max((entry.updated for entry in entries), default=midnight),
            entries=entries,
        )


def subscription(request: Request, file: str, lang: Literal["zh", "en"] = "zh") -> Subscription:
    """The feed of the address `/feeds/{name}.{format}`; raises NotFound for any other."""
    name, _, form = file.rpartition(".")
    if name not in FEEDS or form not in _FORMATS:
        raise NotFound
    return Subscription(name, form, lang, request)


@router.api_route("/feeds/{file}", methods=READ)
async def feed(asked: Annotated[Subscription, Depends(subscription)], session: Session) -> Response:
    """The newest entries of a feed."""
    words, site = wording(asked.request, asked.language), address_of(asked.request)
    if kinds := FEEDS[asked.name]:
        records = await repository.page(session, kinds=kinds, limit=ENTRIES)
        records += await repository.tombstones(session, kinds=kinds, limit=ENTRIES)
        entries = [_of_record(record, words, site) for record in records]
        entries = sorted(entries, key=lambda entry: entry.updated, reverse=True)[:ENTRIES]
    else:
        counts = await overdue.by_month(session, ENTRIES)
        entries = [
            _of_count(count, count.changed_at, asked, words, site)
            for count in counts
            if count.changed_at is not None
        ]
    write, media = _FORMATS[asked.format]
    body = write(asked.feed(entries, await repository.now(session)))
    return Response(body, media_type=media)


def _of_record(record: Record, words: Wording, site: str) -> Entry:
    withdrawn = record.withdrawn_at is not None
    lines = words.tombstone(record) if withdrawn else words.lines(record)
    return Entry(
        id=f"urn:uuid:{record.id}",
        url=f"{site}/records/{record.id}",
        title=words.text("tombstone.title") if withdrawn else words.title(record),
        text="\n".join(f"{label}: {value}" for label, value in lines),
        category=record.kind,
        published=record.published_at,
        updated=record.withdrawn_at or record.published_at,
    )


def _of_count(
    count: OfficeCount, changed_at: datetime, asked: Subscription, words: Wording, site: str
) -> Entry:
    place = f"{count.matter}/{count.region}/{count.office}/{count.month:%Y-%m}"
    return Entry(
        id=asked.urn(place),
        url=f"{site}/#overdue",
        title=words.overdue_title(count),
        text=words.overdue_text(count),
        category="overdue",
        published=changed_at,
        updated=changed_at,
    )


@router.api_route("/open-data/records.csv", methods=READ)
async def records_csv(
    request: Request,
    session: Session,
    asked: Page,
    kind: Literal["tender_notice", "candidates", "award", "contract", "decision"] | None = None,
    office: Office = None,
) -> Response:
    """Up to `ROWS` records, newest first; `Link: rel="next"` leads to older ones."""
    found = await repository.page(
        session,
        kinds=[kind] if kind else KINDS,
        office=office,
        after=after_key(asked.after),
        limit=ROWS + 1,
    )
    shown = found[:ROWS]
    body = open_data.records_csv(shown, address_of(request), shell_of(request).names)
    answer = Response(body, media_type=open_data.CSV_TYPE)
    if len(found) > ROWS:
        link_next(request, answer, *last_key(shown[-1]))
    return answer


@router.api_route("/open-data/overdue.csv", methods=READ)
async def overdue_csv(request: Request, session: Session) -> Response:
    """Overdue counts by office and month, last changed first."""
    counts = await overdue.by_month(session, MONTHS)
    body = open_data.overdue_csv(counts, shell_of(request).names)
    return Response(body, media_type=open_data.CSV_TYPE)
