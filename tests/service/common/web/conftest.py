"""A service on a real PostgreSQL, with a table whose constraint fails at commit."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import MetaData, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.schema import CreateTable

from libs.common.web.app import ServiceAPI, create_app
from libs.common.web.errors import Conflict
from libs.common.web.idempotency import CommandRoute
from libs.common.web.idempotency_store import idempotency_table
from libs.common.web.session import Session
from tests.unit.common.web.client import client_of

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
TABLES = """
CREATE TABLE office (id int PRIMARY KEY);
CREATE TABLE case_file (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item text NOT NULL,
    office int REFERENCES office DEFERRABLE INITIALLY DEFERRED
);
"""


class NewCase(BaseModel):
    item: str
    office: int | None = None
    wait: float = 0


@pytest.fixture
async def sessions(empty_database: str) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions on a fresh database that has the tables."""
    table = idempotency_table(MetaData())
    connection = await asyncpg.connect(empty_database)
    await connection.execute(TABLES)
    await connection.execute(str(CreateTable(table).compile(dialect=DIALECT)))
    await connection.close()

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(empty_database)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, pool_size=8)
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


@pytest.fixture
def app(sessions: async_sessionmaker[AsyncSession]) -> ServiceAPI:
    """The service."""
    router = APIRouter(route_class=CommandRoute)

    @router.post("/cases", status_code=201)
    async def create(case: NewCase, session: Session) -> dict[str, int]:
        statement = text(
            "INSERT INTO case_file (item, office) VALUES (:item, :office) RETURNING id"
        )
        values = {"item": case.item, "office": case.office}
        number: int = (await session.execute(statement, values)).scalar_one()
        await session.execute(text("SELECT pg_sleep(:wait)"), {"wait": case.wait})
        if case.item == "forbidden":
            raise Conflict
        return {"id": number}

    @router.get("/cases")
    async def count(session: Session) -> int:
        number: int = (await session.execute(text("SELECT count(*) FROM case_file"))).scalar_one()
        return number

    built = create_app("approval", title="Cases", routers=[router])
    built.state.sessions = sessions
    return built


@pytest.fixture
async def client(app: ServiceAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service."""
    async with client_of(app) as opened:
        yield opened
