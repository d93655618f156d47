"""Processes of a benchmark: each started by name, watched, and ended by its own pid."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Final

PATIENCE: Final = 30
TAIL: Final = 4000


class ProgramError(RuntimeError):
    """A program ended when it was needed, or did not end; what it printed is in the message."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program of ours; what it prints goes to a file."""

    name: str
    popen: subprocess.Popen[bytes]
    output: IO[bytes]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid

    def told(self) -> str:
        """What it printed until now."""
        self.output.seek(0)
        return self.output.read().decode(errors="replace")

    def require_alive(self) -> None:
        """Raise ProgramError when it has ended."""
        status = self.popen.poll()
        if status is not None:
            raise ProgramError(f"{self.name} ended with {status}:\n{self.told()[-TAIL:]}")

    async def finished(self, seconds: float) -> str:
        """Wait for it to end by itself with status 0; what it printed."""
        deadline = time.monotonic() + seconds
        while self.popen.poll() is None:
            if time.monotonic() > deadline:
                raise ProgramError(f"{self.name} did not end in {seconds:.0f} s:\n{self.told()}")
            await asyncio.sleep(0.05)
        if self.popen.returncode:
            self.require_alive()
        return self.told()


@contextlib.contextmanager
def program(
    name: str, *arguments: str, env: Mapping[str, str], quiet: bool = False
) -> Iterator[Program]:
    """`python -m name arguments`, ended by SIGTERM on leaving; `quiet` drops what it logs."""
    with running([sys.executable, "-m", name, *arguments], env=env, name=name, quiet=quiet) as it:
        yield it


@contextlib.contextmanager
def running(
    command: list[str], *, env: Mapping[str, str], name: str, quiet: bool = False
) -> Iterator[Program]:
    """Any command, ended by SIGTERM on leaving."""
    with tempfile.TemporaryFile() as output:
        popen = subprocess.Popen(
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL if quiet else subprocess.STDOUT,
        )
        try:
            yield Program(name, popen, output)
        finally:
            end(popen)


def end(popen: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL where that does not help."""
    if popen.poll() is not None:
        return
    popen.send_signal(signal.SIGTERM)
    try:
        popen.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
