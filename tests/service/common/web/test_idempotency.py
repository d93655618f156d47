"""A command sent twice is done once and answered the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from libs.common.web import idempotency_store
from libs.common.web.idempotency_store import KEPT, prune

CASES = "/api/approval/v1/cases"
KEY = {"Idempotency-Key": "5f1c"}


async def send(
    client: httpx.AsyncClient, item: str = "a", *, key: str = "5f1c", **more: object
) -> httpx.Response:
    headers = {"Idempotency-Key": key, "Authorization": str(more.pop("who", "Bearer a"))}
    return await client.post(CASES, json={"item": item, **more}, headers=headers)


async def count(client: httpx.AsyncClient) -> int:
    found: int = (await client.get(CASES)).json()
    return found


async def test_same_key_and_body_is_done_once_and_answered_the_same(
    client: httpx.AsyncClient,
) -> None:
    first, second = await send(client), await send(client)
    assert (
        (second.status_code, second.content)
        == (first.status_code, first.content)
        == (201, b'{"id":1}')
    )
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await count(client) == 1


async def test_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    await send(client)
    answer = await send(client, "b")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert await count(client) == 1


async def test_other_key_is_another_command(client: httpx.AsyncClient) -> None:
    await send(client)
    await send(client, key="6a2d")
    assert await count(client) == 2


async def test_other_caller_never_gets_the_answer(client: httpx.AsyncClient) -> None:
    await send(client)
    answer = await send(client, who="Bearer b")
    assert "idempotency-replayed" not in answer.headers
    assert await count(client) == 2


async def test_sent_at_once_it_is_done_once(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(send(client, wait=0.2) for _ in range(4)))
    assert {answer.content for answer in answers} == {b'{"id":1}'}
    assert (
        sorted("idempotency-replayed" in answer.headers for answer in answers)
        == [False] + [True] * 3
    )
    assert await count(client) == 1


async def test_waiting_too_long_is_told_to_come_back(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency_store, "LOCK_WAIT", "50ms")
    answers = await asyncio.gather(*(send(client, wait=0.5) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "idempotency_key_in_progress"
    assert refused.headers["retry-after"] == "1"


async def test_refused_command_keeps_no_answer(client: httpx.AsyncClient) -> None:
    assert (await send(client, "forbidden")).status_code == 409
    assert (await send(client, "a")).status_code == 201


async def test_failing_commit_keeps_no_answer(client: httpx.AsyncClient) -> None:
    assert (await send(client, office=9)).status_code == 500
    assert (await send(client)).status_code == 201


async def test_key_is_free_again_after_its_time(
    client: httpx.AsyncClient, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await send(client)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE idempotency_key SET at = now() - interval '25 hours'"))
    assert (await send(client, "b")).status_code == 201
    assert "idempotency-replayed" in (await send(client, "b")).headers


async def test_pruning_deletes_old_keys_alone(
    client: httpx.AsyncClient, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await send(client)
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        assert await prune(session, now=now) == 0
        assert await prune(session, now=now + KEPT + timedelta(minutes=1)) == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb"])
async def test_key_that_cannot_be_stored_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await send(client, key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid")


async def test_query_needs_no_key_and_stores_none(
    client: httpx.AsyncClient, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await client.get(CASES, headers=KEY)
    async with sessions() as session:
        stored = await session.execute(text("SELECT count(*) FROM idempotency_key"))
    assert stored.scalar_one() == 0
