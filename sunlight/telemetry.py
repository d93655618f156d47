"""What a worker process tells of itself: logs, traces, metrics, and a port that says it is well.

Must never be in the way of the work: without a port and without an endpoint it does nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from prometheus_client import Counter, Gauge

from libs.common.bus.batch import Batch, Tally
from libs.common.bus.consumer import Observer
from libs.common.bus.relay import Relay
from libs.common.telemetry.logs import configure_logs
from libs.common.telemetry.metrics import BATCH_SECONDS
from libs.common.telemetry.traces import configure_traces

HEALTH_HOST: Final = "SUNLIGHT_HEALTH_HOST"
EVENTS: Final = Counter(
    "sunlight_events_total",
    "Events consumed, by what became of them",
    ("service", "outcome"),
)
FENCED: Final = Counter(
    "sunlight_batches_fenced_total",
    "Batches rolled back because another worker holds a partition",
    ("service",),
)
RELAYED: Final = Counter(
    "sunlight_relayed_events_total", "Events sent from the outbox to the bus", ("service",)
)
HORIZON: Final = Gauge(
    "sunlight_horizon_timestamp_seconds",
    "City time to which the service's topics are complete",
    ("service",),
)


class Measured(Observer):
    """Counts the batches of one service."""

    def __init__(self, service: str) -> None:
        self.service = service

    def batch(self, batch: Batch, tally: Tally, seconds: float) -> None:
        """Count what became of the events; topics that came together share their time."""
        topics = "+".join(sorted({place.topic for place in batch.begin}))
        BATCH_SECONDS.labels(self.service, topics).observe(seconds)
        for outcome in ("applied", "duplicates", "parked", "poison"):
            EVENTS.labels(self.service, outcome).inc(getattr(tally, outcome))

    def fenced(self) -> None:
        """Count it."""
        FENCED.labels(self.service).inc()


def measured(relays: Sequence[Relay]) -> None:
    """Have relays tell the metrics what they do."""
    for relay in relays:
        relay.on_sent = partial(_sent, relay.service)
        relay.on_horizon = partial(_announced, relay.service)


def _sent(service: str, count: int) -> None:
    RELAYED.labels(service).inc(count)


def _announced(service: str, horizon: datetime) -> None:
    HORIZON.labels(service).set(horizon.timestamp())


@contextlib.contextmanager
def telemetry(name: str) -> Iterator[None]:
    """Logs as JSON lines on stderr, and traces where an endpoint is set."""
    configure_logs(name)
    provider = configure_traces(name)
    try:
        yield
    finally:
        if provider is not None:
            provider.shutdown()


@contextlib.asynccontextmanager
async def health(
    missing: Callable[[], Awaitable[list[str]]], port: int | None
) -> AsyncIterator[None]:
    """Answer `/livez`, `/readyz` and `/metrics` on `port` while the block runs; None: nothing."""
    if port is None:
        yield
        return
    import uvicorn
    from fastapi import FastAPI

    from libs.common.web.app import health_router

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(health_router(missing))
    host = os.environ.get(HEALTH_HOST, "127.0.0.1")
    server = uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, log_config=None, lifespan="off")
    )
    # The worker has its own signal handlers: those of the server must not replace them.
    task = asyncio.create_task(server._serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task
