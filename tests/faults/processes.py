"""Worker processes that a test starts, freezes and kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parents[2]


@dataclass
class Processes:
    """Those started by one test, by name; `env` adds to each one's environment."""

    env: Mapping[str, str]
    log: IO[bytes]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *services: str) -> None:
        """Start a worker of some services."""
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.process", *services],
            cwd=ROOT,
            env={**os.environ, **self.env},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def kill(self, name: str) -> None:
        """Kill it as a crash would."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def freeze(self, name: str) -> None:
        """Stop it in the middle of whatever it does."""
        self.running[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let it go on."""
        self.running[name].send_signal(signal.SIGCONT)

    def stop(self, name: str) -> int:
        """End it in order; its exit status."""
        process = self.running.pop(name)
        process.terminate()
        return process.wait(30)

    def alive(self) -> list[str]:
        """Those that have not ended by themselves."""
        return [name for name, process in self.running.items() if process.poll() is None]


@contextmanager
def processes(folder: Path, **env: str) -> Iterator[Processes]:
    """No process yet; those that run at the end are killed. Output goes to a file in `folder`."""
    with (folder / "processes.log").open("ab") as log:
        made = Processes(env, log)
        try:
            yield made
        finally:
            for name in list(made.running):
                made.kill(name)
