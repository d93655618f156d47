"""The identity application beside the services, and the door that it gives them. Composition only.

A demonstration on this machine has roles to choose; every other installation signs in, at its own
provider or at the built-in issuer. Must never leave a service with an actor where neither is set
up: then nobody is known.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
import structlog
from fastapi import FastAPI, Request
from pydantic import SecretStr

from libs.common.db.engine import Pool, pool, service_dsn
from libs.common.identity import demonstration, endpoints
from libs.common.identity.actor import Actor, Identify
from libs.common.identity.demonstration import Demonstration
from libs.common.identity.door import Clock, Door, real_time
from libs.common.identity.pages import Account, account_pages
from libs.common.identity.permissions import Viewer, installed_matrix, needing
from libs.common.identity.provider import Provider
from libs.common.identity.settings import IdentitySettings
from libs.common.web import app as web
from libs.common.web.errors import Unauthenticated
from sunlight.commands.failures import CouldNotRun
from sunlight.issuer import endpoints as issuer_endpoints
from sunlight.issuer import folder, signing_in
from sunlight.issuer.asked import Client
from sunlight.issuer.context import Issuer
from sunlight.issuer.minting import Mint
from sunlight.issuer.passwords import Passwords
from sunlight.issuer.standing import StandingTokens

SERVICE: Final = "identity"
FOLDER: Final = "SUNLIGHT_IDENTITY_FOLDER"
RECORDING: Final = "SUNLIGHT_RECORDING"
SECRET: Final = "SUNLIGHT_IDENTITY_SECRET"  # noqa: S105 - the variable's name
TEMPLATES: Final = Path(__file__).parent / "templates"
BODY_LIMIT: Final = 64 * 1024
USUAL: Final[Mapping[str, frozenset[str]]] = {
    "approval": frozenset({"clerk", "approver", "administrator"}),
    "trading": frozenset({"tenderer", "centre"}),
    "monitor": frozenset({"supervisor", "verifier"}),
}
NEEDS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "monitor": (
        ("/monitor/why", "clock.read"),
        ("/monitor/sources", "source.read"),
        ("/api/monitor/v1/clocks", "clock.read"),
        ("/api/monitor/v1/horizon", "clock.read"),
        ("/api/monitor/v1/reminders", "clock.read"),
        ("/", "finding.read"),
    ),
}
"""What an address of a service needs beside an actor; duties and rows are the service's own to ask
for.
"""
VIEWING: Final[Mapping[str, frozenset[str]]] = {
    "monitor": frozenset({"finding.read", "lead.read", "clock.read", "source.read"}),
}
"""What the viewer of a kept recording may do, whatever region and office its rows name."""
_TRUE: Final = frozenset({"1", "true", "yes", "on"})

log = structlog.get_logger(__name__)


def guard(apps: Mapping[str, FastAPI], env: Mapping[str, str]) -> FastAPI:
    """The identity application; while it is up the services of `apps` know who asks.

    To be served beside them at `/auth` and `/issuer`.
    """
    if any(env.get(f"{name.upper()}_DEMO", "").lower() in _TRUE for name in apps):
        return demonstrated(apps, env)
    if not (env.get(FOLDER) or env.get(SECRET)):
        log.warning("identity_not_set_up", variables=[FOLDER, SECRET])
        return web.create_app(SERVICE, title="身份 Identity", routers=[], shell=account_pages())
    settings, secrets = _settings(env)
    return signed_in(apps, settings, dsn=service_dsn(SERVICE, env), secrets=secrets)


def demonstrated(apps: Mapping[str, FastAPI], env: Mapping[str, str]) -> FastAPI:
    """No sign-in, but roles to choose: each service's own rule for the demonstration holds.

    Of a kept recording whoever has chosen no role sees every row.
    """
    recording = env.get(RECORDING, "").lower() in _TRUE
    office = {name: env.get(f"{name.upper()}_DEMO_OFFICE") for name in USUAL}
    approval, trading = (office[name] or "demo-office" for name in ("approval", "trading"))
    roles = ("clerk", "approver", "head", "developer")
    demo = Demonstration(
        installed_matrix(),
        env.get("APPROVAL_DEMO_REGION", "990100"),
        USUAL,
        {**dict.fromkeys(roles, approval), "tenderer": trading, "centre": trading},
    )
    shell = account_pages()
    app = web.create_app(
        SERVICE, title="身份 Identity", routers=[], pages=[demonstration.router], shell=shell
    )
    app.state.demonstration = demo
    for name, service in apps.items():
        if (usual := getattr(service.state, "identify", None)) is not None:
            identify = demo.identify(name, usual)
            if recording and name in VIEWING:
                identify = _viewing(demo, identify, VIEWING[name])
            service.state.identify = _needing(name, identify)
        service.state.account = demo.account
    return app


def signed_in(
    apps: Mapping[str, FastAPI],
    settings: IdentitySettings,
    *,
    dsn: str,
    secrets: Path | None,
    clock: Clock = real_time,
    passwords: Passwords | None = None,
) -> FastAPI:
    """Sign-in at the configured provider, or at the built-in issuer with the keys in `secrets`.

    Raises CouldNotRun where the built-in issuer has no folder for its keys.
    """
    if settings.built_in and secrets is None:
        raise CouldNotRun(
            f"内置身份服务需要存放密钥的文件夹:设置 {FOLDER},"
            "或用 SUNLIGHT_IDENTITY_ISSUER 指明身份提供方",
            f"the built-in issuer needs a folder for its keys: set {FOLDER}, or name a provider "
            "by SUNLIGHT_IDENTITY_ISSUER",
        )

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            # No connection is opened before one is needed: public pages do without.
            held = await stack.enter_async_context(await pool(dsn, SERVICE, min_size=0))
            transport = None
            if settings.built_in and secrets is not None:
                app.state.issuer = _issuer(settings, held, secrets, clock, passwords)
                transport = httpx.ASGITransport(app=app)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=transport))
            provider = Provider(settings, client)
            door = Door.of(settings, installed_matrix(), provider, held, clock)
            if settings.built_in:
                tokens = StandingTokens(settings, door.tokens.keys, held)
                door = dataclasses.replace(door, tokens=tokens)
            app.state.door = door
            _open(door, {SERVICE: app, **apps})
            yield

    issuing = [signing_in.router, issuer_endpoints.router] if settings.built_in else []
    app = web.create_app(
        SERVICE,
        title="身份 Identity",
        routers=[],
        pages=[endpoints.router, *issuing],
        shell=account_pages((TEMPLATES,)),
        lifespan=lifespan,
        body_limit=BODY_LIMIT,
    )
    for service in apps.values():
        service.add_exception_handler(Unauthenticated, endpoints.to_sign_in)
    return app


def _issuer(
    settings: IdentitySettings,
    held: Pool,
    secrets: Path,
    clock: Clock,
    passwords: Passwords | None,
) -> Issuer:
    url = settings.issuer_url
    return Issuer(
        url,
        Client(settings.client_id, settings.callback, f"{settings.url}/"),
        settings.audience,
        Mint(url, folder.signing_keys(secrets, now=clock())),
        held,
        passwords or Passwords(),
        account_pages((TEMPLATES,)),
        clock,
    )


def _settings(env: Mapping[str, str]) -> tuple[IdentitySettings, Path | None]:
    """The settings, and the folder of secrets where there is one; it may hold the cookies'."""
    secrets = Path(env[FOLDER]) if env.get(FOLDER) else None
    if env.get(SECRET) or secrets is None:
        return IdentitySettings(), secrets
    return IdentitySettings(secret=SecretStr(folder.cookie_secret(secrets))), secrets


def _needing(service: str, identify: Identify) -> Identify:
    return needing(identify, NEEDS[service]) if service in NEEDS else identify


def _viewing(demo: Demonstration, identify: Identify, may: frozenset[str]) -> Identify:
    """`identify`, but whoever has chosen no role views the recording."""

    async def acting(request: Request) -> Actor:
        actor = await identify(request)
        if demo.chosen(request) is not None:
            return actor
        return Viewer(actor.post, actor.office, actor.region, may)

    return acting


def _open(door: Door, apps: Mapping[str, FastAPI]) -> None:
    async def account(request: Request) -> Account | None:
        known = await door.known(request)
        return Account(known.post, door.csrf_token(request)) if known else None

    for name, service in apps.items():
        service.state.identify = _needing(name, door.identify(name))
        service.state.account = account
