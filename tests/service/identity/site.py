"""A platform in miniature: a service with guarded addresses, and the identity application beside.

The built-in issuer's accounts are real rows with real hashes; only their cost is lowered.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
from argon2 import PasswordHasher
from fastapi import APIRouter, Depends, FastAPI, Form, Request
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.common.db.engine import connect
from libs.common.identity.actor import Acting
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope as RowScope
from libs.common.identity.settings import IdentitySettings
from libs.common.web import app as web
from libs.common.web.shell import Shell
from sunlight.issuer import accounts
from sunlight.issuer.accounts import Post
from sunlight.issuer.app import signed_in
from sunlight.issuer.passwords import Passwords

URL = "http://127.0.0.1:8123"
PASSWORD = "correct horse battery"  # noqa: S105
CLERK = Post("window-1", "office-1", "990102", ("clerk",))
SUPERVISOR = Post("supervisor-1", "supervision", "990100", ("supervisor",))
router = APIRouter()


@router.get("/clocks")
@router.get("/whoami")
async def whoami(actor: Acting) -> dict[str, Any]:
    return {"post": actor.post, "office": actor.office, "duties": sorted(actor.duties)}


@router.post("/change")
async def change(actor: Acting, what: Annotated[str, Form()] = "") -> dict[str, str]:
    return {"by": actor.post, "what": what}


@router.post("/change-json")
async def change_json(actor: Acting, body: dict[str, str]) -> dict[str, str]:
    return {"by": actor.post, **body}


@router.get("/findings")
async def findings(
    within: Annotated[RowScope, Depends(permitted("finding.read"))],
) -> dict[str, str | None]:
    return {"prefix": within.prefix, "office": within.office}


@dataclass
class Clock:
    """Real time that a test may move on."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def settings(**changes: Any) -> IdentitySettings:
    """Settings of a platform on loopback with the built-in issuer."""
    return IdentitySettings(**{"url": URL, "secret": SecretStr("s" * 40), **changes})


def cheap_passwords() -> Passwords:
    """Argon2id at its lowest cost."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def service(name: str) -> FastAPI:
    """A service with guarded addresses under its API prefix and as pages."""
    return web.create_app(name, title=name, routers=[router], pages=[router], shell=shell())


@cache
def shell() -> Shell:
    """The pages' shell: reading its texts takes longer than a test."""
    return Shell("approval")


@dataclass
class Site:
    """The running platform."""

    app: ASGIApp
    identity: FastAPI
    settings: IdentitySettings
    dsn: str
    clock: Clock = field(default_factory=Clock)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A browser of its own: keeps cookies, follows no redirect by itself."""
        sent = {"accept": "text/html", "sec-fetch-site": "same-origin", **headers}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=self.settings.url,
            headers=sent,
        )

    async def add(self, login: str, *posts: Post, password: str = PASSWORD) -> None:
        """An account of the built-in issuer."""
        hashed = await cheap_passwords().hash(password)
        connection = await connect(self.dsn, "identity")
        try:
            await accounts.add(
                connection,
                account=uuid4(),
                login=login,
                password=hashed,
                held=posts,
                now=self.clock(),
            )
        finally:
            await connection.close()

    async def fetch(self, sql: str) -> list[Any]:
        """Rows of the schema `identity`."""
        connection = await connect(self.dsn, "identity")
        try:
            return list(await connection.fetch(sql))
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def running(
    dsn: str, secrets: Path, *, chosen: IdentitySettings | None = None, clock: Clock | None = None
) -> AsyncIterator[Site]:
    """The platform, up while the block runs."""
    chosen, clock = chosen or settings(), clock or Clock()
    apps = {name: service(name) for name in ("approval", "monitor")}
    identity = signed_in(
        apps, chosen, dsn=dsn, secrets=secrets, clock=clock, passwords=cheap_passwords()
    )

    async def together(scope: Scope, receive: Receive, send: Send) -> None:
        part = next((n for n in apps if scope["path"].startswith(f"/api/{n}/")), "approval")
        mine = scope["path"].startswith(("/auth", "/issuer"))
        await (identity if mine else apps[part])(scope, receive, send)

    async with identity.router.lifespan_context(identity):
        yield Site(together, identity, chosen, dsn, clock)


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: value.replace("&amp;", "&") for name, value in found}


async def begin(browser: httpx.AsyncClient, next_path: str = "/whoami") -> dict[str, str]:
    """As far as the sign-in page; the fields of its form."""
    start = await browser.get("/auth/login", params={"next": next_path})
    assert start.status_code == 303, start.text
    page = await browser.get(start.headers["location"])
    assert page.status_code == 200, page.text
    return fields(page.text)


async def submit(
    browser: httpx.AsyncClient,
    form: Mapping[str, str],
    login: str = "li",
    password: str = PASSWORD,
) -> httpx.Response:
    """Hand in the sign-in page's form."""
    return await browser.post(
        "/issuer/authorize", data={**form, "login": login, "password": password}
    )


async def sign_in(
    browser: httpx.AsyncClient, login: str = "li", next_path: str = "/whoami"
) -> httpx.Response:
    """The whole way; the answer to the callback."""
    granted = await submit(browser, await begin(browser, next_path), login)
    assert granted.status_code == 303, granted.text
    return await browser.get(granted.headers["location"])


async def csrf_token(site: Site, browser: httpx.AsyncClient) -> str:
    """What a page of this browser's session would carry in its forms."""
    cookie = next(c for c in browser.cookies.jar if "session" in c.name)
    request = Request(
        {"type": "http", "headers": [(b"cookie", f"{cookie.name}={cookie.value}".encode())]}
    )
    token: str = site.identity.state.door.csrf_token(request)
    return token
