"""What the edge does for every request."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from tests.unit.common.web.client import client_of
from tests.unit.common.web.desk import desk_app

CASES = "/api/approval/v1/cases"


async def chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 1000


async def test_body_of_unknown_length_is_cut_at_the_limit() -> None:
    async with client_of(desk_app(body_limit=2500)) as client:
        answer = await client.post(CASES, content=chunks(3))
        fits = await client.post(CASES, content=chunks(2))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert fits.status_code != 413


async def test_upload_path_may_have_a_limit_of_its_own() -> None:
    async with client_of(desk_app(body_limit=10, body_limits={CASES: 100})) as client:  # type: ignore[arg-type]
        assert (await client.post(CASES, json={"item": "abcdef", "copies": 1})).status_code == 200


async def test_a_limit_may_be_for_paths_with_any_text_in_one_place() -> None:
    limits = {CASES.replace("approval", "*"): 100}
    async with client_of(desk_app(body_limit=10, body_limits=limits)) as client:  # type: ignore[arg-type]
        assert (await client.post(CASES, json={"item": "abcdef", "copies": 1})).status_code == 200
        longer = f"{CASES}/1/materials"
        assert (await client.post(longer, json={"item": "abcdef"})).status_code == 413


@pytest.mark.parametrize("path", [CASES, "/nothing", "/api/approval/v1/broken", "/livez"])
async def test_every_answer_has_the_security_headers(path: str) -> None:
    async with client_of(desk_app()) as client:
        headers = (await client.get(path)).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_given_request_id_is_kept() -> None:
    async with client_of(desk_app()) as client:
        answer = await client.get(CASES, headers={"X-Request-ID": "trace-0001"})
    assert answer.headers["x-request-id"] == "trace-0001"


async def test_request_id_that_could_forge_a_log_line_is_replaced() -> None:
    async with client_of(desk_app()) as client:
        answer = await client.get(CASES, headers={"X-Request-ID": "a b"})
    assert len(answer.headers["x-request-id"]) == 32


async def test_time_is_counted_by_route_template_and_never_by_path() -> None:
    labels = {"service": "approval", "method": "GET", "route": "/cases/{number}", "status": "2xx"}
    name = "sunlight_http_request_duration_seconds_count"
    before = REGISTRY.get_sample_value(name, labels) or 0
    async with client_of(desk_app()) as client:
        await client.get(f"{CASES}/33010120260302")
        metrics = (await client.get("/metrics")).text
    assert REGISTRY.get_sample_value(name, labels) == before + 1
    assert "33010120260302" not in metrics


async def test_ready_only_when_nothing_is_missing() -> None:
    missing = ["database"]

    async def readiness() -> list[str]:
        return missing

    app = desk_app(readiness=readiness)  # type: ignore[arg-type]
    async with client_of(app) as client:
        waiting = await client.get("/readyz")
        missing.clear()
        ready = await client.get("/readyz")
        alive = await client.get("/livez")
    assert (waiting.status_code, waiting.json()["missing"]) == (503, ["database"])
    assert (ready.status_code, alive.status_code) == (200, 200)
