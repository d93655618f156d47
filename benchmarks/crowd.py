"""Part 6: a city with 100,000 cases in its database, used by clerks, supervisors and the public.

The API answers whole lives of cases as fast as it can, and single requests at a steady 200 a
second beside a worker that relays and watches them; every page is opened again and again; the home
page is loaded by wrk. All on the two cores of one machine, load included.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import asyncpg
import httpx

from benchmarks.api import PATIENCE, ready
from benchmarks.figures import Figure
from benchmarks.filled import environment, fill
from benchmarks.latency import percentile
from benchmarks.machine import ROOT
from benchmarks.place import Place
from benchmarks.process import ProgramError, program, running
from tools.kafka import free_port

PART: Final = "city"
RATE: Final = 200
LIVES: Final = 200
HOME: Final = 1000
P99_MS: Final = 50.0
PAGE_MS: Final = 200.0
CLERKS: Final = 10
LOOKS: Final = 40
_WRK_ENV: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
_SAMPLE_SQL: Final = """
SELECT (SELECT case_no FROM approval."case" WHERE office = $1 AND state = 'accepted' LIMIT 1),
       (SELECT id::text FROM monitor.finding WHERE status = 'open' LIMIT 1),
       (SELECT subject FROM monitor.finding WHERE status = 'open' LIMIT 1),
       (SELECT rule FROM monitor.finding WHERE status = 'open' LIMIT 1)
"""


async def measure(place: Place, *, cases: int, seconds: float, repeats: int) -> list[Figure]:
    """Fill a city with `cases` and use it, each kind of use `repeats` times for `seconds`."""
    async with place.database() as dsn:
        taken = await fill(place, dsn, cases)
        told = f"{cases:,} cases made, monitor and disclosure"
        return [
            Figure(PART, told, "embedded", "cases/s", (cases / taken,)),
            *await _lives(place, dsn, seconds, repeats),
            *await _steady(place, dsn, seconds, repeats),
            *await _pages(place, dsn, seconds),
        ]


@contextlib.asynccontextmanager
async def _serving(
    place: Place, dsn: str, *services: str, worker: bool = False
) -> AsyncIterator[int]:
    """The port of an API of `services`, with the city's worker beside it if wanted."""
    env, port = environment(place, dsn), free_port()
    api = program("sunlight.main", "api", *services, "--port", str(port), env=env, quiet=True)
    with contextlib.ExitStack() as stack:
        served = stack.enter_context(api)
        if worker:
            stack.enter_context(program("sunlight.main", "worker", "all", env=env, quiet=True))
        await ready(served, port)
        yield port


async def _lives(place: Place, dsn: str, seconds: float, repeats: int) -> list[Figure]:
    """Whole lives a second by wrk on one API process, and on two."""
    if not shutil.which("wrk"):
        return []
    figures = []
    for processes in (1, 2):
        found = [await _lived(place, dsn, processes, seconds) for _ in range(repeats)]
        name = f"whole lives, API processes: {processes} (wrk)"
        goal = LIVES if processes == 2 else None
        figures.append(Figure(PART, name, "http", "lives/s", tuple(found), goal))
    return figures


async def _lived(place: Place, dsn: str, processes: int, seconds: float) -> float:
    async with contextlib.AsyncExitStack() as stack:
        serving = [_serving(place, dsn, "approval") for _ in range(processes)]
        ports = [await stack.enter_async_context(one) for one in serving]
        share = CLERKS // processes
        loads = [running(_wrk(port, share, seconds), env=_WRK_ENV, name="wrk") for port in ports]
        tools = [stack.enter_context(load) for load in loads]
        told = [_last(await tool.finished(seconds + PATIENCE)) for tool in tools]
    if any(one["failed"] for one in told):
        raise ProgramError(f"requests failed: {told}")
    return float(sum(one["lives"] / one["seconds"] for one in told))


