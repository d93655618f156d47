"""A process that is started before its database: it says what it waits for, and then goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.system.installation import environment, free_port, sunlight, until
from tests.system.own_postgres import OwnPostgres, own_postgres

NOWHERE = "postgresql://somebody:a-secret@127.0.0.1:1/sunlight"


@contextmanager
def worker(dsn: str, told: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The monitor's worker as a process, and the port of its health."""
    port = free_port()
    with told.open("wb") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sunlight.main", "worker", "monitor"),
                *("--health-port", str(port)),
            ],
            env={**environment(), "DATABASE_URL": dsn},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def status(port: int, path: str) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code
    except httpx.TransportError:
        return 0


@pytest.fixture(scope="module")
def postgres() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        yield server


def test_a_worker_waits_for_its_database_and_its_migrations(
    postgres: OwnPostgres, tmp_path: Path
) -> None:
    told, dsn = tmp_path / "worker.log", postgres.dsn("late")
    with worker(dsn, told) as (process, port):
        until(lambda: '"waits_for":"database"' in told.read_text(), told.read_text)
        assert status(port, "/livez") == 200
        assert status(port, "/readyz") == 503
        postgres.create(["late"])
        until(lambda: '"waits_for":"migrations"' in told.read_text(), told.read_text)
        done = sunlight("migrate", env={"DATABASE_URL": dsn})
        assert done.returncode == 0, done.stderr
        until(lambda: status(port, "/readyz") == 200, told.read_text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_worker_that_waits_ends_when_told_and_tells_no_password(tmp_path: Path) -> None:
    told = tmp_path / "worker.log"
    with worker(NOWHERE, told) as (process, _):
        until(lambda: "process.waits" in told.read_text(), told.read_text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert "127.0.0.1:1/sunlight" in told.read_text()
    assert "a-secret" not in told.read_text()


def test_a_refused_password_is_not_waited_for(postgres: OwnPostgres) -> None:
    dsn = postgres.dsn("postgres").replace("of-the-tests", "wrong")
    done = sunlight("worker", "monitor", env={"DATABASE_URL": dsn})
    assert done.returncode == 3
    assert "password" in done.stderr


def test_a_pages_setting_that_names_no_service_is_wrong_use() -> None:
    env = {"DATABASE_URL": NOWHERE, "SUNLIGHT_PAGES": "windw"}
    done = sunlight("api", "monitor", "--port", str(free_port()), env=env)
    assert done.returncode == 2
    assert "SUNLIGHT_PAGES: no service windw" in done.stderr
    assert "Traceback" not in done.stderr


def test_migrate_gives_up_after_a_while(tmp_path: Path) -> None:
    """Shortened here: the command line's own minute would only be waited out."""
    program = (
        "from sunlight.commands import processes\n"
        "from sunlight.main import main\n"
        "processes.MIGRATE_SECONDS = 1.0\n"
        "main(['migrate', 'monitor'])\n"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment(), "DATABASE_URL": NOWHERE},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "process.waits" in done.stderr
    assert "a-secret" not in done.stderr
    assert time.monotonic() - started < 30
