"""`Idempotency-Key`: a command sent twice is done once and answered the same.

The key is stored in the command's own transaction, so an answer is kept if and only if the
command was. Must never show one caller's answer to another.
"""

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.common.db.transaction import TransactionSession, transaction
from libs.common.web import idempotency_store
from libs.common.web.errors import Conflict, Invalid
from libs.common.web.idempotency_store import Stored, claim, kept

UNSAFE: Final = {"POST", "PUT", "PATCH", "DELETE"}
KEPT_HEADERS: Final = ("content-type", "etag", "location", "link")
MAX_KEY: Final = 255
PARAMETER: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Same key and same body within 24 h: the stored answer, done once",
    "schema": {"type": "string", "pattern": f"^[ -~]{{1,{MAX_KEY}}}$"},
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Sessions = async_sessionmaker[AsyncSession]


class KeyReused(Invalid):
    """422: the key was used with another body."""

    code = "idempotency_key_reused"
    zh = "该 Idempotency-Key 已用于另一请求内容,请换用新的键"
    en = "This Idempotency-Key was used with another body; use a new one"


class KeyInvalid(Invalid):
    """422: the key is not one we store."""

    code = "idempotency_key_invalid"
    zh = "Idempotency-Key 应为 1 至 255 个可打印的 ASCII 字符"
    en = "Idempotency-Key must be 1 to 255 printable ASCII characters"


class InProgress(Conflict):
    """409: the first request with this key is still at work."""

    code = "idempotency_key_in_progress"
    zh = "同一 Idempotency-Key 的请求正在办理,请稍后重试"
    en = "A request with this Idempotency-Key is at work; try again soon"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for what: the row's key, and the hash of what was sent."""

    key: str
    route: str
    actor: str
    body_hash: str


class CommandRoute(APIRoute):
    """A route whose unsafe methods are commands: `APIRouter(route_class=CommandRoute)`.

    A command is one transaction, begun before its endpoint and committed before its answer; it
    takes `Idempotency-Key`. Wants `app.state.sessions` (without it nothing is begun and no key
    looked at), and the table of `idempotency_store` in the service's schema.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if set(options.get("methods") or ()) & UNSAFE:
            extra = dict(options.get("openapi_extra") or {})
            extra["parameters"] = [*extra.get("parameters", []), PARAMETER]
            options["openapi_extra"] = extra
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """The route's handler, done at most once per key."""
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            sessions = getattr(request.app.state, "sessions", None)
            if request.method not in UNSAFE or sessions is None:
                return await handler(request)
            key = request.headers.get("idempotency-key")
            if key is None:
                return await _begun(request, sessions, handler)
            return await _once(request, sessions, await _claim(request, key), handler)

        return once


async def _begun(request: Request, sessions: Sessions, handler: Handler) -> Response:
    async with transaction(sessions) as session:
        request.state.session = session
        return await handler(request)


async def _once(request: Request, sessions: Sessions, claimed: Claim, handler: Handler) -> Response:
    async with transaction(sessions, lock_wait=idempotency_store.LOCK_WAIT) as session:
        stored = await _claim_row(session, claimed)
        if stored is not None:
            return _replayed(stored)
        request.state.session = session
        response = await handler(request)
        headers = {k: v for k, v in response.headers.items() if k in KEPT_HEADERS}
        answer = Stored(response.status_code, headers, bytes(response.body))
        session.hold_beside(kept(claimed, answer))
        return response


async def _claim_row(session: TransactionSession, claimed: Claim) -> Stored | None:
    found = await claim(session.driver, claimed)
    if found.busy:
        raise InProgress
    if found.body_hash is not None and found.body_hash != claimed.body_hash:
        raise KeyReused
    return found.stored


async def _claim(request: Request, key: str) -> Claim:
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise KeyInvalid
    scope = request.scope
    digest = hashlib.sha256(scope["query_string"])
    digest.update(b"\0" + await request.body())
    route = f"{scope['method']} {scope['path']}"
    return Claim(key, route, await actor_of(request), digest.hexdigest())


async def actor_of(request: Request) -> str:
    """Who asks: as the application says, else a hash of the credentials sent."""
    known: Callable[[Request], Awaitable[str]] | None = request.app.state.actor_of
    if known is not None:
        return await known(request)
    sent = [request.headers.get(name, "") for name in ("authorization", "cookie")]
    return hashlib.sha256("\0".join(sent).encode()).hexdigest()


def _replayed(stored: Stored) -> Response:
    headers = {**stored.headers, "Idempotency-Replayed": "true"}
    return Response(stored.body, status_code=stored.status, headers=headers)
