"""The disclosure service on a real PostgreSQL: events go in as batches, answers come over HTTP.

The city's clock begins on Monday, 2 March 2026, 09:00 in Shanghai.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from libs.common.bus.batch import Application, Number, PoisonedError, Tally, read_batch
from libs.common.bus.protocol import Incoming, partition_of
from libs.common.bus.subjects import acquired
from libs.common.db import migrations
from libs.common.db.city_clock import create_city_clock
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import Connection, pool
from libs.common.events import Event, decode, encode, owner
from services.disclosure.app import create_app
from services.disclosure.law import public_deadlines
from services.disclosure.record.handlers import RecordHandler
from services.disclosure.settings import Settings
from tests.databases import fresh_database, run_apart
from tests.unit.disclosure.events import AT

SITE = "http://city.test"
RULES = Path(__file__).parents[3] / "rules"
HANDLER = RecordHandler(public_deadlines(RULES), ZoneInfo("Asia/Shanghai"), "990100")


async def prepare(dsn: str) -> None:
    """Migrate an empty database and start its city's clock."""
    connection = await asyncpg.connect(dsn)
    await create_city_clock(connection, AT)
    await connection.close()
    await migrations.upgrade(dsn, "disclosure")


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


@pytest.fixture(scope="session")
def disclosure_template(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A migrated database to copy."""
    with fresh_database(postgres) as dsn:
        run_apart(prepare(dsn))
        yield urlsplit(dsn).path.removeprefix("/")


@pytest.fixture
def dsn(postgres: EmbeddedPostgres, disclosure_template: str) -> Iterator[str]:
    """The owner's DSN of a fresh city."""
    with fresh_database(postgres, disclosure_template) as copy:
        yield copy


@pytest.fixture
def stream(dsn: str) -> Stream:
    """What the worker consumes."""
    return Stream(dsn)


@pytest.fixture
async def public(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """Anyone who reads the site."""
    app = create_app(Settings(dsn=dsn, pool_size=2))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=SITE) as reader,
    ):
        yield reader


@pytest.fixture
async def owner_connection(dsn: str) -> AsyncIterator[Connection]:
    """The database as its owner sees it."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "disclosure, city"})
    yield connection
    await connection.close()


async def told(connection: Connection, subject: str) -> list[Event]:
    """What stands in the outbox for one subject, in order."""
    rows = await connection.fetch(
        "SELECT value FROM outbox WHERE subject = $1 ORDER BY id", subject
    )
    return [decode(row["value"]) for row in rows]
