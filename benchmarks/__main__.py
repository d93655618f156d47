"""`python -m benchmarks`: what the platform does in a second, on this machine, in one run.

Prints a table, or with `--json` the figures with machine, versions and command. Everything runs on
loopback in processes of its own that end with it. A figure that misses its goal says so and the
exit status stays 0; 3 means that something could not be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import structlog

from benchmarks import api, consume, crowd, latency, relaying, replaying
from benchmarks.figures import Figure, table
from benchmarks.machine import ROOT, machine, versions
from benchmarks.place import broker, place
from benchmarks.process import ProgramError
from benchmarks.profiling import profile
from tools import kafka
from tools.kafka import KafkaNode

PARTS: Final = ("consume", "latency", "relay", "api", "replay", "city")
COULD_NOT: Final = 3


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: whole cases of ten events, seconds, and how often."""

    cases: int
    relay_cases: int
    replay_cases: int
    latency_seconds: float
    api_seconds: float
    repeats: int
    city_cases: int


FULL: Final = Sizes(12_000, 10_000, 2_000, 20, 8, 3, 100_000)
QUICK: Final = Sizes(2_000, 2_000, 300, 5, 2, 1, 2_000)


def main() -> int:
    """Measure and print; the exit status."""
    asked = _parser().parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        return asyncio.run(_run(asked))
    except ProgramError as error:
        print(error, file=sys.stderr)
        return COULD_NOT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, once each")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    parser.add_argument("--no-kafka", action="store_true", help="the embedded transport only")
    parser.add_argument("--shared", action="store_true", help="replay the traffic log as well")
    parser.add_argument("--profile", action="store_true", help="only where the worker's time goes")
    parser.add_argument("--cases", type=int, help="whole cases of ten events to consume")
    parser.add_argument("--repeats", type=int, help="runs of each kind")
    return parser


async def _run(asked: argparse.Namespace) -> int:
    before, began = machine(), time.monotonic()
    sizes = _sizes(asked)
    reason = "not wanted" if asked.no_kafka else kafka.missing()
    if reason:
        _say(f"without Kafka: {reason}")
    with broker(wanted=not asked.no_kafka) as node:
        if asked.profile:
            async with place(node) as where:
                print(await profile(where, cases=sizes.cases))
            return 0
        figures, failed = await _measured(node, sizes, asked)
    _print(figures, before, time.monotonic() - began, as_json=asked.json)
    return COULD_NOT if failed else 0


def _sizes(asked: argparse.Namespace) -> Sizes:
    chosen = QUICK if asked.quick else FULL
    return Sizes(
        asked.cases or chosen.cases,
        chosen.relay_cases,
        chosen.replay_cases,
        chosen.latency_seconds,
        chosen.api_seconds,
        asked.repeats or chosen.repeats,
        chosen.city_cases,
    )


async def _measured(
    node: KafkaNode | None, sizes: Sizes, asked: argparse.Namespace
) -> tuple[list[Figure], list[str]]:
    """Every part asked for, each on a server of its own; and the parts that failed."""
    parts = {k: measure for k, measure in _parts(node, sizes).items() if k in asked.only}
    if asked.shared:
        parts["traffic"] = lambda: replaying.traffic(_shared())
    figures: list[Figure] = []
    failed = []
    for name, measure in parts.items():
        _say(f"{name} …")
        try:
            figures += await measure()
        except ProgramError as error:
            # The other parts are still worth their time; the status tells of this one.
            _say(f"{name} could not be measured: {error}")
            failed.append(name)
    return figures, failed


def _parts(
    node: KafkaNode | None, sizes: Sizes
) -> dict[str, Callable[[], Awaitable[list[Figure]]]]:
    async def consuming() -> list[Figure]:
        async with place(node) as where:
            return await consume.measure(where, cases=sizes.cases, repeats=sizes.repeats)

    async def finding() -> list[Figure]:
        async with place(node, latency.SETTINGS) as where:
            return await latency.measure(where, seconds=sizes.latency_seconds)

    async def relay() -> list[Figure]:
        async with place(node) as where:
            return await relaying.measure(where, cases=sizes.relay_cases, repeats=sizes.repeats)

    async def requests() -> list[Figure]:
        async with place(None) as where:
            return await api.measure(where, seconds=sizes.api_seconds, repeats=sizes.repeats)

    async def replays() -> list[Figure]:
        return await replaying.measure(cases=sizes.replay_cases)

    async def city() -> list[Figure]:
        async with place(None) as where:
            return await crowd.measure(
                where,
                cases=sizes.city_cases,
                seconds=sizes.api_seconds,
                repeats=sizes.repeats,
            )

    return dict(zip(PARTS, (consuming, finding, relay, requests, replays, city), strict=True))


def _shared() -> Path:
    return Path(os.environ.get("SUNLIGHT_SHARED") or ROOT.parent / "shared")


def _print(
    figures: Sequence[Figure], before: dict[str, object], seconds: float, *, as_json: bool
) -> None:
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    if as_json:
        body = {
            "command": command,
            "seconds": round(seconds, 1),
            "machine": before,
            "versions": versions(),
            "figures": [figure.body() for figure in figures],
        }
        print(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
        return
    told = ", ".join(f"{name} {value}" for name, value in before.items())
    print(f"`{command}` took {seconds:.0f} s on {told}\n")
    print(table(figures))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
