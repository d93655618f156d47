"""The distributed platform: every process apart, told everything by its environment alone."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx

from libs.common.db.city_clock import create_city_clock, fast_forward
from tests.databases import run_apart
from tests.system.installation import environment, free_port, sunlight, until
from tests.system.own_postgres import OwnPostgres

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SERVICES = ("approval", "trading", "monitor", "disclosure")
_keys = itertools.count(1)


@dataclass
class Apart:
    """Databases of one platform, a broker, and its processes by name."""

    postgres: OwnPostgres
    env: Mapping[str, str]
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line, to its end."""
        return sunlight(*arguments, env=self.env)

    def start(self, kind: str, service: str) -> None:
        """Start `api` or `worker` of a service, on a port of its own."""
        name = f"{kind} {service}"
        self.ports[name] = free_port()
        option = {"api": "--port", "worker": "--health-port"}[kind]
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [
                    *(sys.executable, "-m", "sunlight.main", kind, service),
                    *(option, str(self.ports[name])),
                ],
                env={**environment(), **self.env},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        """Until every process says so."""
        for name in self.processes:
            until(partial(self._is_ready, name), self.log(name).read_text)

    def _is_ready(self, name: str) -> bool:
        return self.status(name, "/readyz") == 200

    def log(self, name: str) -> Path:
        """What a process has printed."""
        return self.folder / f"{name}.log"

    def url(self, name: str, path: str) -> str:
        """An address of a process."""
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def status(self, name: str, path: str) -> int:
        """The status of an answer; 0 where there is none."""
        try:
            return httpx.get(self.url(name, path), timeout=5).status_code
        except httpx.TransportError:
            return 0

    def get(self, service: str, path: str) -> Any:
        """What the API of a service answers."""
        address = self.url(f"api {service}", f"/api/{service}/v1{path}")
        return httpx.get(address, timeout=10).raise_for_status().json()

    def command(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST to a case at the approval API; the answer."""
        headers = {"Idempotency-Key": f"key-{next(_keys)}", "If-Match": "*"}
        address = self.url("api approval", f"/api/approval/v1/cases{path}")
        answer = httpx.post(address, json=body, headers=headers, timeout=10)
        assert answer.is_success, answer.text
        return answer.json()

    def metric(self, service: str, name: str) -> float:
        """The value of a metric with its labels, as the service's worker tells it."""
        text = httpx.get(self.url(f"worker {service}", "/metrics"), timeout=5).text
        return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))

    def terminate(self, name: str) -> int:
        """SIGTERM; the exit status, within ten seconds."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(10)

    def days_pass(self, days: int) -> None:
        """Move the clock of every database ahead."""
        for service in SERVICES:
            run_apart(_forward(self.postgres.dsn(service), timedelta(days=days)))


async def _forward(dsn: str, by: timedelta) -> None:
    connection = await asyncpg.connect(dsn)
    await fast_forward(connection, by)
    await connection.close()


async def _begin_in_march(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await create_city_clock(connection, MORNING)
    await connection.close()


@contextmanager
def apart(postgres: OwnPostgres, bootstrap: str, prefix: str, folder: Path) -> Iterator[Apart]:
    """A platform with a database per service, not yet migrated; its processes end with it."""
    named = (*SERVICES, "identity")
    postgres.create(named)
    for service in SERVICES:
        run_apart(_begin_in_march(postgres.dsn(service)))
    env = {f"DATABASE_URL_{name.upper()}": postgres.dsn(name) for name in named}
    env |= {"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "KAFKA_TOPIC_PREFIX": prefix}
    platform = Apart(postgres, {**env, "APPROVAL_DEMO": "1", "MONITOR_DEMO": "1"}, folder)
    try:
        yield platform
    finally:
        for process in platform.processes.values():
            process.kill()
            process.wait()
