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
from services.approval.material import endpoints as materials
from services.approval.office import endpoints as office
from services.approval.pages import case, new, printing, progress, queue
from services.approval.pages import materials as material_pages
from services.approval.pages.site import make_shell
from services.approval.progress import endpoints as progress_api
from services.approval.settings import Settings


def create_app(
    settings: Settings, *, law: Fold | None = None, identify: Identify | None = None
) -> FastAPI:
    """The application; `identify` replaces the settings' way of knowing who asks."""
    app = web.create_app(
        "approval",
        title="政务审批 Administrative approval",
        routers=[
            progress_api.router,
            cases.router,
            materials.uploads,
            materials.router,
            items.router,
            office.router,
            importing.router,
        ],
        pages=[
            progress.router,
            queue.router,
            new.router,
            printing.router,
            material_pages.uploads,
            material_pages.router,
            case.router,
        ],
        body_limits=materials.body_limits(settings),
        shell=make_shell(),
        lifespan=sessions_while_up("approval", settings.dsn, settings.pool_size),
        actor_of=key_owner,
    )
    app.state.marker = settings.marker()
    app.state.settings = settings
    app.state.law = law or installed_law(settings.zone, rules=settings.rules)
    app.state.identify = identify or settings.identify()
    return app
