"""The trading service's HTTP side: API and staff pages. Composition only."""

from fastapi import FastAPI

from libs.common.directory.reader import learning
from libs.common.identity.actor import Identify, key_owner
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from libs.common.web import app as web
from libs.common.web.session import sessions_while_up
from services.resource_trading.award.endpoints import router as award
from services.resource_trading.bid.endpoints import router as bid
from services.resource_trading.bid.settings import MarkSettings
from services.resource_trading.history.endpoints import router as history
from services.resource_trading.history.told import Reader
from services.resource_trading.pages import listing
from services.resource_trading.pages import tender as tender_page
from services.resource_trading.pages.site import make_shell
from services.resource_trading.settings import Settings
from services.resource_trading.tender.endpoints import router as tender


def create_app(
    settings: Settings,
    *,
    law: Fold | None = None,
    identify: Identify | None = None,
    reader: Reader | None = None,
) -> FastAPI:
    """The application; `identify` replaces the settings' way of knowing who asks, and `reader` is
    what imported records are read with (without one none are taken)."""
    shell = make_shell()
    sessions = sessions_while_up("trading", settings.dsn, settings.pool_size)
    app = web.create_app(
        "trading",
        title="公共资源交易 Public-resource trading",
        routers=[tender, award, bid, history],
        lifespan=learning(sessions, shell.names, "trading", settings.dsn, settings.zone),
        actor_of=key_owner,
        pages=[listing.router, tender_page.router],
        shell=shell,
    )
    app.state.demo = settings.demo
    app.state.marker = MarkSettings().marker()
    app.state.reader = reader
    app.state.law = law or installed_law(settings.zone, rules=settings.rules)
    app.state.identify = identify or settings.identify()
    return app
