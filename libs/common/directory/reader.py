"""Names for pages, kept up with the projection while a service is up.

Must never keep a page waiting: one that is asked before a name is known shows the code.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.types import Lifespan

from libs.common.bus.subjects import AWAY, acquired
from libs.common.db.engine import pool
from libs.common.directory.projection import holding
from libs.common.web.names import Names

PERIOD: Final = 10.0
"""Seconds between two looks: names change rarely."""
log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def names_while_up(names: Names, service: str, dsn: str, zone: str) -> AsyncIterator[None]:
    """Within the block `names` learns what the projection of `service` holds."""
    looking = asyncio.create_task(_keep_looking(names, service, dsn, zone))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def learning(
    lifespan: Lifespan[FastAPI], names: Names, service: str, dsn: str, zone: str
) -> Lifespan[FastAPI]:
    """`lifespan`, with `names_while_up` within it."""

    @contextlib.asynccontextmanager
    async def both(app: FastAPI) -> AsyncIterator[None]:
        async with lifespan(app), names_while_up(names, service, dsn, zone):
            yield

    return both


async def _keep_looking(names: Names, service: str, dsn: str, zone: str) -> None:
    async with await pool(dsn, service, min_size=0, max_size=1, application="names") as held:
        while True:
            try:
                async with acquired(held) as connection:
                    names.learn(await holding(connection, zone))
            except AWAY as error:
                log.warning("names.waits", service=service, error=type(error).__name__)
            await asyncio.sleep(PERIOD)