def _wrk(port: int, clerks: int, seconds: float) -> list[str]:
    asked = [f"-t{clerks}", f"-c{clerks}", f"-d{max(1, round(seconds))}s"]
    script = str(ROOT / "benchmarks" / "lifecycle.lua")
    return ["wrk", *asked, "-s", script, f"http://127.0.0.1:{port}", "--", uuid.uuid4().hex[:8]]


def _last(said: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads(said.strip().splitlines()[-1])
    return told


async def _steady(place: Place, dsn: str, seconds: float, repeats: int) -> list[Figure]:
    """Milliseconds of single steps at a steady rate, all services in one API process."""
    async with _serving(place, dsn, "all", worker=True) as port:
        await _asked(port, 2.0)
        told = [await _asked(port, seconds) for _ in range(repeats)]
    tool = f"steps at {RATE}/s (own open-loop client)"
    return [
        Figure(PART, f"{tool}, p50", "http", "ms", tuple(one["p50"] for one in told)),
        Figure(PART, f"{tool}, p99", "http", "ms", tuple(one["p99"] for one in told), most=P99_MS),
    ]


async def _asked(port: int, seconds: float) -> Mapping[str, Any]:
    asked = (str(port), str(RATE), str(seconds), uuid.uuid4().hex[:8])
    with program("benchmarks.clerks", *asked, env=_WRK_ENV) as clerks:
        told = _last(await clerks.finished(seconds + PATIENCE))
    if told["failed"]:
        raise ProgramError(f"requests failed: {told}")
    return told


async def _pages(place: Place, dsn: str, seconds: float) -> list[Figure]:
    """Each page one after another, and the home page by wrk."""
    connection = await asyncpg.connect(dsn)
    try:
        office = environment(place, dsn)["APPROVAL_DEMO_OFFICE"]
        case, finding, subject, rule = await connection.fetchrow(_SAMPLE_SQL, office) or [""] * 4
    finally:
        await connection.close()
    paths = {
        "/window": "/window",
        "/window?list=running": "/window?list=running",
        "/window, search": "/window?q=0000",
        "/window/cases/{no}": f"/window/cases/{case}",
        "/monitor": "/monitor",
        "/monitor/findings": "/monitor/findings",
        "/monitor/work": "/monitor/work",
        "/monitor/findings/{id}": f"/monitor/findings/{finding}",
        "/monitor/subjects/{id}": f"/monitor/subjects/{subject}",
        "/monitor/why/{subject}/{rule}": f"/monitor/why/{subject}/{rule}",
        "/monitor/sources": "/monitor/sources",
        "/trading": "/trading",
        "/": "/",
        "/overdue": "/overdue",
    }
    async with _serving(place, dsn, "all", worker=True) as port:
        figures = [await _looked(port, name, path) for name, path in paths.items()]
        if shutil.which("wrk"):
            figures.append(await _home(port, seconds))
    return figures


async def _looked(port: int, name: str, path: str) -> Figure:
    took = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as reader:
        for _ in range(LOOKS):
            began = time.perf_counter()
            answer = await reader.get(path, headers={"Cache-Control": "no-cache"})
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise ProgramError(f"{path}: {answer.status_code} {answer.text[:500]}")
    return Figure(PART, f"{name}, p95", "http", "ms", (percentile(sorted(took), 95),), most=PAGE_MS)


async def _home(port: int, seconds: float) -> Figure:
    asked = ["wrk", "-t1", f"-c{CLERKS}", f"-d{max(1, round(seconds))}s"]
    load = running([*asked, f"http://127.0.0.1:{port}/"], env=_WRK_ENV, name="wrk")
    with load as tool:
        said = await tool.finished(seconds + PATIENCE)
    if "Non-2xx" in said:
        raise ProgramError(said)
    rate = next(line.split()[1] for line in said.splitlines() if line.startswith("Requests/sec"))
    return Figure(PART, "public home (wrk)", "http", "requests/s", (float(rate),), HOME)
