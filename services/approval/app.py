"""The approval service's HTTP side. Composition only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from libs.common.db.engine import engine, session_factory
from libs.common.law.fold import Fold
from libs.common.web import app as web
from services.approval.actor import Identify, acting
from services.approval.case.endpoints import router
from services.approval.rulebook import load_law
from services.approval.settings import Settings


def create_app(
    settings: Settings, *, law: Fold | None = None, identify: Identify | None = None
) -> FastAPI:
    """The application; `identify` replaces the settings' way of knowing who asks."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = engine(settings.dsn, "approval", pool_size=settings.pool_size)
        app.state.sessions = session_factory(database)
        yield
        await database.dispose()

    app = web.create_app(
        "approval",
        title="政务审批 Administrative approval",
        routers=[router],
        lifespan=lifespan,
        actor_of=_key_owner,
    )
    app.state.law = law or load_law(settings.rules, settings.zone_info)
    app.state.identify = identify or settings.identify()
    return app


async def _key_owner(request: Request) -> str:
    """Idempotency keys belong to a post of an office."""
    actor = await acting(request)
    return f"{actor.office}/{actor.post}"
