"""The intake on a real PostgreSQL: two departments' systems, and a look into the database."""

import hashlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from libs.common.db.engine import Connection, engine, session_factory
from libs.common.identity.actor import loopback_only
from libs.common.web import app as web
from services.e_monitor.intake import endpoints
from services.e_monitor.intake.sources import Callers, IntakeSettings
from services.e_monitor.pages.site import make_shell
from tests.service.e_monitor.scene import SUPERVISOR

HOUSING, LAND = "/990100/housing", "/990100/land"
TOKENS = {HOUSING: "housing-token-of-the-tests", LAND: "land-token-of-the-tests"}
LICENCE = "cn.sunlight.registry.licence.issued.v1"
_numbers = itertools.count(1)


def digest(token: str) -> str:
    """What the settings hold of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def callers(**more: Any) -> Callers:
    """Both sources, each with its token."""
    grants = {
        name: {
            "tokens_sha256": [digest(token)],
            "title": {"zh": name, "en": name},
        }
        for name, token in TOKENS.items()
    }
    return IntakeSettings.model_validate({"sources": grants, **more}).callers()


def licence(**more: Any) -> dict[str, Any]:
    """A licence of the housing system, complete and acceptable; None leaves a member out."""
    number = next(_numbers)
    event = {
        "specversion": "1.0",
        "id": f"h-{number}",
        "source": HOUSING,
        "type": LICENCE,
        "subject": f"housing/{number}",
        "time": "2026-03-02T08:30:00+08:00",
        "data": {"licence_no": f"A-{number}"},
        **more,
    }
    return {name: value for name, value in event.items() if value is not None}


def application(dsn: str, admitted: Callers) -> FastAPI:
    """The intake alone, as a service mounts it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = engine(dsn, "monitor", pool_size=8)
        app.state.sessions = session_factory(database)
        yield
        await database.dispose()

    app = web.create_app(
        "monitor",
        title="Intake",
        routers=[endpoints.router],
        lifespan=lifespan,
        pages=[endpoints.sources_router],
        shell=make_shell(),
        body_limits=endpoints.BODY_LIMITS,
    )
    app.state.intake = admitted
    app.state.identify = loopback_only(SUPERVISOR, "127.0.0.1")
    return app


class System:
    """A department's system that hands events in, with its token."""

    def __init__(self, client: httpx.AsyncClient, source: str | None = HOUSING) -> None:
        self.client = client
        self.headers = {"accept-language": "en"}
        if source is not None:
            self.headers["authorization"] = f"Bearer {TOKENS[source]}"

    async def raw(
        self,
        body: bytes,
        media: str,
        *,
        dry_run: bool = False,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to these bytes."""
        return await self.client.post(
            "/api/monitor/v1/events",
            content=body,
            params={"dry_run": "1"} if dry_run else {},
            headers={**self.headers, "content-type": media, **(headers or {})},
        )

    async def send(self, event: Any, *, dry_run: bool = False) -> httpx.Response:
        """The answer to one event."""
        body = orjson.dumps(event)
        return await self.raw(body, "application/cloudevents+json", dry_run=dry_run)

    async def send_batch(self, events: list[Any], *, dry_run: bool = False) -> list[dict[str, Any]]:
        """The answers to a batch that must be readable."""
        body = orjson.dumps(events)
        answer = await self.raw(body, "application/cloudevents-batch+json", dry_run=dry_run)
        assert answer.status_code == 200, answer.text
        shown: list[dict[str, Any]] = answer.json()
        return shown


async def outbox(owner: Connection, subject: str | None = None) -> list[dict[str, Any]]:
    """What stands in the outbox, in order: the envelopes, with the topic of each."""
    rows = await owner.fetch("SELECT topic, subject, value FROM outbox ORDER BY id")
    return [
        {**orjson.loads(row["value"]), "topic": row["topic"]}
        for row in rows
        if subject is None or row["subject"] == subject
    ]


async def counts(owner: Connection, source: str = HOUSING) -> dict[str, int]:
    """A source's counts."""
    row = await owner.fetchrow(
        "SELECT accepted, duplicates, conflicts, rejected FROM source WHERE source = $1", source
    )
    return dict(row) if row else {}
