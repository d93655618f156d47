"""The least a web service that keeps something must do: FastAPI, one checked body, one insert.

A process of its own: `python -m benchmarks.bare PORT`. Same server, event loop and parser as the
platform's API; no audit, no outbox, no idempotency, no error pages.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from libs.common.db.engine import pool, service_dsn

TABLE_SQL: Final = """
CREATE TABLE approval.bare (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_code text NOT NULL,
    item_type text NOT NULL
);
GRANT INSERT, SELECT ON approval.bare TO sunlight_approval;
"""
_INSERT_SQL: Final = "INSERT INTO bare (item_code, item_type) VALUES ($1, $2) RETURNING id"
SERVED: Final[dict[str, Any]] = {
    "host": "127.0.0.1",
    "loop": "uvloop",
    "http": "httptools",
    "log_config": None,
    "access_log": False,
    "server_header": False,
}
"""How each bare service is served."""


class Received(BaseModel):
    """What is kept."""

    item_code: str
    item_type: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """As many connections as the platform's API has."""
    app.state.pool = await pool(service_dsn("approval", os.environ), "approval", max_size=8)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/livez")
async def livez() -> dict[str, str]:
    """Whether it serves."""
    return {"status": "ok"}


@app.post("/cases", status_code=201)
async def receive(body: Received, request: Request) -> dict[str, int]:
    """Keep it."""
    number = await request.app.state.pool.fetchval(_INSERT_SQL, body.item_code, body.item_type)
    return {"id": number}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), **SERVED)
