"""The load where wrk is not installed: our own asyncio client, in a process of its own.

`python -m benchmarks.load PORT PATH CONNECTIONS SECONDS WORD` prints what `receive.lua` prints.
One request at a time on each kept-alive connection.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Final

import uvloop

from benchmarks.latency import percentile

BODY: Final = '{"item_code": "BENCH-001", "item_type": "行政许可"}'.encode()


async def client(port: int, path: str, word: str, until: float) -> tuple[list[float], int]:
    """Milliseconds of every answer, and how many were no success."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took, failed, number = [], 0, 0
    while (began := time.perf_counter()) < until:
        number += 1
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: {word}-{number}\r\nContent-Length: {len(BODY)}\r\n\r\n"
        )
        writer.write(head.encode() + BODY)
        failed += not await _succeeded(reader)
        took.append((time.perf_counter() - began) * 1000)
    writer.close()
    return took, failed


async def _succeeded(reader: asyncio.StreamReader) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].partition("\r\n")[0]
    await reader.readexactly(int(length))
    return head.split(" ", 2)[1].startswith("2")


async def main(port: int, path: str, connections: int, seconds: float, word: str) -> None:
    """Load for `seconds`, then tell."""
    began = time.perf_counter()
    until = began + seconds
    answers = await asyncio.gather(
        *[client(port, path, f"{word}-{number}", until) for number in range(connections)]
    )
    took = sorted(one for times, _ in answers for one in times)
    told = {
        "requests": len(took),
        "seconds": time.perf_counter() - began,
        "failed": sum(failed for _, failed in answers),
        "p50": percentile(took, 50),
        "p99": percentile(took, 99),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    _, port, path, connections, seconds, word = sys.argv
    uvloop.run(main(int(port), path, int(connections), float(seconds), word))
