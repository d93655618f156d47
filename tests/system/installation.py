"""`sunlight up` as a person starts it: a process of its own on a data folder and a port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

PATIENCE = 120.0
T = TypeVar("T")


def environment() -> dict[str, str]:
    """As a person's own, without what would lead to another database or broker."""
    foreign = ("DATABASE_URL", "KAFKA_", "SUNLIGHT_LANG", "LC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "LANG": "en_GB.UTF-8"}


def sunlight(
    *arguments: str, env: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "sunlight.main", *arguments],
        env={**environment(), **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def until(reached: Callable[[], T | None], told: Callable[[], str] = lambda: "") -> T:
    """Wait for a true answer and return it; `told` is what a failure says."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := reached()):
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)
    return answer


class Installation:
    """One data folder and port, started and ended as often as a test wants."""

    def __init__(self, data: Path, arguments: Sequence[str] = ()) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.told = data.with_suffix(".txt")
        self._arguments = arguments

    def start(self) -> None:
        """Start, and wait until it answers."""
        with self.told.open("w") as told:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "sunlight.main", "up", "--data", str(self.data)),
                    *("--port", str(self.port), *self._arguments),
                ],
                env={**environment(), "SUNLIGHT_CITY_PACE": "1"},
                stdout=subprocess.DEVNULL,
                stderr=told,
            )
        self.wait_until_told("is up")

    @property
    def is_running(self) -> bool:
        """Whether its supervisor runs."""
        return self.process.poll() is None

    def wait_until_told(self, text: str) -> None:
        """Wait until `text` was printed."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.printed:
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < deadline, f"no {text!r} in {self.printed!r}"
            time.sleep(0.1)

    @property
    def printed(self) -> str:
        """What it has printed since its last start."""
        return self.told.read_text()

    def children(self) -> list[psutil.Process]:
        """Its processes, the database's among them."""
        found = psutil.Process(self.process.pid).children()
        pid = (self.data / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0]
        return [*found, psutil.Process(int(pid))]

    def status(self, path: str) -> int:
        """The status of a page."""
        return httpx.get(self.url + path, timeout=20).status_code

    def case_numbers(self) -> list[str]:
        """The demonstration office's cases, all of them."""
        found: list[str] = []
        address: str | None = "/api/approval/v1/cases?limit=200"
        while address:
            answer = httpx.get(self.url + address, timeout=20).raise_for_status()
            found += [case["case_no"] for case in answer.json()["items"]]
            address = answer.links.get("next", {}).get("url")
        return found

    def end(self) -> int:
        """Tell it to end; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """Kill the supervisor alone."""
        self.process.kill()
        self.process.wait(60)


@contextmanager
def starting() -> Iterator[Installation]:
    """A new demonstration that has just been started, up for the block."""
    with tempfile.TemporaryDirectory(prefix="sunlight-lived-") as folder:
        # Open to the database's account, so that it keeps its data here and not elsewhere.
        Path(folder).chmod(0o711)
        installation = Installation(Path(folder) / "data")
        installation.start()
        try:
            yield installation
        finally:
            if installation.is_running:
                installation.end()


@contextmanager
def lived_in() -> Iterator[Installation]:
    """A demonstration that has lived through its history, up for the block."""
    with starting() as installation:
        installation.wait_until_told("from here on live")
        yield installation
