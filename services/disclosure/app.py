"""The disclosure service's HTTP side. Composition only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from libs.common.db.engine import engine, session_factory
from libs.common.web import app as web
from libs.common.web.shell import Shell
from services.disclosure.pages import documents, home
from services.disclosure.record.endpoints import router
from services.disclosure.settings import Settings

PAGES: Final = Path(__file__).parent / "pages"


def create_app(settings: Settings) -> FastAPI:
    """The application: API, public pages, feeds and open data."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = engine(settings.dsn, "disclosure", pool_size=settings.pool_size)
        app.state.sessions = session_factory(database)
        yield
        await database.dispose()

    shell = Shell("disclosure", templates=[PAGES / "templates"], catalogues=[PAGES / "texts.yaml"])
    app = web.create_app(
        "disclosure",
        title="信息公开 Disclosure",
        routers=[router],
        lifespan=lifespan,
        pages=[home.router, documents.router],
        shell=shell,
    )
    app.state.settings = settings
    return app
