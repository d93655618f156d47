"""Part 5: peak memory of `sunlight replay`, on a log and on one ten times as long.

Every process of the replay is looked at while it runs: VmHWM is what the kernel kept as its
highest, so the last look before a process ends is its peak.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.figures import Figure
from benchmarks.machine import family, peak_mb
from benchmarks.process import Program, ProgramError, program
from benchmarks.stream import EVENTS_A_CASE, events
from libs.common.db.cluster import postmaster
from libs.common.events import encode

PART: Final = "replay"
MAPPING: Final = Path(__file__).with_name("recording.yaml")
TRAFFIC: Final = Path("data/eventlogs/traffic.xes.gz")
TIMES: Final = 10
FLAT: Final = 1.25
"""How much larger a peak may be on ten times the log; PostgreSQL fills its shared buffers."""
ENOUGH: Final = 2000
"""Cases from which the short log fills the replay's own buffers, so that lengths compare."""
REPLAY: Final = "the replay"
WORKER: Final = "its worker"
PATIENCE: Final = 900


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finished replay: events read, seconds as its summary says, peak MiB by process."""

    events: int
    seconds: float
    peaks: Mapping[str, float]


async def measure(*, cases: int) -> list[Figure]:
    """Peaks and rates on `cases` lives and on ten times as many."""
    with tempfile.TemporaryDirectory(prefix="sunlight-bench-log-") as folder:
        found = []
        for count in (cases, cases * TIMES):
            log = Path(folder) / f"{count}.jsonl"
            _write_log(log, count)
            found.append(await _replayed(log, str(MAPPING), count * EVENTS_A_CASE))
            log.unlink()
    figures = [figure for one in found for figure in _figures(f"{one.events:,} events", one)]
    small, large = found
    growth = [
        Figure(
            PART,
            f"peak, {name}: small / ten times",
            "embedded",
            "",
            (_share(small, large, name),),
            1 / FLAT if cases >= ENOUGH else None,
        )
        for name in (REPLAY, WORKER)
    ]
    return figures + growth


def _share(small: Replayed, large: Replayed, name: str) -> float:
    return small.peaks[name] / large.peaks[name]


async def traffic(shared: Path) -> list[Figure]:
    """The log of 561,470 traffic events: time and peaks."""
    return _figures("traffic", await _replayed(shared / TRAFFIC, "traffic", None))


def _figures(told: str, run: Replayed) -> list[Figure]:
    rate = Figure(PART, f"{told}, rate", "embedded", "events/s", (run.events / run.seconds,))
    seconds = Figure(PART, f"{told}, time", "embedded", "s", (run.seconds,))
    peaks = [
        Figure(PART, f"{told}, peak, {name}", "embedded", "MiB", (peak,))
        for name, peak in run.peaks.items()
    ]
    return [rate, seconds, *peaks]


def _write_log(path: Path, cases: int) -> None:
    with path.open("wb") as file:
        for event in events(cases):
            file.write(encode(event) + b"\n")


@contextlib.contextmanager
def _open_folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sunlight-bench-out-") as folder:
        Path(folder).chmod(0o711)  # for the account of the replay's own server
        yield folder


async def _replayed(log: Path, mapping: str, events: int | None) -> Replayed:
    with _open_folder() as folder:
        asked = ("replay", str(log), "--mapping", mapping, "--out", f"{folder}/out")
        env = {**os.environ, "TMPDIR": folder}
        with program("sunlight.main", *asked, env=env) as replay:
            peaks = await _peaks(replay, Path(folder))
            await replay.finished(1)
        summary = json.loads((Path(folder) / "out" / "summary.json").read_bytes())
    lost = summary["rejected"] or summary["parked"]
    if lost or summary["read"] != (events or summary["read"]):
        raise ProgramError(f"the replay of {log.name} lost events: {summary}")
    return Replayed(summary["read"], summary["seconds"], peaks)


async def _peaks(replay: Program, folder: Path) -> dict[str, float]:
    """The highest VmHWM by kind of process, until the replay ends."""
    peaks: dict[str, float] = defaultdict(float)
    deadline = time.monotonic() + PATIENCE
    while replay.popen.poll() is None:
        for kind, pid in _processes(replay.pid, folder):
            peaks[kind] = max(peaks[kind], peak_mb(pid))
        if time.monotonic() > deadline:
            raise ProgramError(f"the replay took over {PATIENCE} s")
        await asyncio.sleep(0.1)
    return dict(peaks)


def _processes(pid: int, folder: Path) -> list[tuple[str, int]]:
    """The replay itself, its worker, and the processes of its own server, which is no child."""
    found = [(REPLAY, pid)]
    for child in family(pid)[1:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            if "sunlight.replay.worker" in child.cmdline():
                found.append((WORKER, child.pid))
    for inside in folder.glob("sunlight-*/cluster"):
        server = postmaster(inside)
        if server is not None:
            found += [("PostgreSQL", process.pid) for process in family(server.pid)]
    return found
