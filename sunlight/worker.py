"""The worker process: for each service its relay and, where it consumes, its consumer.

Composition only. A database that is not there yet is waited for, as one that is lost. SIGTERM ends
it after the batch at hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from libs.common.bus.batch import Handler
from libs.common.bus.consumer import Consumer, Observer
from libs.common.bus.relay import Relay
from libs.common.bus.transport import Transport
from libs.common.db.engine import IDENTITY, SERVICES, Pool, pool, service_dsn
from sunlight.memory import collect_rarely
from sunlight.waiting import patiently, tells

OWNED: Final[Mapping[str, tuple[str, ...]]] = {
    "approval": ("approval",),
    "trading": ("trading",),
    "monitor": ("monitor", "registry"),
    "disclosure": ("disclosure",),
}
"""Service → topics that get its horizon; foreign systems' events come through the monitor."""
BESIDE: Final[Mapping[str, str]] = {"approval": IDENTITY}
"""Identity has no worker of its own: the one of approval tells it where each post stands."""


def _monitor() -> Handler:
    from services.e_monitor.clock.handlers import MonitorHandler
    from services.e_monitor.settings import Settings

    return MonitorHandler(Settings().law())


def _disclosure() -> Handler:
    from services.disclosure.settings import Settings
    from services.disclosure.worker import handler

    return handler(Settings())


def _trading() -> Handler:
    from libs.common.directory.handler import Listener
    from libs.common.directory.projection import Heard

    return Listener(Heard)


def _identity() -> Handler:
    from libs.common.directory.handler import Listener
    from libs.common.directory.places import HeardPlaces

    return Listener(HeardPlaces)


HANDLERS: Final[Mapping[str, Callable[[], Handler]]] = {
    "trading": _trading,
    "monitor": _monitor,
    "disclosure": _disclosure,
    IDENTITY: _identity,
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
    stopped: asyncio.Event | None = None,
) -> Worker:
    """The worker of `services`, identity among them; those in `silent` announce no horizon (a
    replay does).

    `observer` gives each consuming service the one that is told of its batches. With `stopped`,
    databases that are not there yet are waited for until it is set.
    """
    transport = Transport.chosen(env)
    # What is wrong with a file of the law no waiting mends.
    handlers = {service: HANDLERS[service]() for service in services if service in HANDLERS}
    worker = Worker()
    try:
        for service in services:
            dsn = service_dsn(service, env)
            if service in OWNED:
                topics = () if service in silent else OWNED[service]
                worker.relays.append(Relay(service, dsn, transport.producer(), topics))
            if service in handlers:
                opening = partial(_opened, service, dsn, handlers[service])
                shared = await _opening(opening, tells(service, dsn), stopped)
                if shared is None:
                    break
                worker.pools.append(shared)
                source = transport.source(service)
                worker.consumers.append(
                    Consumer(service, source, shared, handlers[service], observer(service))
                )
    except BaseException:
        await worker.close()
        raise
    return worker


async def _opening(
    work: Callable[[], Coroutine[Any, Any, Pool]],
    told: Callable[[Exception], None],
    stopped: asyncio.Event | None,
) -> Pool | None:
    if stopped is None:
        return await work()
    return await patiently(work, told=told, stopped=stopped)


async def _opened(service: str, dsn: str, handler: Handler) -> Pool:
    """A service's connections; the monitor's once every subject is folded by the law it applies."""
    shared = await pool(dsn, service, max_size=4, application=f"sunlight-worker-{service}")
    try:
        if service == "monitor":
            from services.e_monitor.clock.adopt import adopt
            from services.e_monitor.clock.handlers import MonitorHandler

            if isinstance(handler, MonitorHandler):
                await adopt(shared, handler)
    except BaseException:
        await shared.close()
        raise
    return shared


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


@dataclass
class Process:
    """The process around the worker: it is there, and may be told to end, before the worker is."""

    worker: Worker | None = None
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def started(self, worker: Worker) -> None:
        """The worker is built; it ends at once where the process was told to meanwhile."""
        self.worker = worker
        if self.stopped.is_set():
            worker.stop()

    def stop(self) -> None:
        """End what there is."""
        self.stopped.set()
        if self.worker is not None:
            self.worker.stop()

    async def missing(self) -> list[str]:
        """What is waited for, as `Worker.missing`."""
        return ["database"] if self.worker is None else await self.worker.missing()


async def serve(
    services: Sequence[str],
    *,
    silent: Sequence[str] = (),
    health_port: int | None = None,
) -> None:
    """Run the worker of `services` (none: all), and what is `BESIDE`, until SIGTERM or SIGINT.

    With `health_port` it answers `/livez`, `/readyz` and `/metrics` there, on loopback unless
    `SUNLIGHT_HEALTH_HOST` names another address.
    """
    from sunlight.telemetry import Measured, health, measured, telemetry

    chosen = tuple(services) or SERVICES
    beside = tuple(BESIDE[service] for service in chosen if service in BESIDE)
    name = chosen[0] if len(chosen) == 1 else "all"
    with telemetry(f"worker-{name}"):
        process = Process()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, process.stop)
        async with health(process.missing, health_port):
            worker = await build(
                (*chosen, *beside),
                os.environ,
                silent=silent,
                observer=Measured,
                stopped=process.stopped,
            )
            measured(worker.relays)
            collect_rarely()
            try:
                process.started(worker)
                await worker.run()
            finally:
                await worker.close()
