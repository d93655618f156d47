"""The monitor's HTTP side: API and staff pages. Composition only.

Reads what the worker has written, in the service's own role; nothing here changes a clock or a
finding.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
from fastapi import FastAPI

from libs.common.db import migrations
from libs.common.db.engine import Pool, engine, pool, session_factory
from libs.common.directory.reader import names_while_up
from libs.common.identity.actor import Identify, key_owner
from libs.common.law.fold import Fold
from libs.common.web import app as web
from services.e_monitor.clock import endpoints as clocks
from services.e_monitor.clock.outlook import Outlook
from services.e_monitor.finding import endpoints as findings
from services.e_monitor.finding.news import News
from services.e_monitor.follow_up import endpoints as follow_up
from services.e_monitor.intake import endpoints as intake
from services.e_monitor.intake.sources import IntakeSettings
from services.e_monitor.notice import endpoints as notices
from services.e_monitor.notice import reminder_endpoints as reminders
from services.e_monitor.pages import dashboard, finding, leads, subject, why, work
from services.e_monitor.pages.site import make_shell
from services.e_monitor.settings import Settings


def create_app(
    settings: Settings, *, law: Fold | None = None, identify: Identify | None = None
) -> FastAPI:
    """The application; `identify` replaces the settings' way of knowing who looks."""

    shell = make_shell()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        shared = await pool(settings.dsn, "monitor", max_size=settings.pool_size)
        app.state.pool = shared
        # The intake writes: its transactions end in time, which the relay's horizon relies on.
        database = engine(settings.dsn, "monitor", pool_size=settings.pool_size)
        app.state.sessions = session_factory(database)
        app.state.news = News(shared, app.state.law)
        app.state.outlook = Outlook(shared, app.state.law)
        looking = asyncio.create_task(app.state.news.run())
        names, zone = shell.names, app.state.law.zone.key
        async with names_while_up(names, "monitor", settings.dsn, zone):
            yield
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await app.state.outlook.close()
        await database.dispose()
        await shared.close()

    async def readiness() -> list[str]:
        return await missing(app.state.pool)

    app = web.create_app(
        "monitor",
        title="电子监察 Electronic monitoring",
        routers=[
            findings.router,
            follow_up.router,
            notices.router,
            reminders.router,
            clocks.router,
            intake.router,
        ],
        lifespan=lifespan,
        readiness=readiness,
        actor_of=key_owner,
        pages=[
            dashboard.router,
            finding.router,
            why.router,
            subject.router,
            leads.router,
            work.router,
            intake.sources_router,
        ],
        body_limits=intake.BODY_LIMITS,
        shell=shell,
    )
    app.state.intake = IntakeSettings().callers()
    app.state.law = law or settings.law()
    app.state.identify = identify or settings.identify()
    return app


async def missing(shared: Pool) -> list[str]:
    """What the service still waits for: its database, or the migrations of this release."""
    try:
        found = await shared.fetchval("SELECT version_num FROM alembic_version", timeout=5)
    except asyncpg.UndefinedTableError:
        found = None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return ["database"]
    return [] if found == migrations.head("monitor") else ["migrations"]
