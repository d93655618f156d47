"""`/demo`: moving a demonstration's city on, and watching it get there.

Only beside a demonstration's choice of roles, on this machine. Must never move the clock itself:
it asks the city's process.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from libs.common.db.engine import IDENTITY, Pool, pool, service_dsn
from libs.common.db.errors import DatabaseError
from libs.common.identity import csrf
from libs.common.identity.addresses import origin, own_path
from libs.common.identity.demonstration import COOKIE, Demo, Demonstration
from libs.common.web import app as web
from libs.common.web.errors import NotFound
from libs.common.web.shell import Shell
from libs.common.web.shell.render import CITY_ZONE
from sunlight.demo import forwards
from sunlight.demo.clock import CityClock
from sunlight.demo.forwards import Sight

SERVICE: Final = "demo"
HERE: Final = Path(__file__).parent
PAGE: Final = "/demo/fast-forward"
Next = Annotated[str | None, Query(max_length=2000)]
router = APIRouter(prefix="/demo")


def demonstrated(apps: Mapping[str, FastAPI], env: Mapping[str, str]) -> FastAPI | None:
    """The application beside `apps`, whose pages show the city's time from then on.

    None where the identity application among `apps` has no demonstration, or no database.
    """
    demo: Demonstration | None
    demo = getattr(apps[IDENTITY].state, "demonstration", None)
    try:
        dsn = service_dsn(IDENTITY, env)
    except DatabaseError:
        return None
    if demo is None:
        return None
    clock = CityClock(demo)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        held = await pool(dsn, IDENTITY, min_size=0, max_size=2, application="sunlight-demo")
        app.state.pool = held
        looking = asyncio.create_task(clock.keep_looking(held))
        yield
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await held.close()

    shell = Shell(SERVICE, templates=[HERE / "templates"], catalogues=[HERE / "texts.yaml"])
    app = web.create_app(
        SERVICE,
        title="演示 Demonstration",
        routers=[],
        pages=[router],
        shell=shell,
        lifespan=lifespan,
    )
    shell.environment.globals["zone"] = CITY_ZONE
    app.state.demonstration, app.state.clock = demo, clock
    for each in (*apps.values(), app):
        each.state.city_clock = clock.shown
    return app


async def sight_of(request: Request, _demo: Demo) -> Sight:
    """How the city stands now; NotFound where there is none that could be moved on."""
    clock: CityClock = request.app.state.clock
    found = await clock.look(_pool(request))
    if found is None:
        raise NotFound
    return found


Seen = Annotated[Sight, Depends(sight_of)]


@router.get("/clock")
async def time_of_day(request: Request, _seen: Seen) -> Response:
    """The part of the header that shows the time."""
    return _never_kept(_shell(request).page(request, "demo_clock.html"))


@router.get("/fast-forward")
async def progress(
    request: Request, seen: Seen, next: Next = None, busy: Literal["1"] | None = None
) -> Response:
    """How far a fast-forward is; then the new time, and where to look."""
    return _page(request, "fast_forward.html", seen, next, busy=busy is not None)


@router.get("/fast-forward/part")
async def progress_part(request: Request, seen: Seen, next: Next = None) -> Response:
    """What of that page changes."""
    return _page(request, "fast_forward_part.html", seen, next)


@router.post("/fast-forward")
async def ask(
    request: Request,
    demo: Demo,
    _seen: Seen,
    days: Annotated[Literal["1", "5", "21"], Form()],
    next: Annotated[str | None, Form(max_length=2000)] = None,
) -> Response:
    """Ask the city to live through that many working days."""
    await csrf.demand(request, key=demo.key, session=COOKIE, own=origin(str(request.base_url)))
    taken = await forwards.ask(_pool(request), int(days))
    told = {"next": own_path(next), **({} if taken else {"busy": "1"})}
    return RedirectResponse(f"{PAGE}?{urlencode(told)}", status_code=303)


def _page(
    request: Request, template: str, seen: Sight, next_path: str | None, **values: Any
) -> Response:
    back = own_path(next_path)
    again = f"{PAGE}/part?{urlencode({'next': back})}"
    values |= {"forward": seen.forward, "city_now": seen.now, "forward_back": back, "again": again}
    return _never_kept(_shell(request).page(request, template, now=seen.now, **values))


def _shell(request: Request) -> Shell:
    return cast("Shell", request.app.state.shell)


def _pool(request: Request) -> Pool:
    return cast("Pool", request.app.state.pool)


def _never_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
