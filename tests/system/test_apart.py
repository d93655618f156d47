"""Every process apart, on a real Kafka and a PostgreSQL of its own with a database per service."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.system.apart import Apart, apart
from tests.system.installation import environment, free_port, sunlight, until
from tests.system.own_postgres import OwnPostgres, own_postgres
from tools.kafka import KafkaNode

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def postgres(kafka: KafkaNode) -> Iterator[OwnPostgres]:
    """A server that the platform did not start; not started where there is no Kafka."""
    with own_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def platform(
    kafka: KafkaNode, postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Apart]:
    """Migrated by the command, three services with API and worker each, all ready."""
    folder = tmp_path_factory.mktemp("apart")
    with apart(postgres, kafka.bootstrap, "apart.", folder) as made:
        done = made.run("migrate")
        assert done.returncode == 0, done.stderr
        assert f"kafka\t{kafka.bootstrap}" in done.stdout
        for service in ("approval", "monitor", "disclosure"):
            made.start("api", service)
            made.start("worker", service)
        made.wait_until_ready()
        yield made


@pytest.fixture(scope="module")
def late(platform: Apart) -> str:
    """The number of a licence decided 40 civil days after its acceptance, 20 working allowed."""
    number: str = platform.command(
        "", {"item_code": "A-100", "item_type": "行政许可", "delivers_document": True}
    )["case_no"]
    platform.command(f"/{number}/accept", {})
    platform.days_pass(40)
    platform.command(f"/{number}/decide", {"outcome": "granted", "delivers_document": True})
    return number


def findings(platform: Apart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = platform.get("monitor", "/findings?limit=100")["items"]
    return found


def records(platform: Apart) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = platform.get("disclosure", "/records")["items"]
    return found


def standing(platform: Apart) -> list[tuple[Any, ...]]:
    counts = platform.get("disclosure", "/overdue")["items"]
    return [(one["matter"], one["office"], one["standing"], one["handled"]) for one in counts]


def told_of(platform: Apart, number: str) -> dict[str, Any] | None:
    """The finding that the licence was decided too late, once it says by how much."""
    for finding in findings(platform):
        if (finding["subject"], finding["rule"]) == (f"case/{number}", "APV-010"):
            return finding if finding["evidence"].get("state") == "breached" else None
    return None


def test_a_case_decided_late_is_a_finding_of_the_monitor(platform: Apart, late: str) -> None:
    finding = until(lambda: told_of(platform, late), lambda: str(findings(platform)))

    # Accepted on Monday 2 March 2026: the twentieth working day is Monday 30 March.
    assert finding["evidence"]["due"] == "2026-03-30"


def test_a_granted_licence_is_a_public_record(platform: Apart, late: str) -> None:
    (record,) = until(lambda: records(platform))

    assert record["kind"] == "decision"
    assert record["facts"] == {"item_code": "A-100", "outcome": "granted"}


def test_the_overdue_case_is_counted_for_its_office(platform: Apart, late: str) -> None:
    until(lambda: told_of(platform, late))

    counted = until(lambda: [one for one in standing(platform) if one[3]])
    assert {one[1] for one in counted} == {"demo-office"}


@pytest.mark.parametrize("service", ["approval", "monitor", "disclosure"])
@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_a_worker_answers_on_its_health_port(platform: Apart, service: str, path: str) -> None:
    assert platform.status(f"worker {service}", path) == 200


def test_what_is_published_again_is_counted_once(platform: Apart, late: str) -> None:
    def seen() -> tuple[Any, ...]:
        found = [(one["id"], one["stage"], one["status"]) for one in findings(platform)]
        return sorted(found), records(platform), standing(platform)

    until(lambda: told_of(platform, late) and records(platform))
    settled(platform)
    before = seen()
    already = duplicates(platform)

    done = platform.run("outbox", "republish", "--since", "2026-03-01T00:00:00+08:00", "--json")

    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert again["approval"] > 0
    # Monitor and disclosure both read approval; each reads the other's topic.
    expected = 2 * again["approval"] + again["monitor"] + again["disclosure"]
    until(lambda: duplicates(platform) >= already + expected, lambda: consumed(platform))
    settled(platform)
    assert seen() == before


def duplicates(platform: Apart) -> float:
    return sum(
        platform.metric(service, f'sunlight_events_total{{outcome="duplicates",service="{service}"')
        for service in ("monitor", "disclosure")
    )


def consumed(platform: Apart) -> str:
    """What the workers say became of events."""
    texts = (
        httpx.get(platform.url(f"worker {service}", "/metrics"), timeout=5).text
        for service in ("monitor", "disclosure")
    )
    lines = [line for text in texts for line in text.splitlines()]
    return "\n".join(line for line in lines if line.startswith("sunlight_events_total"))


def settled(platform: Apart) -> None:
    """Wait until no worker has applied anything for two seconds: two horizons have passed."""

    def applied() -> float:
        name = 'sunlight_events_total{outcome="applied"'
        return sum(platform.metric(service, name) for service in ("monitor", "disclosure"))

    before, since = applied(), time.monotonic()
    while time.monotonic() - since < 2:
        time.sleep(0.2)
        if (now := applied()) != before:
            before, since = now, time.monotonic()


@pytest.mark.parametrize("service", ["approval", "monitor", "disclosure"])
def test_a_worker_told_to_end_ends_in_order(platform: Apart, service: str) -> None:
    name = f"worker {service}"
    try:
        assert platform.terminate(name) == 0, platform.log(name).read_text()
    finally:
        platform.start("worker", service)
        platform.wait_until_ready()


def test_up_runs_on_a_database_and_brokers_that_are_not_its_own(
    postgres: OwnPostgres, kafka: KafkaNode, tmp_path: Path
) -> None:
    postgres.create(["whole"])
    env = {
        "DATABASE_URL": postgres.dsn("whole"),
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap,
        "KAFKA_TOPIC_PREFIX": "whole.",
    }
    port, data = free_port(), tmp_path / "data"
    with (tmp_path / "told").open("wb") as told:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sunlight.main", "up"),
                *("--data", str(data), "--port", str(port)),
            ],
            env={**environment(), **env},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: "is up" in (tmp_path / "told").read_text(), (tmp_path / "told").read_text)
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5)
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(30)

    assert answer.status_code == 200
    assert status == 0
    assert not (data / "cluster").exists()


def test_brokers_that_do_not_answer_are_told_without_a_traceback(
    postgres: OwnPostgres, tmp_path: Path
) -> None:
    postgres.create(["alone"])
    broker = f"127.0.0.1:{free_port()}"
    env = {"DATABASE_URL": postgres.dsn("alone"), "KAFKA_BOOTSTRAP_SERVERS": broker}

    done = sunlight("up", "--data", str(tmp_path / "data"), "--port", str(free_port()), env=env)

    assert done.returncode == 3
    assert broker in done.stderr
    assert "Traceback" not in done.stderr
