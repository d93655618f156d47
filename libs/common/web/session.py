"""One request, one transaction, committed before the answer leaves.

FastAPI's `scope="function"` ends the dependency before the response is sent, so a commit that
fails answers 5xx and never 200. Must never be used in a streaming answer: it has ended by then.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.types import Lifespan

from libs.common.db.engine import engine, session_factory


def sessions_while_up(service: str, dsn: str, pool_size: int) -> Lifespan[FastAPI]:
    """A lifespan that sets `app.state.sessions`, of `service` in the database at `dsn`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = engine(dsn, service, pool_size=pool_size)
        app.state.sessions = session_factory(database)
        yield
        await database.dispose()

    return lifespan


def sessions_of(request: Request) -> async_sessionmaker[AsyncSession]:
    """The service's sessions; its lifespan sets `app.state.sessions`."""
    return cast("async_sessionmaker[AsyncSession]", request.app.state.sessions)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's session; rolled back if anything raises, else committed."""
    opened: AsyncSession | None = getattr(request.state, "session", None)
    if opened is not None:
        # An idempotent command has opened it, and commits it together with its stored answer.
        yield opened
        return
    async with sessions_of(request).begin() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session, scope="function")]
