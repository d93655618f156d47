"""Speaking to a service as its callers do, over HTTP without a socket, and looking behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI

from libs.common.db.engine import Connection
from libs.common.events import Event, decode


class Desk:
    """Sends commands with the thing's ETag, and remembers it. `things`: `cases`, `tenders`."""

    things: str

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.tags: dict[str, str] = {}

    async def do(self, number: str, action: str, **body: Any) -> httpx.Response:
        """The answer to one command."""
        answer = await self.client.post(
            f"/{self.things}/{number}/{action}",
            json=body,
            headers={"If-Match": self.tags[number]},
        )
        if answer.is_success:
            self.tags[number] = answer.headers["ETag"]
        return answer

    async def done(self, number: str, action: str, **body: Any) -> dict[str, Any]:
        """The thing after a command that must succeed."""
        answer = await self.do(number, action, **body)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


@asynccontextmanager
async def calling(app: FastAPI, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the started service at `address`."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=address) as caller,
    ):
        yield caller


@asynccontextmanager
async def as_owner(dsn: str, service: str) -> AsyncIterator[Connection]:
    """The service's schema as the database's owner sees it."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": f"{service}, city"})
    yield connection
    await connection.close()


async def events_of(owner: Connection, subject: str) -> list[Event]:
    """What stands in the outbox for one subject, in order."""
    rows = await owner.fetch("SELECT value FROM outbox WHERE subject = $1 ORDER BY id", subject)
    return [decode(row["value"]) for row in rows]
