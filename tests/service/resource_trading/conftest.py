"""The trading service on a real PostgreSQL, spoken to over HTTP without a socket."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection
from libs.common.events import Event, decode
from libs.common.law.fold import Fold
from services.resource_trading.actor import Actor, loopback_only
from services.resource_trading.app import create_app
from services.resource_trading.rulebook import load_law
from services.resource_trading.settings import Settings
from tests.databases import fresh_database
from tests.service.approval.city import RULES, migrated_city

STAFF = Actor("post-3", "centre-1", "990100", frozenset({"tenderer", "centre"}))
WORKS: dict[str, Any] = {
    "kind": "works",
    "mandatory": True,
    "documents_from": "2026-03-02T09:00:00+08:00",
    "documents_until": "2026-03-09T17:00:00+08:00",
    "bid_deadline": "2026-03-23T10:00:00+08:00",
}
PUBLICITY: dict[str, Any] = {
    "publicity_from": "2026-03-24T09:00:00+08:00",
    "publicity_until": "2026-03-27T17:30:00+08:00",
    "candidates": [
        {"rank_no": 1, "party": "P-1", "price": 10_000_000_00},
        {"rank_no": 2, "party": "P-2", "price": 10_500_000_00},
    ],
}


class Hall:
    """A trading hall: sends commands with the tender's ETag, and remembers it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.tags: dict[str, str] = {}

    async def publish(self, ref: str = "T-2026-1", **body: Any) -> str:
        """The address of a new tender."""
        answer = await self.tried(ref, **body)
        assert answer.status_code == 201, answer.text
        self.tags[ref] = answer.headers["ETag"]
        return ref

    async def tried(self, ref: str = "T-2026-1", **body: Any) -> httpx.Response:
        """The answer to a publication."""
        number, _, lot = ref.partition("~")
        named = {"tender_no": number, "lot": lot or None}
        return await self.client.post("/tenders", json={**WORKS, **named, **body})

    async def do(self, ref: str, action: str, **body: Any) -> httpx.Response:
        """The answer to one command."""
        answer = await self.client.post(
            f"/tenders/{ref}/{action}", json=body, headers={"If-Match": self.tags[ref]}
        )
        if answer.is_success:
            self.tags[ref] = answer.headers["ETag"]
        return answer

    async def done(self, ref: str, action: str, **body: Any) -> dict[str, Any]:
        """The tender after a command that must succeed."""
        answer = await self.do(ref, action, **body)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


@pytest.fixture(scope="session")
def law() -> Fold:
    """The shipped law."""
    return load_law(RULES, ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def trading_template(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A migrated database to copy."""
    with migrated_city(postgres, "trading") as name:
        yield name


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, trading_template: str) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, trading_template) as copy:
        yield copy


@pytest.fixture
async def client(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service, acting as STAFF."""
    app = create_app(
        Settings(dsn=dsn, pool_size=4), law=law, identify=loopback_only(STAFF, "127.0.0.1")
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    address = "http://city.test/api/trading/v1"
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=address) as caller,
    ):
        yield caller


@pytest.fixture
def hall(client: httpx.AsyncClient) -> Hall:
    """A hall of STAFF's centre."""
    return Hall(client)


@pytest.fixture
async def owner(dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "trading, city"})
    yield connection
    await connection.close()


async def events_of(owner: Connection, subject: str) -> list[Event]:
    """What stands in the outbox for one subject, in order."""
    rows = await owner.fetch("SELECT value FROM outbox WHERE subject = $1 ORDER BY id", subject)
    return [decode(row["value"]) for row in rows]
