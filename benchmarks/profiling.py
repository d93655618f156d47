"""`--profile`: where the worker's time goes, by part in µs an event and by function.

Three runs over the same stream: plain, with every part timed, and under cProfile. The last two
are slower than the first; their shares count, not their sums.
"""

from __future__ import annotations

import io
import pstats
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.account import CONTAINERS, PARTS
from benchmarks.consume import Prepared, Trial, prepare
from benchmarks.place import Place
from benchmarks.stream import EVENTS_A_CASE

TOP: Final = 30


@dataclass(frozen=True, slots=True)
class Line:
    """A part: µs an event on the processor, µs an event from beginning to end, calls."""

    part: str
    processor: float
    elapsed: float
    calls: int


async def profile(place: Place, *, cases: int) -> str:
    """The account and the top of the profile, as text, on the last transport there is."""
    name = place.transports[-1]
    async with place.database() as filled:
        prepared = await prepare(place, name, filled, cases=cases)
        with tempfile.TemporaryDirectory(prefix="sunlight-bench-profile-") as folder:
            return await _profiled(place, prepared, cases * EVENTS_A_CASE, Path(folder))


async def _profiled(place: Place, prepared: Prepared, events: int, folder: Path) -> str:
    plain = await Trial(place, prepared, "ours", events).run()
    account, stats = folder / "account.json", folder / "profile"
    await Trial(place, prepared, "ours", events, ("--account", str(account))).run()
    await Trial(place, prepared, "ours", events, ("--profile", str(stats))).run()
    body = orjson.loads(account.read_bytes())
    told = "".join(
        f"{line.part:32} {line.processor:9.2f} {line.elapsed:9.2f} {line.calls:9,}\n"
        for line in lines(body, events)
    )
    costs = ", ".join(f"{name} {cost:.1f}" for name, cost in plain.processor.items())
    return (
        f"{prepared.name}: {plain.rate:,.0f} events/s; processor, µs/event: {costs}\n\n"
        f"{'part, µs/event':32} {'processor':>9} {'elapsed':>9} {'calls':>9}\n{told}\n{top(stats)}"
    )


def lines(account: Mapping[str, Any], events: int) -> list[Line]:
    """The account by part, with what no part explains: client libraries, event loop, relay."""
    parts = account["parts"]
    told = [
        Line(
            name,
            parts[name]["processor"] / events * 1e6,
            parts[name]["elapsed"] / events * 1e6,
            parts[name]["calls"],
        )
        for name, _, _ in PARTS
    ]
    known = sum(line.processor for line in told if line.part not in CONTAINERS)
    whole = account["process"] / events * 1e6
    return [
        *told,
        Line("all the rest", whole - known, 0, 0),
        Line("the process", whole, 0, 0),
    ]


def top(stats: Path, count: int = TOP) -> str:
    """The functions that took most themselves."""
    out = io.StringIO()
    pstats.Stats(str(stats), stream=out).strip_dirs().sort_stats("tottime").print_stats(count)
    return out.getvalue().strip()
