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
from libs.common.db.transaction import transaction


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
        # `CommandRoute` has begun it, and commits it together with the stored answer.
        yield opened
        return
    async with transaction(sessions_of(request)) as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


def begun_session(request: Request) -> AsyncSession:
    """The session of the command that `CommandRoute` has begun, and commits."""
    session: AsyncSession = request.state.session
    return session
