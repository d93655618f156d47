"""Who is admitted: a source with its token, the demonstration's on loopback, nobody else."""

import hashlib

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from libs.common.db.engine import Connection
from services.e_monitor.intake.sources import IntakeSettings
from tests.service.e_monitor.intake.system import HOUSING, System, callers, licence, outbox

DIGEST = hashlib.sha256(b"token").hexdigest()


async def test_without_a_token_nothing_is_taken_in(
    client: httpx.AsyncClient, owner: Connection
) -> None:
    answer = await System(client, None).send(licence())
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert await outbox(owner) == []


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Bearer", "Basic aG91c2luZw==", "housing-token-of-the-tests"]
)
async def test_another_token_is_refused(client: httpx.AsyncClient, header: str) -> None:
    system = System(client, None)
    system.headers["authorization"] = header
    assert (await system.send(licence())).status_code == 401


async def test_a_service_without_configured_sources_admits_nobody(
    app: FastAPI, housing: System
) -> None:
    app.state.intake = IntakeSettings.model_validate({}).callers()
    assert (await housing.send(licence())).status_code == 401


async def test_a_source_may_not_speak_for_another(land: System, owner: Connection) -> None:
    answer = await land.send(licence(source=HOUSING))
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/source", "/subject"}
    assert await outbox(owner) == []


async def test_the_demonstrations_source_needs_no_token_on_loopback(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    app.state.intake = callers(demo=True, demo_source="/990100/demo-system")
    event = licence(source="/990100/demo-system", subject="demo-system/1")
    assert (await System(client, None).send(event)).status_code == 202


@pytest.mark.parametrize(
    ("host", "caller"),
    [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "10.0.0.9")],  # noqa: S104
)
async def test_the_demonstrations_source_is_refused_beyond_loopback(
    app: FastAPI, host: str, caller: str
) -> None:
    app.state.intake = callers(demo=True, host=host)
    transport = httpx.ASGITransport(app=app, client=(caller, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as away:
        answer = await System(away, None).send(licence())
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "sources",
    [
        {"/990100/housing": {"tokens_sha256": []}},
        {"/990100/housing": {"tokens_sha256": ["token in clear"]}},
        {"housing": {"tokens_sha256": [DIGEST]}},
        {"/990100/case": {"tokens_sha256": [DIGEST]}},
        {"/990100/approval": {"tokens_sha256": [DIGEST]}},
        {
            "/990100/housing": {"tokens_sha256": [DIGEST]},
            "/990101/housing": {"tokens_sha256": ["0" * 64]},
        },
        {
            "/990100/housing": {"tokens_sha256": [DIGEST]},
            "/990100/land": {"tokens_sha256": [DIGEST]},
        },
    ],
    ids=[
        "no token",
        "no hash",
        "no region",
        "own subjects",
        "own service",
        "one system twice",
        "one token twice",
    ],
)
def test_settings_that_would_blur_who_is_who_stop_the_start(sources: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        IntakeSettings.model_validate({"sources": sources})


async def test_a_new_token_works_beside_the_old_one(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    hashes = [hashlib.sha256(token).hexdigest() for token in (b"old", b"new")]
    grant = {HOUSING: {"tokens_sha256": hashes}}
    app.state.intake = IntakeSettings.model_validate({"sources": grant}).callers()
    system = System(client)
    for token in ("old", "new"):
        system.headers["authorization"] = f"Bearer {token}"
        assert (await system.send(licence())).status_code == 202
