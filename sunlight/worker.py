"""The worker process: for each service its relay and, where it consumes, its consumer.

Composition only. SIGTERM ends it after the batch at hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from libs.common.bus.batch import Handler
from libs.common.bus.consumer import Consumer, Observer
from libs.common.bus.relay import Relay
from libs.common.bus.transport import Transport
from libs.common.db.engine import SERVICES, Pool, pool, service_dsn

OWNED: Final[Mapping[str, tuple[str, ...]]] = {
    "approval": ("approval",),
    "trading": ("trading",),
    "monitor": ("monitor", "registry"),
    "disclosure": ("disclosure",),
}
"""Service → topics that get its horizon; foreign systems' events come through the monitor."""


def _monitor() -> Handler:
    from services.e_monitor.clock.handlers import MonitorHandler
    from services.e_monitor.settings import Settings

    return MonitorHandler(Settings().law())


def _disclosure() -> Handler:
    from services.disclosure.record.handlers import RecordHandler

    return RecordHandler()


HANDLERS: Final[Mapping[str, Callable[[], Handler]]] = {
    "monitor": _monitor,
    "disclosure": _disclosure,
}


@dataclass
class Worker:
    """The running parts of one worker process."""

    relays: list[Relay] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)

    def stop(self) -> None:
        """End after the batch at hand."""
        for part in (*self.relays, *self.consumers):
            part.stop()

    async def run(self) -> None:
        """Run until stopped; an alarm in one part stops all, with its error."""
        async with asyncio.TaskGroup() as group:
            for part in (*self.relays, *self.consumers):
                group.create_task(part.run())

    async def close(self) -> None:
        """Give connections back."""
        for held in self.pools:
            await held.close()


async def build(
    services: Sequence[str],
    env: Mapping[str, str],
    *,
    silent: Sequence[str] = (),
    observer: Observer | None = None,
) -> Worker:
    """The worker of `services`; those in `silent` announce no horizon (a replay does)."""
    transport = Transport.chosen(env)
    worker = Worker()
    for service in services:
        dsn = service_dsn(service, env)
        topics = () if service in silent else OWNED[service]
        worker.relays.append(Relay(service, dsn, transport.producer(), topics))
        if service in HANDLERS:
            shared = await pool(dsn, service, max_size=4, application=f"sunlight-worker-{service}")
            worker.pools.append(shared)
            worker.consumers.append(
                Consumer(
                    service,
                    transport.source(service),
                    shared,
                    HANDLERS[service](),
                    observer or Observer(),
                )
            )
    return worker


@contextlib.asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """The worker as a task, ended and closed on leaving."""
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        worker.stop()
        await asyncio.gather(task, return_exceptions=True)
        await worker.close()


async def serve(services: Sequence[str], *, silent: Sequence[str] = ()) -> None:
    """Run the worker of `services` until SIGTERM or SIGINT."""
    worker = await build(services or SERVICES, os.environ, silent=silent)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    try:
        await worker.run()
    finally:
        await worker.close()
