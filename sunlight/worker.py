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
from sunlight.memory import collect_rarely

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


async def _ready(service: str, shared: Pool) -> Handler:
    """A service's handler; the monitor's once every subject is folded by the law it applies."""
    handler = HANDLERS[service]()
    if service == "monitor":
        from services.e_monitor.clock.adopt import adopt
        from services.e_monitor.clock.handlers import MonitorHandler

        if isinstance(handler, MonitorHandler):
            await adopt(shared, handler)
    return handler


def _disclosure() -> Handler:
    from services.disclosure.settings import Settings
    from services.disclosure.worker import handler

    return handler(Settings())


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
        for part in self._parts():
            part.stop()

    async def run(self) -> None:
        """Run until stopped; an alarm in one part stops all, with its error."""
        async with asyncio.TaskGroup() as group:
            for part in self._parts():
                group.create_task(part.run())

    def _parts(self) -> list[Relay | Consumer]:
        return [*self.relays, *self.consumers]

    async def missing(self) -> list[str]:
        """What the worker waits for: `database` while a service's database does not answer."""
        try:
            for held in self.pools:
                await held.fetchval("SELECT 1", timeout=2)
        except Exception as error:  # noqa: BLE001
            # Whatever keeps the database from answering, the worker is not ready.
            return [f"database: {type(error).__name__}"]
        return []

    async def close(self) -> None:
        """Give connections back."""
        for held in self.pools:
            await held.close()


async def build(
    services: Sequence[str],
    env: Mapping[str, str],
    *,
    silent: Sequence[str] = (),
    observer: Callable[[str], Observer] = lambda service: Observer(),
) -> Worker:
    """The worker of `services`; those in `silent` announce no horizon (a replay does).

    `observer` gives each consuming service the one that is told of its batches.
    """
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
                    await _ready(service, shared),
                    observer(service),
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


async def serve(
    services: Sequence[str],
    *,
    silent: Sequence[str] = (),
    health_port: int | None = None,
) -> None:
    """Run the worker of `services` (none: all) until SIGTERM or SIGINT.

    With `health_port` it answers `/livez`, `/readyz` and `/metrics` there, on loopback unless
    `SUNLIGHT_HEALTH_HOST` names another address.
    """
    from sunlight.telemetry import Measured, health, measured, telemetry

    chosen = tuple(services) or SERVICES
    name = chosen[0] if len(chosen) == 1 else "all"
    with telemetry(f"worker-{name}"):
        worker = await build(chosen, os.environ, silent=silent, observer=Measured)
        measured(worker.relays)
        collect_rarely()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
        try:
            async with health(worker.missing, health_port):
                await worker.run()
        finally:
            await worker.close()
