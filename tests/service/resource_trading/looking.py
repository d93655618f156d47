"""Looking at the trading hall's pages, for its tests."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor, loopback_only
from libs.common.identity.permissions import RoleActor
from libs.common.law.fold import Fold
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from tests.service.city import move_to
from tests.service.desk import calling
from tests.service.resource_trading.conftest import STAFF, Hall
from tests.service.resource_trading.test_tender_life import OPENING

PAGES = Path(__file__).parents[3] / "services/resource_trading/pages"
LANGUAGES = ("zh", "en")
BIDDER = "91330100MA2AAAAA0A"


def in_region(
    office: str, *duties: str, post: str = "post-7", region: str = STAFF.region
) -> RoleActor:
    """A post whose permissions reach its whole region."""
    return RoleActor(post, office, region, frozenset(duties), frozenset(duties))


ONLOOKER = in_region("supervision-1", "tender.read", "lead.read")
RIVAL = in_region("tenderer-2", "tenderer", "tender.read", post="post-5")
READER = in_region("supervision-2", "tender.read")
FOREIGNER = Actor("post-6", STAFF.office, "990200", STAFF.duties)
WITHOUT = Actor("post-8", STAFF.office, STAFF.region, frozenset({"tenderer", "centre"}))


def tenderer(office: str) -> RoleActor:
    """A tenderer, whose permissions reach its own office alone."""
    held = frozenset({"tenderer", "tender.read"})
    return RoleActor("post-9", office, STAFF.region, held)


@asynccontextmanager
async def looking(dsn: str, law: Fold, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of `actor`."""
    app = create_app(
        Settings(dsn=dsn, pool_size=2), law=law, identify=loopback_only(actor, "127.0.0.1")
    )
    async with calling(app, "http://city.test") as client:
        client.headers["Accept"] = "text/html"
        yield client


def words(html: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def page(site: httpx.AsyncClient, address: str) -> str:
    """A page's markup."""
    answer = await site.get(address)
    assert answer.status_code == 200, (address, answer.text[:800])
    return answer.text


async def panel(site: httpx.AsyncClient, ref: str, name: str, language: str = "zh") -> str:
    """The words of one part of a tender's page."""
    html = await page(site, f"/trading/tenders/{ref}?lang={language}")
    found = re.search(rf'<section class="panel" id="{name}">.*?</section>', html, re.DOTALL)
    assert found, (name, html)
    return words(found[0])


async def tiles(site: httpx.AsyncClient, ref: str) -> dict[str, str]:
    """The stage bar: number of the stage → its words."""
    html = await page(site, f"/trading/tenders/{ref}?lang=zh")
    bar = html[html.index('role="list"') : html.index('id="facts"')]
    parts = [words(part) for part in bar.split('role="listitem">')[1:]]
    return {name: text for part in parts for _, name, text in [part.strip().split(" ", 2)]}


async def insert_bid(owner: Connection, ref: str) -> None:
    """A bid in the table, as it stands there only after the opening."""
    await owner.execute(
        "INSERT INTO bid (ref, bid_no, state, version, bidder, amount, marks, recorded_at, members)"
        " VALUES ($1, 'B-77', 'recorded', 2, $2, 777123456, '{}', city_now(), NULL)",
        ref,
        BIDDER,
    )


async def opened(hall: Hall, dsn: str, owner: Connection) -> str:
    ref = await hall.publish()
    await move_to(dsn, OPENING)
    await hall.done(ref, "open", bids=3)
    await insert_bid(owner, ref)
    return ref
