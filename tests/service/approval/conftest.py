"""The approval service on a real PostgreSQL, spoken to over HTTP without a socket."""

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
from services.approval.actor import Actor, loopback_only
from services.approval.app import create_app
from services.approval.rulebook import load_law
from services.approval.settings import Settings
from tests.databases import fresh_database
from tests.service.approval.city import RULES, migrated_city

CLERK = Actor("post-7", "office-1", "990100", frozenset({"window", "approver"}))
LICENCE: dict[str, Any] = {"item_code": "A-1", "item_type": "行政许可"}


class Desk:
    """A window: sends commands with the case's ETag, and remembers it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.tags: dict[str, str] = {}

    async def receive(self, **body: Any) -> str:
        """The number of a new case."""
        answer = await self.client.post("/cases", json={**LICENCE, **body})
        assert answer.status_code == 201, answer.text
        case_no: str = answer.json()["case_no"]
        self.tags[case_no] = answer.headers["ETag"]
        return case_no

    async def do(self, case_no: str, action: str, **body: Any) -> httpx.Response:
        """The answer to one command."""
        answer = await self.client.post(
            f"/cases/{case_no}/{action}", json=body, headers={"If-Match": self.tags[case_no]}
        )
        if answer.is_success:
            self.tags[case_no] = answer.headers["ETag"]
        return answer

    async def done(self, case_no: str, action: str, **body: Any) -> dict[str, Any]:
        """The case after a command that must succeed."""
        answer = await self.do(case_no, action, **body)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


@pytest.fixture(scope="session")
def law() -> Fold:
    """The shipped law."""
    return load_law(RULES, ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def approval_template(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A migrated database to copy."""
    with migrated_city(postgres, "approval") as name:
        yield name


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, approval_template: str) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, approval_template) as copy:
        yield copy


@pytest.fixture
async def client(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service, acting as CLERK."""
    app = create_app(
        Settings(dsn=dsn, pool_size=4), law=law, identify=loopback_only(CLERK, "127.0.0.1")
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    address = "http://city.test/api/approval/v1"
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=address) as caller,
    ):
        yield caller


@pytest.fixture
def desk(client: httpx.AsyncClient) -> Desk:
    """A window of CLERK's office."""
    return Desk(client)


@pytest.fixture
async def owner(dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "approval, city"})
    yield connection
    await connection.close()


async def events_of(owner: Connection, subject: str) -> list[Event]:
    """What stands in the outbox for one subject, in order."""
    rows = await owner.fetch("SELECT value FROM outbox WHERE subject = $1 ORDER BY id", subject)
    return [decode(row["value"]) for row in rows]
