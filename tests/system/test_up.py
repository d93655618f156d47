"""`sunlight up`: it answers, ends cleanly, goes on, and survives being killed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.system.installation import Installation, lived_in, sunlight


@pytest.fixture(scope="module")
def lived() -> Iterator[Installation]:
    """A demonstration that has lived through its history."""
    with lived_in() as installation:
        yield installation


def alive(process: psutil.Process) -> bool:
    """Whether it runs; a zombie that nobody has collected yet does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def running(lived: Installation) -> Installation:
    """The same demonstration, started again where a test has ended it."""
    if not lived.is_running:
        lived.start()
    return lived


@pytest.fixture
def ended(lived: Installation) -> Installation:
    """The same demonstration, not running."""
    if lived.is_running:
        lived.end()
    return lived


@pytest.mark.parametrize(
    "path", ["/", "/monitor", "/readyz", "/metrics", "/api/monitor/v1/findings"]
)
def test_pages_answer(running: Installation, path: str) -> None:
    assert running.status(path) == 200


def test_it_says_where_to_look(running: Installation) -> None:
    assert f"{running.url}/monitor" in running.printed


def test_a_second_start_goes_on_and_makes_no_history_again(running: Installation) -> None:
    before = running.case_numbers()
    running.end()

    running.start()
    after = running.case_numbers()
    printed = running.printed

    assert before
    assert set(before) <= set(after)
    # A history is some 300 applications; an ordinary start adds hardly any.
    assert len(after) < len(before) + 20
    assert "making the city's history" not in printed


def test_told_to_end_it_leaves_nothing_behind(running: Installation) -> None:
    children = running.children()

    assert running.end() == 0
    assert "ended" in running.printed
    assert not [child for child in children if alive(child)]


def test_a_killed_supervisor_takes_its_children_along(running: Installation) -> None:
    *children, _database = running.children()

    running.kill()

    _gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    running.start()
    assert running.status("/readyz") == 200


def test_a_killed_worker_is_started_again(running: Installation) -> None:
    (worker,) = [child for child in running.children() if "worker" in child.cmdline()]

    worker.kill()

    running.wait_until_told("the worker process ended")


def test_a_second_up_on_the_same_data_is_refused(running: Installation) -> None:
    done = sunlight("up", "--data", str(running.data), "--port", str(running.port + 1))

    assert done.returncode == 3
    assert running.url in done.stderr


def test_a_demonstration_is_not_taken_for_a_real_installation(ended: Installation) -> None:
    done = sunlight("up", "--data", str(ended.data), "--port", str(ended.port), "--no-demo")

    assert done.returncode == 3
    assert "demonstration" in done.stderr


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        done = sunlight("up", "--data", str(tmp_path / "data"), "--port", str(port))

    assert done.returncode == 3
    assert f"127.0.0.1:{port}" in done.stderr
    assert not (tmp_path / "data" / "cluster").exists()
