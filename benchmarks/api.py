"""Part 4: requests a second for receiving a case, against two bare services with one insert.

Ours writes the case, its audit row, its outbox row and its idempotency key. The bare ones insert
one row, by the driver alone and by SQLModel's session. Each API is a process of its own on
loopback, the load (wrk, else our own client) another one. Processor time a request tells more than
the rate where other work runs on the machine.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from benchmarks.bare import TABLE_SQL
from benchmarks.figures import Figure
from benchmarks.machine import cpu_seconds, peak_mb
from benchmarks.place import Place
from benchmarks.process import Program, ProgramError, program, running
from tools.kafka import free_port

PART: Final = "api"
CONNECTIONS: Final = 10
WARM_UP: Final = 1.0
PATIENCE: Final = 60
SCRIPT: Final = Path(__file__).with_name("receive.lua")
_KEPT_SQL: Final = {
    "ours": (
        'SELECT least((SELECT count(*) FROM approval."case"), (SELECT count(*) FROM '
        "approval.outbox), (SELECT count(*) FROM approval.audit))"
    ),
    "bare": "SELECT count(*) FROM approval.bare",
    "bare SQLModel": "SELECT count(*) FROM approval.bare",
}
_PATHS: Final = {"bare": "/cases", "bare SQLModel": "/cases", "ours": "/api/approval/v1/cases"}
_BARE: Final = {"bare": "benchmarks.bare", "bare SQLModel": "benchmarks.bare_sqlmodel"}
HALF: Final = 0.5
"""The least that receiving a case should reach of the bare asyncpg service's rate."""
_IDENTITY: Final = {"APPROVAL_DEMO": "1", "APPROVAL_DEMO_REGION": "990100"}


@dataclass(frozen=True, slots=True)
class Load:
    """What a load found: answers a second, milliseconds, processor ms, and the API's peak MiB."""

    rate: float
    p50: float
    p99: float
    used: float
    peak: float


async def measure(place: Place, *, seconds: float, repeats: int) -> list[Figure]:
    """Medians of `repeats` loads of `seconds` each, the bare ones and ours in turns."""
    loads: dict[str, list[Load]] = {kind: [] for kind in _PATHS}
    for _ in range(repeats):
        for kind, found in loads.items():
            found.append(await _loaded(place, kind, seconds))
    figures = []
    for kind, found in loads.items():
        told = f"{kind} ({_tool()})"
        figures += [
            Figure(PART, told, "http", "requests/s", tuple(load.rate for load in found)),
            Figure(PART, f"{kind}, p50", "http", "ms", tuple(load.p50 for load in found)),
            Figure(PART, f"{kind}, p99", "http", "ms", tuple(load.p99 for load in found)),
            Figure(PART, f"{kind}, processor", "http", "ms", tuple(load.used for load in found)),
            Figure("memory", f"{kind} API, peak", "http", "MiB", tuple(x.peak for x in found)),
        ]
    return [
        *figures,
        Figure(PART, "ours / bare", "http", "", _ratios(loads, "bare"), goal=HALF),
        Figure(PART, "ours / bare SQLModel", "http", "", _ratios(loads, "bare SQLModel")),
    ]


def _ratios(loads: dict[str, list[Load]], reference: str) -> tuple[float, ...]:
    pairs = zip(loads["ours"], loads[reference], strict=True)
    return tuple(ours.rate / bare.rate for ours, bare in pairs)


def _tool() -> str:
    return "wrk" if shutil.which("wrk") else "own asyncio client"


async def _loaded(place: Place, kind: str, seconds: float) -> Load:
    async with place.database() as dsn:
        connection = await asyncpg.connect(dsn)
        await connection.execute(TABLE_SQL)
        env = {**place.env(place.transport("embedded", dsn, ""), dsn), **_IDENTITY}
        port = free_port()
        served = (
            program(_BARE[kind], str(port), env=env)
            if kind in _BARE
            else program("sunlight.main", "api", "approval", "--port", str(port), env=env)
        )
        with served as api:
            await ready(api, port)
            await _told(port, kind, WARM_UP)
            before = await connection.fetchval(_KEPT_SQL[kind])
            used = cpu_seconds({kind: api.pid})[kind]
            told = await _told(port, kind, seconds)
            used = 1000 * (cpu_seconds({kind: api.pid})[kind] - used) / max(1, told["requests"])
            kept = await connection.fetchval(_KEPT_SQL[kind]) - before
            peak = peak_mb(api.pid)
        await connection.close()
    if told["failed"] or kept < told["requests"]:
        raise ProgramError(f"{kind}: {told['failed']} failed, {kept} kept: {told}\n{api.told()}")
    return Load(told["requests"] / told["seconds"], told["p50"], told["p99"], used, peak)


async def ready(api: Program, port: int) -> None:
    """Wait until the API answers. Raises ProgramError when it does not in PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            api.require_alive()
            try:
                if (await client.get(f"http://127.0.0.1:{port}/livez")).is_success:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise ProgramError(f"{api.name} does not answer:\n{api.told()}")
            await asyncio.sleep(0.1)


async def _told(port: int, kind: str, seconds: float) -> dict[str, float]:
    """Load one API for a while; what the tool told."""
    word = uuid.uuid4().hex[:8]
    address = f"http://127.0.0.1:{port}{_PATHS[kind]}"
    asked = [f"-c{CONNECTIONS}", "-t1", f"-d{max(1, round(seconds))}s", "-s", str(SCRIPT)]
    by_wrk = ["wrk", *asked, address, "--", word]
    own = [str(port), _PATHS[kind], str(CONNECTIONS), str(seconds), word]
    load = (
        running(by_wrk, env={"PATH": "/usr/local/bin:/usr/bin:/bin"}, name="wrk")
        if shutil.which("wrk")
        else program("benchmarks.load", *own, env={})
    )
    with load as tool:
        said = await tool.finished(seconds + PATIENCE)
    told: dict[str, float] = json.loads(said.strip().splitlines()[-1])
    return told
