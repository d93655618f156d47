"""Part 1: how many events a second the worker consumes, against a raw consumer's ceiling.

Events are produced beforehand; the consumer is watched from outside, by the positions it commits.
Raw and ours take turns, each run in a fresh database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from benchmarks.figures import Figure
from benchmarks.machine import cpu_seconds, family_peak_mb
from benchmarks.place import Place, produce
from benchmarks.process import Program, ProgramError, program
from benchmarks.raw import TABLES_SQL
from benchmarks.stream import EVENTS_A_CASE, live_records
from libs.common.db.engine import Connection as Link

PART: Final = "consume"
REPEATS: Final = 3
GOAL: Final = 15_000
AIM: Final = 20_000
PATIENCE: Final = 240
_POSITION_SQL: Final = (
    "SELECT coalesce(sum(next), 0) FROM monitor.consumer_position WHERE topic = 'approval'"
)
KINDS: Final = ("raw", "bulk", "ours")
_KEPT_SQL: Final = "SELECT (SELECT count(*) FROM monitor.observation), count(*) FROM monitor.parked"
_KEPT_RAW_SQL: Final = "SELECT (SELECT count(*) FROM monitor.raw_id), 0"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: events a second, processor µs an event and peak MiB, by process."""

    rate: float
    processor: dict[str, float]
    peaks: dict[str, float]


@dataclass(slots=True)
class Prepared:
    """A transport with its events produced: `template` holds them where it is embedded."""

    name: str
    template: str
    prefix: str
    records: int
    runs: dict[str, list[Run]] = field(default_factory=lambda: {kind: [] for kind in KINDS})


async def measure(place: Place, *, cases: int, repeats: int = REPEATS) -> list[Figure]:
    """The figures of every transport, medians of `repeats` runs."""
    figures = []
    events = cases * EVENTS_A_CASE
    for name in place.transports:
        async with place.database() as filled:
            prepared = await prepare(place, name, filled, cases=cases)
            for _ in range(repeats):
                for kind, runs in prepared.runs.items():
                    runs.append(await Trial(place, prepared, kind, events).run())
            figures += _figures(prepared)
    return figures


async def prepare(place: Place, name: str, filled: str, *, cases: int) -> Prepared:
    """Produce the stream to a transport: into `filled`, or into topics of their own."""
    records = live_records(cases)
    transport = place.transport(name, filled, "bench-consume.")
    await transport.prepare()
    await produce(transport, records)
    template = _database_of(filled) if name == "embedded" else place.template
    return Prepared(name, template, transport.prefix, len(records))


def _database_of(dsn: str) -> str:
    return dsn.partition("?")[0].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Trial:
    """One run to be made: `kind` one of KINDS, `options` for our worker."""

    place: Place
    prepared: Prepared
    kind: str
    events: int
    options: Sequence[str] = ()

    async def run(self) -> Run:
        """Consume everything once, in a fresh database."""
        async with self.place.database(self.prepared.template) as dsn:
            connection = await asyncpg.connect(dsn)
            try:
                return await self._consumed(dsn, connection)
            finally:
                await connection.close()

    async def _consumed(self, dsn: str, connection: Link) -> Run:
        transport = self.place.transport(self.prepared.name, dsn, self.prepared.prefix)
        env = self.place.env(transport, dsn)
        if self.kind != "ours":
            await connection.execute(TABLES_SQL)
            options = ["--bulk"] if self.kind == "bulk" else []
            consumer = program("benchmarks.raw", *options, env=env)
        else:
            consumer = program("benchmarks.worker", "--silent", *self.options, "monitor", env=env)
        with consumer as process:
            run = await self._watched(process, connection)
        left = _KEPT_SQL if self.kind == "ours" else _KEPT_RAW_SQL
        written, parked = await connection.fetchrow(left) or (0, 0)
        if (written, parked) != (self.events, 0):
            told = f"{written} of {self.events} events written, {parked} parked"
            raise ProgramError(f"{self.kind}: {told}")
        return run

    async def _watched(self, process: Program, connection: Link) -> Run:
        """Time from the first committed batch to the last, and what it cost."""
        pids = {process.name: process.pid, **self.place.pids()}
        records, deadline = self.prepared.records, time.monotonic() + PATIENCE
        began, first, before = 0.0, 0, dict.fromkeys(pids, 0.0)
        while (seen := int(await connection.fetchval(_POSITION_SQL))) < records:
            if seen and not first:
                began, first, before = time.perf_counter(), seen, cpu_seconds(pids)
            process.require_alive()
            if time.monotonic() > deadline:
                raise ProgramError(f"{process.name}: {seen} of {records} in {PATIENCE} s")
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - began
        if not first:
            raise ProgramError("too few events to measure: one batch took them all")
        counted = (records - first) * self.events / records
        used = {name: after - before[name] for name, after in cpu_seconds(pids).items()}
        return Run(
            counted / seconds,
            {name: spent / counted * 1e6 for name, spent in used.items()},
            {name: family_peak_mb(pid) for name, pid in pids.items()},
        )


def _figures(prepared: Prepared) -> list[Figure]:
    name = prepared.name
    goals = {"goal": GOAL, "aim": AIM} if name == "kafka" else {}
    rates = {kind: tuple(run.rate for run in runs) for kind, runs in prepared.runs.items()}
    return [
        Figure(PART, "raw ceiling", name, "events/s", rates["raw"]),
        Figure(PART, "raw ceiling in bulk", name, "events/s", rates["bulk"]),
        Figure(PART, "the worker", name, "events/s", rates["ours"], **goals),
        Figure(PART, "worker / raw ceiling", name, "", _shares(rates, "raw"), 1 / 2, 2 / 3),
        Figure(PART, "worker / raw ceiling in bulk", name, "", _shares(rates, "bulk")),
        *_costs(prepared),
    ]


def _shares(rates: Mapping[str, tuple[float, ...]], ceiling: str) -> tuple[float, ...]:
    return tuple(ours / least for ours, least in zip(rates["ours"], rates[ceiling], strict=True))


def _costs(prepared: Prepared) -> list[Figure]:
    figures = []
    for kind, runs in prepared.runs.items():
        for process in runs[0].processor:
            if process == "Kafka" and prepared.name != "kafka":
                continue
            told = f"{kind}: {process.removeprefix('benchmarks.')}"
            cost = tuple(run.processor[process] for run in runs)
            peak = tuple(run.peaks[process] for run in runs)
            figures.append(Figure(PART, f"{told}, processor", prepared.name, "µs/event", cost))
            figures.append(Figure("memory", f"{told}, peak", prepared.name, "MiB", peak))
    return figures
