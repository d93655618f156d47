"""Server-sent events: news for staff pages and the monitor's stream.

A comment each `heartbeat` keeps proxies from closing; a client that comes back says with
`Last-Event-ID` what it has seen. Must never hold a database transaction while it waits.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import Request
from starlette.responses import StreamingResponse

HEARTBEAT_SECONDS: Final = 15.0
RETRY_MILLISECONDS: Final = 3000
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: `data` (JSON or HTML), the listener's `name`, and `id` to continue after."""

    data: str
    name: str | None = None
    id: str | None = None

    def encode(self) -> bytes:
        """The event as bytes; a line break in name or id would forge another event."""
        if any(c in (self.name or "") + (self.id or "") for c in "\r\n\0"):
            raise ValueError("an event's name and id are single lines")
        return format_sse_event(data_str=self.data, event=self.name, id=self.id)


def last_event_id(request: Request) -> str | None:
    """What the client has seen last (header, or `?last_event_id=` for a first connection)."""
    header = request.headers.get("last-event-id")
    return header or request.query_params.get("last_event_id") or None


def event_stream(
    source: AsyncGenerator[ServerEvent, None],
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
    retry: int = RETRY_MILLISECONDS,
) -> StreamingResponse:
    """`source` as an answer that ends when the client goes; `source` is closed then.

    `heartbeat` in seconds, `retry` (how long a browser waits before it comes back) in ms.
    """
    content = _frames(source, heartbeat, retry)
    return StreamingResponse(content, media_type="text/event-stream", headers=HEADERS)


async def _frames(
    source: AsyncGenerator[ServerEvent, None], heartbeat: float, retry: int
) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=retry)
    async with aclosing(source):
        pending = asyncio.ensure_future(anext(source))
        try:
            while True:
                # wait() does not cancel what it waits for: the source goes on after a heartbeat.
                done, _ = await asyncio.wait({pending}, timeout=heartbeat)
                if not done:
                    yield KEEPALIVE_COMMENT
                    continue
                try:
                    event = pending.result()
                except StopAsyncIteration:
                    return
                pending = asyncio.ensure_future(anext(source))
                yield event.encode()
        finally:
            pending.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending
