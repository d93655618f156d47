"""An HTTP client that talks to an application in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.types import ASGIApp


@asynccontextmanager
async def client_of(app: ASGIApp, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client for `app`; an error that leaves the application reaches the test."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://city.test", headers=headers
    ) as client:
        yield client
