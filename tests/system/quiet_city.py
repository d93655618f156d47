"""A demonstration in which nothing happens by itself: the platform without the made-up city.

Two real processes, the API and the worker, on a database of the test session; so every number that
a test reads comes from what it did. Time moves on only when a test says so.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg
import httpx

from libs.common.db.city_clock import city_now, fast_forward
from libs.common.db.embedded import EmbeddedPostgres
from sunlight.city import catalogue, organisation
from sunlight.up.environment import environment as children_environment
from sunlight.up.place import Place, prepare
from tests.databases import fresh_database, run_apart
from tests.system.installation import environment, free_port, until

ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass
class QuietCity:
    """Address, database, data folder and the worker's own address of the demonstration."""

    url: str
    dsn: str
    folder: Path
    env: Mapping[str, str]
    worker: str
    _clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, role: str) -> httpx.Client:
        """The API as `role` sees it; `public` is asked without any cookie."""
        if role not in self._clients:
            cookies = {} if role == "nobody" else {"sunlight-role": role}
            self._clients[role] = httpx.Client(base_url=self.url, cookies=cookies, timeout=30)
        return self._clients[role]

    def close(self) -> None:
        """Close what is open."""
        for client in self._clients.values():
            client.close()

    def log(self, part: str) -> Path:
        """What a process has written."""
        return self.folder / "log" / f"{part}.log"

    def logged(self) -> str:
        """The last lines of all logs, for a failure's message."""
        return "\n".join(self.log(part).read_text()[-2000:] for part in ("api", "worker"))

    def live_to(self, at: datetime) -> None:
        """Move the city's clock to `at`, and wait until the monitor knows everything to then."""
        run_apart(_live_to(self.dsn, at))
        until(lambda: self.horizon() >= at, self.logged)

    def horizon(self) -> datetime:
        """To when the monitor's data are complete."""
        told: dict[str, Any] = self.client("auditor").get("/api/monitor/v1/horizon").json()
        complete = told["complete_to"]
        return datetime.fromisoformat(complete) if complete else datetime.min.replace(tzinfo=ZONE)


async def _live_to(dsn: str, at: datetime) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await fast_forward(connection, at - await city_now(connection))
    finally:
        await connection.close()


@contextmanager
def quiet_city(server: EmbeddedPostgres, folder: Path) -> Iterator[QuietCity]:
    """The demonstration, ready, with the organisation and the items of the made-up city."""
    (folder / "log").mkdir(parents=True)
    with fresh_database(server) as dsn:
        run_apart(prepare(dsn, demo=True, embedded_one=True))
        port, health = free_port(), free_port()
        url = f"http://127.0.0.1:{port}"
        place = Place(dsn, demo=True, server=None)
        env = children_environment(place, "127.0.0.1", url, folder, environment())
        city = QuietCity(url, dsn, folder, env, f"http://127.0.0.1:{health}")
        children = [
            _process(city, "api", "--port", str(port)),
            _process(city, "worker", "--health-port", str(health)),
        ]
        try:
            until(lambda: _is_ready(url) and _is_ready(city.worker), city.logged)
            _take_over(city)
            yield city
        finally:
            city.close()
            for child in children:
                child.terminate()
            for child in children:
                child.wait(30)


def _process(city: QuietCity, part: str, *arguments: str) -> subprocess.Popen[bytes]:
    with city.log(part).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "sunlight.main", part, "all", *arguments],
            env=dict(city.env),
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _take_over(city: QuietCity) -> None:
    registrar = city.client("administrator")
    for kind, records in (
        ("organisation", organisation.records()),
        ("items", catalogue.records()),
    ):
        body = {"kind": kind, "records": records}
        answer = registrar.post("/api/approval/v1/imports", json=body).raise_for_status().json()
        assert answer["rejected"] == 0, answer["rejects"]
