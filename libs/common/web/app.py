"""The application factory: what every service's HTTP side has in common.

A service gives its routers, pages and readiness; prefix, problems, health, metrics, headers and
limits are the same everywhere. Must never know a service.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import Lifespan

from libs.common.telemetry.metrics import CONTENT_TYPE, exposition
from libs.common.web import problem
from libs.common.web.allow import allowed_methods
from libs.common.web.edge import Edge
from libs.common.web.errors import DomainError
from libs.common.web.openapi import declare
from libs.common.web.shell import Shell
from libs.common.web.static import STATIC_PATH, StaticAssets

BODY_LIMIT: Final = 1024 * 1024
Readiness = Callable[[], Awaitable[list[str]]]
ActorOf = Callable[[Request], Awaitable[str]]


class ServiceAPI(FastAPI):
    """FastAPI whose OpenAPI document declares our problems and who may ask."""

    def openapi(self) -> dict[str, Any]:
        """The document; what holds for all is added once, when it is first made."""
        fresh = self.openapi_schema
        document = super().openapi()
        return document if document is fresh else declare(document)


async def always_ready() -> list[str]:
    """For a service that waits for nothing."""
    return []


def create_app(
    service: str,
    *,
    title: str,
    routers: Sequence[APIRouter],
    lifespan: Lifespan[FastAPI] | None = None,
    readiness: Readiness = always_ready,
    pages: Sequence[APIRouter] = (),
    shell: Shell | None = None,
    body_limit: int = BODY_LIMIT,
    body_limits: Mapping[str, int] | None = None,
    actor_of: ActorOf | None = None,
    version: str = "1",
) -> ServiceAPI:
    """The service's ASGI application.

    `service` is its name in addresses (`approval`, `trading`, `monitor`, `disclosure`); `routers`
    are served under `/api/<service>/v1`, `pages` at their own paths. `readiness` names what is
    missing (`[]` = ready). `body_limit` in bytes; `body_limits` overrides it by path (`Edge`).
    `actor_of` tells idempotency keys of different callers apart. The lifespan sets
    `app.state.sessions`.
    """
    app = ServiceAPI(
        title=title,
        version=version,
        openapi_url=f"/api/{service}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        # Our own metrics and logs; spans stay, without one for each internal step.
        telemetry={"metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.service = service
    app.state.shell = shell
    app.state.readiness = readiness
    app.state.actor_of = actor_of
    app.add_middleware(
        Edge, service=service, body_limit=body_limit, body_limits=dict(body_limits or {})
    )
    _add_handlers(app)
    for router in routers:
        app.include_router(router, prefix=f"/api/{service}/v1")
    for router in pages:
        app.include_router(router, include_in_schema=False)
    app.include_router(health_router(readiness), include_in_schema=False)
    app.mount(STATIC_PATH, StaticAssets(), name="static")
    return app


def health_router(readiness: Readiness) -> APIRouter:
    """`/livez` (the loop turns), `/readyz` (200, or 503 naming what is missing), `/metrics`."""
    router = APIRouter()

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        missing = await readiness()
        body = {"status": "waiting" if missing else "ready", "missing": missing}
        return JSONResponse(body, status_code=503 if missing else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(exposition(), media_type=CONTENT_TYPE)

    return router


def _add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


async def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101
    return problem.shown(request, problem.from_domain(request.scope, error))


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return problem.shown(request, problem.from_validation(request.scope, error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    answer = problem.from_http(request.scope, error)
    if error.status_code == 405:
        answer.headers["Allow"] = allowed_methods(request)
    return problem.shown(request, answer)
