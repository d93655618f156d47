"""The disclosure service on a real PostgreSQL: events go in as batches, answers come over HTTP.

The city's clock begins on Monday, 2 March 2026, 09:00 in Shanghai.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import httpx
import pytest

from libs.common.bus.batch import Application, Number, PoisonedError, Tally, read_batch
from libs.common.bus.protocol import Incoming, partition_of
from libs.common.bus.subjects import acquired
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection, pool
from libs.common.events import Event, encode, owner
from services.disclosure.app import create_app
from services.disclosure.law import public_deadlines
from services.disclosure.record.handlers import RecordHandler
from services.disclosure.settings import Settings
from tests.databases import fresh_database
from tests.service.city import RULES
from tests.service.desk import as_owner, calling

SITE = "http://city.test"
HANDLER = RecordHandler(public_deadlines(RULES), ZoneInfo("Asia/Shanghai"), "990100")


async def consume(dsn: str, events: Sequence[Event]) -> Tally:
    """Apply one batch as the worker does."""
    records = [
        Incoming(owner(event.type), partition_of(event.subject), n, event.subject, encode(event))
        for n, event in enumerate(events)
    ]
    poison: dict[Number, str] = {}
    connections = await pool(dsn, "disclosure", max_size=1)
    try:
        while True:
            try:
                async with acquired(connections) as connection, connection.transaction():
                    application = Application(HANDLER.begin({}), poison)
                    return await application.run(connection, read_batch(records))
            except PoisonedError as error:
                poison[error.number] = error.told
    finally:
        await connections.close()


@dataclass
class Stream:
    """A stream of events into one database."""

    dsn: str

    async def send(self, *events: Event) -> Tally:
        """Apply the events as one batch; what became of them."""
        return await consume(self.dsn, events)


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
