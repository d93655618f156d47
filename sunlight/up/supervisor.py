"""The supervisor: one database, one API process, one worker process; in a demonstration the city.

What dies is started again; SIGINT, SIGTERM or SIGHUP ends everything in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from libs.common.db import cluster
from libs.common.identity.loopback import is_loopback
from sunlight.api import listen
from sunlight.commands.failures import CouldNotRun
from sunlight.replay.kept import kept_law
from sunlight.up import announcement
from sunlight.up.children import Child
from sunlight.up.environment import environment
from sunlight.up.folder import DataFolder, held
from sunlight.up.place import Place, named_database, prepare, start_server

WATCH_SECONDS: Final = 2.0
READY_SECONDS: Final = 90.0
FREED_SECONDS: Final = 10.0
"""How long the children of an `up` that was killed may take to give their port back."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for. `demo` None: as the data is, new data a demonstration."""

    data: Path
    host: str
    port: int
    demo: bool | None

    @property
    def url(self) -> str:
        """The address to look at."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def up(options: Options, tell: Callable[[str], None]) -> None:
    """Run until told to end. Raises CouldNotRun and the database's errors."""
    with held(options.data, pid=os.getpid(), url=options.url) as folder:
        door = _door(options, folder)
        with door:
            tell(announcement.starting(options.data, named_database()))
            place = _place(options)
            try:
                asyncio.run(_Running(options, folder, place, door, tell).run())
            finally:
                place.stop()
    tell(announcement.ended())


def _door(options: Options, folder: DataFolder) -> socket.socket:
    """The listening socket; after an unclean end the port may be free only in a moment."""
    deadline = time.monotonic() + (FREED_SECONDS if folder.unclean else 0)
    while True:
        try:
            return listen(options.host, options.port)
        except CouldNotRun:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)


def _place(options: Options) -> Place:
    named = named_database()
    server = None if named else start_server(options.data)
    dsn = named or (server.dsn() if server else "")
    try:
        demo = asyncio.run(prepare(dsn, demo=options.demo, embedded_one=server is not None))
    except BaseException:
        if server is not None:
            server.stop()
        raise
    return Place(dsn, demo, server)


@dataclass
class _Running:
    """The children and what watches over them."""

    options: Options
    folder: DataFolder
    place: Place
    door: socket.socket
    tell: Callable[[str], None]
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Start everything, wait for the end, end everything: the last started first."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._ended.set)
        children = self._children()
        tasks = [asyncio.create_task(child.run()) for child in children]
        watching = [asyncio.create_task(self._greet()), asyncio.create_task(self._keep_database())]
        await self._ended.wait()
        self.tell(announcement.ending())
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        for child in reversed(children):
            await child.end()
        await asyncio.gather(*tasks)

    def _children(self) -> list[Child]:
        env = environment(self.place, self.options.host, self.options.url, self.folder.path)
        door = self.door.fileno()
        api = ("--fd", str(door), "--host", self.options.host)
        children = [Child("api", env, self.folder, api, (door,))]
        if kept_law(self.folder.path) is None:
            # A worker would take a kept recording's time to today: what was open would be overdue.
            children.append(Child("worker", env, self.folder))
        if self.place.demo and is_loopback(self.options.host):
            children.append(Child("city", env, self.folder))
        for child in children:
            child.died = self._told_of(child.part)
        return children

    def _told_of(self, part: str) -> Callable[[int, float], None]:
        def died(status: int, pause: float) -> None:
            self.tell(announcement.died(part, status, pause, self.folder.log_path(part)))

        return died

    async def _greet(self) -> None:
        """Say that the platform answers, once it does."""
        deadline = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(announcement.answers, self.options.url):
            if time.monotonic() > deadline:
                self.tell(announcement.not_ready(self.folder.path / "log"))
                return
            await asyncio.sleep(0.2)
        kept = kept_law(self.folder.path) is not None
        text = await asyncio.to_thread(
            announcement.ready,
            self.options.url,
            self.options.data,
            demo=self.place.demo,
            kept=kept,
        )
        self.tell(text)
        if kept:
            self.tell(announcement.recording())

    async def _keep_database(self) -> None:
        """Start the embedded server again when it has died."""
        server = self.place.server
        while server is not None:
            await asyncio.sleep(WATCH_SECONDS)
            if cluster.postmaster(server.folder) is None:
                self.tell(announcement.database_died())
                with contextlib.suppress(Exception):
                    await asyncio.to_thread(start_server, self.options.data)
