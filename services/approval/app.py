"""The approval service's HTTP side: API and window pages. Composition only."""

from fastapi import FastAPI

from libs.common.identity.actor import Identify, key_owner
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from libs.common.web import app as web
from libs.common.web.session import sessions_while_up
from services.approval import importing
from services.approval.case import endpoints as cases
from services.approval.item import endpoints as items
from services.approval.office import endpoints as office
from services.approval.pages import case, new, printing, queue
from services.approval.pages.site import make_shell
from services.approval.settings import Settings


def create_app(
    settings: Settings, *, law: Fold | None = None, identify: Identify | None = None
) -> FastAPI:
    """The application; `identify` replaces the settings' way of knowing who asks."""
    app = web.create_app(
        "approval",
        title="政务审批 Administrative approval",
        routers=[cases.router, items.router, office.router, importing.router],
        pages=[queue.router, new.router, printing.router, case.router],
        shell=make_shell(),
        lifespan=sessions_while_up("approval", settings.dsn, settings.pool_size),
        actor_of=key_owner,
    )
    app.state.law = law or installed_law(settings.zone, rules=settings.rules)
    app.state.identify = identify or settings.identify()
    return app
