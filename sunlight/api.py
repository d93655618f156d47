"""The API process: the applications of one or all services behind one socket.

Composition only. Each application keeps its own addresses; where several run together a request
goes by its path, and what belongs to no service goes to the public site.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from libs.common.web.app import Readiness, health_router
from sunlight.commands.failures import CouldNotRun
from sunlight.demo.app import demonstrated
from sunlight.issuer.app import guard
from sunlight.telemetry import telemetry
from sunlight.waiting import databases

GRACE_SECONDS: Final = 3
"""How long open answers may take after SIGTERM: event streams never end by themselves."""
BACKLOG: Final = 512
PAGES: Final[Mapping[str, str]] = {
    "/window": "approval",
    "/cases": "approval",
    "/trading": "trading",
    "/monitor": "monitor",
    "/auth": "identity",
    "/issuer": "identity",
    "/demo": "demo",
}
PUBLIC: Final = "disclosure"
HEALTH: Final = frozenset({"/livez", "/readyz", "/metrics"})


def _approval() -> FastAPI:
    from services.approval.app import create_app
    from services.approval.settings import Settings

    return create_app(Settings())


def _trading() -> FastAPI:
    from services.resource_trading.app import create_app
    from services.resource_trading.settings import Settings
    from sunlight.importing.tenders import read_records

    return create_app(Settings(), reader=read_records)


def _monitor() -> FastAPI:
    from services.e_monitor.app import create_app
    from services.e_monitor.settings import Settings

    return create_app(Settings())


def _disclosure() -> FastAPI:
    from services.disclosure.app import create_app
    from services.disclosure.settings import Settings

    return create_app(Settings())


APPLICATIONS: Final[Mapping[str, Callable[[], FastAPI]]] = {
    "approval": _approval,
    "trading": _trading,
    "monitor": _monitor,
    "disclosure": _disclosure,
}


class Together:
    """Several applications as one: dispatches by path and starts and ends them all."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self.apps = apps
        self.health = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        self.health.include_router(health_router(_all_ready(apps)))
        # The server's lifespan protocol, answered by a plain application.
        self.lifespan = FastAPI(lifespan=self._lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._chosen(scope)(scope, receive, send)

    def _chosen(self, scope: Scope) -> ASGIApp:
        if scope["type"] == "lifespan":
            return self.lifespan
        if scope["path"] in HEALTH:
            return self.health
        return self.apps[service_of(scope["path"], self.apps)]

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for app in self.apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield


def service_of(path: str, running: Mapping[str, object]) -> str:
    """The service that answers `path`, among those running; the public site for the rest."""
    parts = path.split("/", 3)
    if parts[1] == "api" and len(parts) > 2 and parts[2] in running:
        return parts[2]
    service = PAGES.get(f"/{parts[1]}", PUBLIC)
    if service in running:
        return service
    return PUBLIC if PUBLIC in running else next(iter(running))


def _all_ready(apps: Mapping[str, FastAPI]) -> Readiness:
    async def missing() -> list[str]:
        found = []
        for name, app in apps.items():
            readiness: Readiness = app.state.readiness
            found += [f"{name}: {what}" for what in await readiness()]
        return found

    return missing


def compose(services: Sequence[str]) -> ASGIApp:
    """The application of one service, or several together."""
    apps = {name: APPLICATIONS[name]() for name in services}
    apps["identity"] = guard(apps, os.environ)
    if (demo := demonstrated(apps, os.environ)) is not None:
        apps["demo"] = demo
    return Together(apps)


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises CouldNotRun where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((host, port))
        held.listen(BACKLOG)
    except OSError as error:
        held.close()
        raise CouldNotRun(
            f"不能在 {host}:{port} 上监听:{error.strerror}。换一个端口:--port",
            f"can not listen on {host}:{port}: {error.strerror}. Choose another port with --port",
        ) from error
    return held


def serve(services: Sequence[str], held: socket.socket, *, host: str) -> None:
    """Serve `services` on a listening socket until SIGTERM; their databases are waited for."""
    name = services[0] if len(services) == 1 else "all"
    # The demonstration's identity is given on loopback alone: services ask where they listen.
    for service in services:
        os.environ.setdefault(f"{service.upper()}_HOST", host)
    with telemetry(f"api-{name}"):
        app = compose(services)
        asyncio.run(databases(services, os.environ))
        config = uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = uvicorn.Server(config)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[held]))
