"""Answers that anyone may keep for a while: ETag of the content, 304 where it is known.

A page made once is given to all who ask for the same within a moment, without the database. Must
never keep an answer that sets a cookie, nor let a shared cache keep one.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from libs.common.web.language import language_of

KEPT: Final = "public, max-age=60"
OWN: Final = "private, no-cache"
MOST: Final = 64
LARGEST: Final = 512 * 1024
"""At most MOST answers of LARGEST bytes stay in memory: 32 MiB."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Key = tuple[str | None, ...]


def kept(request: Request, answer: Response) -> Response:
    """`answer` with its ETag and how long it may be kept; 304 if the caller has it."""
    if "etag" not in answer.headers:
        # Weak: a proxy that compresses keeps the meaning, not the bytes (RFC 9110 section 8.8.1).
        tag = f'W/"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
        answer.headers["ETag"] = tag
        # The days of a demonstration may pass within the seconds that an answer could be kept.
        own = "set-cookie" in answer.headers or hasattr(request.app.state, "city_clock")
        answer.headers["Cache-Control"] = OWN if own else KEPT
    # A condition is of the answer that it would spare: of a refusal it spares nothing.
    if answer.status_code != 200 or not _known(
        request.headers.get("if-none-match", ""), answer.headers["etag"]
    ):
        return answer
    headers = {
        name: answer.headers[name]
        for name in ("ETag", "Cache-Control", "Vary", "Content-Language", "Link")
        if name in answer.headers
    }
    return Response(status_code=304, headers=headers)


def _known(if_none_match: str, tag: str) -> bool:
    """Weak comparison (RFC 9110 section 13.1.2)."""
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in given or tag.removeprefix("W/") in given


@dataclass(slots=True)
class _Made:
    status: int
    headers: dict[str, str]
    body: bytes
    until: float

    def answer(self) -> Response:
        return Response(self.body, self.status, self.headers)


class Memory:
    """Answers of the last `seconds`, the most recently asked for; `elapsed` counts seconds."""

    def __init__(self, seconds: float, elapsed: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.elapsed = elapsed
        self._made: OrderedDict[Key, _Made] = OrderedDict()

    async def answer(self, key: Key, make: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
        """The answer under `key`, made anew where it is too old.

        While one caller makes it anew, the others still get the old one.
        """
        now = self.elapsed()
        made = self._made.get(key)
        if made is not None and now < made.until:
            self._made.move_to_end(key)
            return made.answer()
        if made is not None:
            made.until = now + self.seconds
        answer = await make()
        self._keep(key, answer)
        return answer

    def _keep(self, key: Key, answer: Response) -> None:
        self._made.pop(key, None)
        body = bytes(answer.body)
        alone = answer.status_code != 200 or "set-cookie" in answer.headers
        if alone or len(body) > LARGEST or not self.seconds:
            return
        until = self.elapsed() + self.seconds
        self._made[key] = _Made(answer.status_code, dict(answer.headers), body, until)
        while len(self._made) > MOST:
            self._made.popitem(last=False)


class KeptRoute(APIRoute):
    """A route of public answers: `APIRouter(route_class=KeptRoute)`; wants `app.state.memory`."""

    def get_route_handler(self) -> Handler:
        """The route's handler, run once for all who ask the same within a moment."""
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            memory: Memory = request.app.state.memory

            async def make() -> Response:
                made = await handler(request)
                kept(request, made)
                return made

            return kept(request, await memory.answer(_asked(request), make))

        return answered


def _asked(request: Request) -> Key:
    """All that an answer depends on."""
    scope, cookies = request.scope, request.cookies
    return (
        scope["scheme"],
        request.headers.get("host"),
        scope["path"],
        scope["query_string"].decode("latin-1"),
        language_of(scope),
        cookies.get("lang"),
        cookies.get("text"),
    )
