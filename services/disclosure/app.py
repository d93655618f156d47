"""The disclosure service's HTTP side. Composition only."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from libs.common.web import app as web
from libs.common.web.session import sessions_while_up
from libs.common.web.shell import Shell
from services.disclosure.pages import documents, home
from services.disclosure.record.endpoints import router
from services.disclosure.settings import Settings

PAGES: Final = Path(__file__).parent / "pages"


def create_app(settings: Settings) -> FastAPI:
    """The application: API, public pages, feeds and open data."""
    shell = Shell("disclosure", templates=[PAGES / "templates"], catalogues=[PAGES / "texts.yaml"])
    app = web.create_app(
        "disclosure",
        title="信息公开 Disclosure",
        routers=[router],
        lifespan=sessions_while_up("disclosure", settings.dsn, settings.pool_size),
        pages=[home.router, documents.router],
        shell=shell,
    )
    app.state.settings = settings
    return app
