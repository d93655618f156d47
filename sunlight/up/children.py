"""One child process, kept running: started, watched, restarted with growing pauses, ended.

Must never outlive the supervisor, nor leave a child behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sunlight.up.folder import DataFolder

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
STEADY_SECONDS: Final = 30.0
"""A child that ran this long starts again without a pause that grew."""
END_SECONDS: Final = 10.0


@dataclass
class Child:
    """`part` of `sunlight.up.child`; `died(status, pause)` is told before each restart."""

    part: str
    env: Mapping[str, str]
    folder: DataFolder
    arguments: Sequence[str] = ()
    pass_fds: Sequence[int] = ()
    died: Callable[[int, float], None] = lambda status, pause: None
    pid: int | None = None
    _process: asyncio.subprocess.Process | None = None
    _ending: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Keep it running until `end` is called."""
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            started = time.monotonic()
            self._process = await self._start()
            self.pid = self._process.pid
            status = await self._process.wait()
            if self._ending.is_set():
                return
            if time.monotonic() - started > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self.died(status, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def end(self) -> None:
        """End it: asked first, made to after `END_SECONDS`."""
        self._ending.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _start(self) -> asyncio.subprocess.Process:
        with self.folder.log(self.part) as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "sunlight.up.child",
                self.part,
                *self.arguments,
                # Held open while we live: its end tells the child that we are gone.
                stdin=asyncio.subprocess.PIPE,
                stdout=sys.stderr.fileno(),
                stderr=log,
                env=dict(self.env),
                pass_fds=tuple(self.pass_fds),
                # Ctrl-C reaches us alone; we end the children in order.
                start_new_session=True,
            )
