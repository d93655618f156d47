"""The least service as FastAPI's users write it: one checked body, one insert by SQLModel.

A process of its own: `python -m benchmarks.bare_sqlmodel PORT`. Beside `benchmarks.bare`: the same
table, server and checks, with SQLAlchemy's asynchronous session instead of the driver alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.bare import SERVED, Received
from libs.common.db.engine import Connection, connect, service_dsn


class Bare(SQLModel, table=True):
    """The row that is kept."""

    id: int | None = Field(default=None, primary_key=True)
    item_code: str
    item_type: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """As many connections as the platform's API has."""

    async def creator() -> Connection:
        return await connect(service_dsn("approval", os.environ), "approval")

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=creator, pool_size=8, max_overflow=0
    )
    app.state.sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan, openapi_url=None)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """The request's session."""
    async with request.app.state.sessions() as session:
        yield session


@app.get("/livez")
async def livez() -> dict[str, str]:
    """Whether it serves."""
    return {"status": "ok"}


@app.post("/cases", status_code=201)
async def receive(
    body: Received, session: Annotated[AsyncSession, Depends(get_session)]
) -> dict[str, int | None]:
    """Keep it."""
    row = Bare(item_code=body.item_code, item_type=body.item_type)
    session.add(row)
    await session.commit()
    return {"id": row.id}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), **SERVED)
