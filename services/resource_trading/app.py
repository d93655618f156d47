"""The trading service's HTTP side. Composition only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request

from libs.common.db.engine import engine, session_factory
from libs.common.law.fold import Fold
from libs.common.web import app as web
from services.resource_trading.actor import Identify, acting
from services.resource_trading.award.endpoints import router as award
from services.resource_trading.rulebook import load_law
from services.resource_trading.settings import Settings
from services.resource_trading.tender.endpoints import router as tender


def create_app(
    settings: Settings, *, law: Fold | None = None, identify: Identify | None = None
) -> FastAPI:
    """The application; `identify` replaces the settings' way of knowing who asks."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = engine(settings.dsn, "trading", pool_size=settings.pool_size)
        app.state.sessions = session_factory(database)
        yield
        await database.dispose()

    app = web.create_app(
        "trading",
        title="公共资源交易 Public-resource trading",
        routers=[tender, award],
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
