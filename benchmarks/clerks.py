"""Clerks at work at a steady rate, in a process of their own.

`python -m benchmarks.clerks PORT RATE SECONDS WORD` prints answers, failures and milliseconds.
Each request has its moment beforehand and is timed from that moment, whether or not the ones
before it were answered: a slow answer delays nobody else's question, and is not hidden.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

import uvloop

from benchmarks.latency import percentile

BASE: Final = "/api/approval/v1/cases"
RECEIVE: Final = '{"item_code": "BENCH-001", "item_type": "行政许可"}'
STEPS: Final = (
    ("accept", "{}"),
    ("decide", '{"outcome": "granted", "delivers_document": true}'),
    ("deliver", "{}"),
)
CONNECTIONS: Final = 64


@dataclass(slots=True)
class Waiting:
    """A case that has been received: the next of its steps, and its ETag."""

    path: str
    tag: str
    step: int = 0


@dataclass(slots=True)
class Clerks:
    """Connections, cases between two steps, and what was measured."""

    port: int
    word: str
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=asyncio.Queue
    )
    cases: deque[Waiting] = field(default_factory=deque)
    took: list[float] = field(default_factory=list)
    failed: int = 0
    number: int = 0

    async def open(self) -> None:
        """Open the connections."""
        for _ in range(CONNECTIONS):
            await self.free.put(await asyncio.open_connection("127.0.0.1", self.port))

    async def ask(self, due: float) -> None:
        """The next step of a case that waits, every fourth time a new case; timed from `due`."""
        case = self.cases.popleft() if self.cases else None
        verb, body = STEPS[case.step] if case else ("", RECEIVE)
        status, head = await self._answered(case, f"/{verb}" if verb else "", body)
        self.took.append((time.perf_counter() - due) * 1000)
        if not status.startswith("2"):
            self.failed += 1
        elif case is None:
            self.cases.append(Waiting(head["location"], head["etag"]))
        elif case.step + 1 < len(STEPS):
            self.cases.append(Waiting(case.path, head["etag"], case.step + 1))

    async def _answered(
        self, case: Waiting | None, verb: str, body: str
    ) -> tuple[str, dict[str, str]]:
        self.number += 1
        sent = body.encode()
        match = f"If-Match: {case.tag}\r\n" if case else ""
        asked = (
            f"POST {case.path if case else BASE}{verb} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\n{match}"
            f"Idempotency-Key: {self.word}-{self.number}\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        reader, writer = await self.free.get()
        writer.write(asked.encode() + sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        head = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        await reader.readexactly(int(head["content-length"]))
        self.free.put_nowait((reader, writer))
        return lines[0].split(" ", 2)[1], head


async def main(port: int, rate: float, seconds: float, word: str) -> None:
    """Ask `rate` times a second for `seconds`, then tell."""
    clerks = Clerks(port, word)
    await clerks.open()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(clerks.ask(due))
    took = sorted(clerks.took)
    told = {
        "requests": len(took),
        "seconds": time.perf_counter() - began,
        "failed": clerks.failed,
        "p50": percentile(took, 50),
        "p99": percentile(took, 99),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    _, port, rate, seconds, word = sys.argv
    uvloop.run(main(int(port), float(rate), float(seconds), word))
