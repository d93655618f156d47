"""Event streams: frames, heartbeat, and an end when the client goes."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from libs.common.web.sse import ServerEvent, event_stream


async def frames_of(
    source: AsyncGenerator[ServerEvent, None], count: int, heartbeat: float = 5
) -> list[str]:
    body = event_stream(source, heartbeat=heartbeat).body_iterator
    frames: list[str] = []
    async for frame in body:
        assert isinstance(frame, bytes)
        frames.append(frame.decode())
        if len(frames) == count:
            break
    await body.aclose()  # type: ignore[attr-defined]
    return frames


async def test_stream_says_when_to_come_back_then_sends_events() -> None:
    async def source() -> AsyncGenerator[ServerEvent, None]:
        yield ServerEvent("<p>1</p>\n<p>2</p>", name="finding", id="7")

    assert await frames_of(source(), 9) == [
        "retry: 3000\n\n",
        "event: finding\ndata: <p>1</p>\ndata: <p>2</p>\nid: 7\n\n",
    ]


async def test_silence_is_filled_and_the_event_still_comes() -> None:
    go = asyncio.Event()

    async def source() -> AsyncGenerator[ServerEvent, None]:
        await go.wait()
        yield ServerEvent("late")

    body = aiter(event_stream(source(), heartbeat=0.01).body_iterator)
    assert await anext(body) == b"retry: 3000\n\n"
    assert await anext(body) == b": ping\n\n"
    go.set()
    rest = [frame async for frame in body]
    assert rest[-1] == b"data: late\n\n"


async def test_source_is_closed_when_the_client_goes() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncGenerator[ServerEvent, None]:
        try:
            yield ServerEvent("one")
            await asyncio.Event().wait()
        finally:
            closed.set()

    await frames_of(source(), 2)
    assert closed.is_set()


def test_name_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match="single lines"):
        ServerEvent("x", name="a\ndata: forged").encode()
