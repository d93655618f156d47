"""The outermost layer of every service: one pass that does what each request needs.

Request id, body limit, security headers, timing, and the answer when nothing else answered. Plain
ASGI, because Starlette's BaseHTTPMiddleware costs a task per request and breaks event streams.
Must never let an exception's text leave the process.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid4

from libs.common.telemetry.logs import describe
from libs.common.telemetry.metrics import REQUEST_SECONDS
from libs.common.web.faults import status_of
from libs.common.web.problem import ProblemResponse, internal, problem, shown

log = structlog.get_logger(__name__)

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS: Final[list[tuple[bytes, bytes]]] = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


class Edge:
    """Wraps the whole application.

    Parameters: `body_limit` in bytes for every request; `body_limits` overrides it for paths that
    start with a prefix, or, where it has a `*` (for any text), that are wholly like it (uploads).
    """

    def __init__(
        self, app: ASGIApp, *, service: str, body_limit: int, body_limits: Mapping[str, int]
    ) -> None:
        self.app = app
        self.service = service
        self.body_limit = body_limit
        self.body_limits = body_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = _Exchange(scope, send, _request_id(headers))
        started = perf_counter()
        structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        try:
            await self._answer(scope, receive, exchange, headers)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            self._measure(scope, exchange.status, perf_counter() - started)

    async def _answer(
        self, scope: Scope, receive: Receive, exchange: "_Exchange", headers: Headers
    ) -> None:
        limit = self._limit(scope["path"])
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            await ProblemResponse(problem(scope, 413))(scope, receive, exchange.send)
            return
        try:
            await self.app(scope, _limited(receive, limit), exchange.send)
        except Exception as error:
            # The edge: whatever nobody handled is recorded once and answered without its text.
            status = status_of(error)
            fields = {"method": scope["method"], "status": status, **describe(error)}
            log.error("request_failed", **fields)  # noqa: TRY400 - the text may hold a person's data
            if exchange.status:
                raise
            answer = shown(Request(scope), internal(scope, status))
            await answer(scope, receive, exchange.send)

    def _limit(self, path: str) -> int:
        for like, limit in self.body_limits.items():
            if fnmatchcase(path, like) if "*" in like else path.startswith(like):
                return limit
        return self.body_limit

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path: paths name cases.
        route = getattr(scope.get("route"), "path", "unmatched")
        labels = (self.service, scope["method"], route, f"{status // 100}xx")
        REQUEST_SECONDS.labels(*labels).observe(seconds)


class _Exchange:
    """Sends the answer with the headers every answer has, and remembers its status."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status = 0
        scope.setdefault("state", {})["request_id"] = request_id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            present = {name.lower() for name, _ in headers}
            headers += [item for item in SECURITY_HEADERS if item[0] not in present]
            headers.append((b"x-request-id", self.request_id.encode()))
            message = {**message, "headers": headers}
        await self._send(message)


def _limited(receive: Receive, limit: int) -> Receive:
    """`receive` that refuses the chunk with which a body of unknown length grows past `limit`."""
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413)
        return message

    return counted


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex
