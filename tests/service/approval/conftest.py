"""The approval service on a real PostgreSQL, spoken to over HTTP without a socket."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.databases import fresh_database
from tests.service import desk as shared
from tests.service.desk import as_owner, calling

if TYPE_CHECKING:
    from tests.service.approval.browser import Browser

READING = frozenset({"case.read", "item.read"})
CLERK = Actor("post-7", "office-1", "990100", frozenset({"window", "approver"}) | READING)
KEY = "a key of these tests, 32 signs long"
LICENCE: dict[str, Any] = {"item_code": "A-1", "item_type": "行政许可"}


class Desk(shared.Desk):
    """A window: sends commands with the case's ETag, and remembers it."""

    things = "cases"

    async def receive(self, **body: Any) -> str:
        """The number of a new case."""
        answer = await self.client.post("/cases", json={**LICENCE, **body})
        assert answer.status_code == 201, answer.text
        case_no: str = answer.json()["case_no"]
        self.tags[case_no] = answer.headers["ETag"]
        return case_no


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, migrated: Callable[[str], str]) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, migrated("approval")) as copy:
        yield copy


@pytest.fixture
async def client(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service, acting as CLERK."""
    app = create_app(
        Settings(dsn=dsn, pool_size=4, applicant_key=KEY),
        law=law,
        identify=loopback_only(CLERK, "127.0.0.1"),
    )
    async with calling(app, "http://city.test/api/approval/v1") as caller:
        yield caller


@pytest.fixture
def desk(client: httpx.AsyncClient) -> Desk:
    """A window of CLERK's office."""
    return Desk(client)


@pytest.fixture
async def browser(dsn: str, law: Fold) -> AsyncIterator["Browser"]:
    """A browser at the window of CLERK's office."""
    from tests.service.approval.browser import Browser

    made = Browser(dsn, law)
    async with calling(made.app, "http://city.test") as caller:
        made.client = caller
        yield made


@pytest.fixture
async def owner(dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it."""
    async with as_owner(dsn, "approval") as connection:
        yield connection
