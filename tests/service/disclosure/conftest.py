"""The disclosure service on a real PostgreSQL: events go in as batches, answers come over HTTP.

The city's clock begins on Monday, 2 March 2026, 09:00 in Shanghai.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx
import pytest

from libs.common.bus.batch import Tally
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection
from libs.common.events import Event
from services.disclosure.app import create_app
from services.disclosure.law import public_deadlines
from services.disclosure.record.handlers import RecordHandler
from services.disclosure.settings import Settings
from tests.databases import fresh_database
from tests.service.city import RULES
from tests.service.consuming import consume
from tests.service.desk import as_owner, calling

SITE = "http://city.test"
HANDLER = RecordHandler(public_deadlines(RULES), ZoneInfo("Asia/Shanghai"), "990100")


@dataclass
class Stream:
    """A stream of events into one database."""

    dsn: str

    async def send(self, *events: Event) -> Tally:
        """Apply the events as one batch; what became of them."""
        return await consume(self.dsn, "disclosure", HANDLER, events)


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, migrated: Callable[[str], str]) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, migrated("disclosure")) as copy:
        yield copy


@pytest.fixture
def stream(dsn: str) -> Stream:
    """What the worker consumes."""
    return Stream(dsn)


@pytest.fixture
async def public(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """Anyone who reads the site."""
    app = create_app(Settings(dsn=dsn, pool_size=2, fresh_seconds=0))
    async with calling(app, SITE) as reader:
        yield reader


@pytest.fixture
async def owner_connection(dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it."""
    async with as_owner(dsn, "disclosure") as connection:
        yield connection
