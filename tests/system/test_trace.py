"""A trace follows an event from the HTTP request over the bus to the finding, on either bus."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.system.trace_scenario import CALLER

ROOT = Path(__file__).parents[2]
TRACE = CALLER.split("-")[1]


def _followed(dsn: str, **env: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.system.trace_scenario"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": dsn, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    body: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return body


def _assert_followed(told: dict[str, Any]) -> None:
    assert told["answers"] == ["accepted"] * 3
    (request,) = [span for span in told["spans"] if span["name"].startswith("POST ")]
    assert request["name"] == "POST /api/monitor/v1/events"
    assert (request["trace"], request["parent"]) == (TRACE, CALLER.split("-")[2])
    batches = [span for span in told["spans"] if span["name"] == "monitor batch"]
    assert any(TRACE in span["links"] for span in batches)
    assert told["finding"].split("-")[1] == TRACE


def test_a_finding_carries_the_trace_of_the_request_over_the_embedded_bus(database: str) -> None:
    _assert_followed(_followed(database))


@pytest.mark.kafka
def test_a_finding_carries_the_trace_of_the_request_over_kafka(
    database: str, request: pytest.FixtureRequest
) -> None:
    kafka = request.getfixturevalue("kafka")
    bus = {"KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap, "KAFKA_TOPIC_PREFIX": "trace."}
    _assert_followed(_followed(database, **bus))
