"""The same over real sockets: one platform signs in at another's issuer, as at any provider."""

import asyncio
import contextlib
import dataclasses
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from sunlight.issuer.asked import Client
from tests.service.identity.site import (
    CLERK,
    Site,
    csrf_token,
    fields,
    running,
    settings,
    submit,
)


def held_socket() -> tuple[socket.socket, str]:
    held = socket.create_server(("127.0.0.1", 0))
    return held, f"http://127.0.0.1:{held.getsockname()[1]}"


@contextlib.asynccontextmanager
async def served(app: ASGIApp, held: socket.socket) -> AsyncIterator[None]:
    """Served until the block ends."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([held]))
    while not server.started:  # noqa: ASYNC110 - the server has no event for it
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def two_platforms(dsn: str, secrets: Path) -> AsyncIterator[tuple[Site, Site, socket.socket]]:
    """A platform with accounts, and one that has the first as its provider (not yet served)."""
    provider_socket, provider_url = held_socket()
    own_socket, own_url = held_socket()
    chosen = settings(url=own_url, issuer=f"{provider_url}/issuer")
    async with (
        running(dsn, secrets, chosen=settings(url=provider_url)) as provider,
        running(dsn, secrets, chosen=chosen) as own,
    ):
        state = provider.identity.state
        client = Client("sunlight", f"{own_url}/auth/callback", f"{own_url}/")
        state.issuer = dataclasses.replace(state.issuer, client=client)
        await provider.add("li", CLERK)
        async with served(own.app, own_socket):
            yield provider, own, provider_socket


async def test_the_whole_way_in_and_out_at_a_provider_elsewhere(
    identity_database: str, secrets: Path
) -> None:
    async with (
        two_platforms(identity_database, secrets) as (provider, own, held),
        served(provider.app, held),
        httpx.AsyncClient(headers={"accept": "text/html"}) as browser,
    ):
        url = own.settings.url
        page = await browser.get(f"{url}/whoami", follow_redirects=True)
        assert str(page.url).startswith(provider.settings.url)
        browser.base_url = httpx.URL(provider.settings.url)
        browser.headers["sec-fetch-site"] = "same-origin"
        granted = await submit(browser, fields(page.text))
        back = await browser.get(granted.headers["location"])
        assert back.headers["location"] == "/whoami"
        assert (await browser.get(f"{url}/whoami")).json()["post"] == "window-1"
        sent = {"csrf_token": await csrf_token(own, browser)}
        out = await browser.post(f"{url}/auth/logout", data=sent)
        # A form's redirect to another host is what `form-action 'self'` stops: a page leads on.
        assert out.status_code == 200
        assert f'content="0;url={provider.settings.url}/issuer/end?' in out.text
        assert (await browser.get(f"{url}/whoami")).status_code == 303


async def test_while_the_provider_is_away_the_sign_in_says_so(
    identity_database: str, secrets: Path
) -> None:
    async with (
        two_platforms(identity_database, secrets) as (_, own, held),
        httpx.AsyncClient() as browser,
    ):
        held.close()
        answer = await browser.get(f"{own.settings.url}/auth/login")
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer_away")
        assert answer.headers["content-type"] == "application/problem+json"
        page = await browser.get(f"{own.settings.url}/auth/login", headers={"accept": "text/html"})
        assert page.status_code == 503
        assert page.headers["content-type"].startswith("text/html")
