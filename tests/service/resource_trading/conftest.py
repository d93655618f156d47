"""The trading service on a real PostgreSQL, spoken to over HTTP without a socket."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection
from libs.common.identity.actor import loopback_only
from libs.common.identity.permissions import RoleActor
from libs.common.law.fold import Fold
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from tests.databases import fresh_database
from tests.service import desk as shared
from tests.service.desk import as_owner, calling

STAFF = RoleActor(
    "post-3",
    "centre-1",
    "990100",
    frozenset({"tenderer", "centre", "tender.read"}),
    wide=frozenset({"centre", "tender.read"}),
)
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


class Hall(shared.Desk):
    """A trading hall: sends commands with the tender's ETag, and remembers it."""

    things = "tenders"

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


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, migrated: Callable[[str], str]) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, migrated("trading")) as copy:
        yield copy


@pytest.fixture
async def client(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service, acting as STAFF."""
    app = create_app(
        Settings(dsn=dsn, pool_size=4), law=law, identify=loopback_only(STAFF, "127.0.0.1")
    )
    async with calling(app, "http://city.test/api/trading/v1") as caller:
        yield caller


@pytest.fixture
def hall(client: httpx.AsyncClient) -> Hall:
    """A hall of STAFF's centre."""
    return Hall(client)


@pytest.fixture
async def owner(dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it."""
    async with as_owner(dsn, "trading") as connection:
        yield connection


@pytest.fixture
async def site(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the centre's own staff."""
    from tests.service.resource_trading.looking import looking

    async with looking(dsn, law, STAFF) as client:
        yield client
