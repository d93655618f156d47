"""How long an event stream lasts, whichever it is.

A stream keeps the scope that its listener had when it began, so that each is over after a while: a
browser comes back by itself and is asked anew who it is. Must never go on without that question,
however much there is to tell.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import Depends

from libs.common.web.sse import ServerEvent

LASTS: Final = 120.0
"""Seconds that a stream lasts: how long after sign-out, or a lost role, it may still tell."""
BACK_IN: Final = 1000
"""Milliseconds after which a browser comes back."""


def lasting() -> float:
    """How many seconds each stream of the application lasts."""
    return LASTS


Lasting = Annotated[float, Depends(lasting)]


async def ending(
    source: AsyncGenerator[ServerEvent, None], seconds: float
) -> AsyncGenerator[ServerEvent, None]:
    """What `source` tells within `seconds`; then it is closed, wherever it is."""
    end = time.monotonic() + seconds
    async with aclosing(source):
        while (left := end - time.monotonic()) > 0:
            try:
                event = await asyncio.wait_for(anext(source), left)
            except (TimeoutError, StopAsyncIteration):
                return
            yield event
