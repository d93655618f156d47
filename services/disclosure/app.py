"""The disclosure service's HTTP side. Composition only."""

from pathlib import Path
from typing import Final

from fastapi import FastAPI

from libs.common.directory.reader import learning
from libs.common.identity.actor import Identify, key_owner
from libs.common.web import app as web
from libs.common.web.session import sessions_while_up
from libs.common.web.shell import Shell
from services.disclosure.law import limits
from services.disclosure.overdue import endpoints as overdue_endpoints
from services.disclosure.pages import documents, home, ocds, overdue
from services.disclosure.public import Memory
from services.disclosure.record import endpoints as records
from services.disclosure.record import withdrawal
from services.disclosure.settings import Settings

PAGES: Final = Path(__file__).parent / "pages"


def create_app(settings: Settings, *, identify: Identify | None = None) -> FastAPI:
    """The application: API, public pages, feeds and open data.

    `identify` replaces the settings' way of knowing who withdraws.
    """
    shell = Shell("disclosure", templates=[PAGES / "templates"], catalogues=[PAGES / "texts.yaml"])
    sessions = sessions_while_up("disclosure", settings.dsn, settings.pool_size)
    app = web.create_app(
        "disclosure",
        title="信息公开 Disclosure",
        routers=[records.router, withdrawal.router, overdue_endpoints.router],
        lifespan=learning(sessions, shell.names, "disclosure", settings.dsn, settings.zone),
        pages=[home.router, overdue.router, documents.router, ocds.router],
        shell=shell,
        actor_of=key_owner,
    )
    app.state.identify = identify or settings.identify()
    app.state.settings = settings
    app.state.limits = limits(settings.rules)
    app.state.memory = Memory(settings.fresh_seconds)
    return app
