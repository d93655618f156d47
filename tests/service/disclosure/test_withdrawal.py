"""A withdrawn record leaves its tombstone, and nothing of what it said."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor, Identify
from services.disclosure.app import create_app
from services.disclosure.settings import Settings
from tests.service.desk import calling, events_of
from tests.service.disclosure.conftest import SITE, Stream
from tests.unit.disclosure.events import tender

API = "/api/disclosure/v1/records"
BODY = {"ground": "政府信息公开条例 15", "reason": "personal_data"}


def identify(duties: set[str], region: str = "990100") -> Identify:
    async def known(_request: object) -> Actor:
        return Actor("post-7", "office-9", region, frozenset(duties))

    return known


@pytest.fixture
async def publisher(dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """A post that may withdraw, which sees what everyone sees."""
    settings = Settings(dsn=dsn, pool_size=2, fresh_seconds=0)
    async with calling(create_app(settings, identify=identify({"publisher"})), SITE) as caller:
        yield caller


async def published(stream: Stream, caller: httpx.AsyncClient) -> str:
    await stream.send(tender())
    (item,) = (await caller.get(API)).json()["items"]
    return str(item["id"])


async def withdraw(caller: httpx.AsyncClient, record: str, **body: Any) -> httpx.Response:
    return await caller.post(f"{API}/{record}/withdraw", json={**BODY, **body})


async def test_the_address_answers_gone_with_when_and_why(
    stream: Stream, publisher: httpx.AsyncClient
) -> None:
    record = await published(stream, publisher)
    assert (await withdraw(publisher, record)).status_code == 200
    answer = await publisher.get(f"{API}/{record}")
    told = answer.json()
    assert answer.status_code == 410
    assert (told["withdrawal_ground"], told["withdrawal_reason"]) == tuple(BODY.values())
    assert "facts" not in told
    page = await publisher.get(f"/records/{record}")
    assert page.status_code == 410
    assert "《政府信息公开条例》第 15 条" in page.text
    assert "T-2026-001" not in page.text


async def test_a_withdrawn_record_stands_in_no_list(
    stream: Stream, publisher: httpx.AsyncClient
) -> None:
    await withdraw(publisher, await published(stream, publisher))
    assert (await publisher.get(API)).json()["items"] == []
    for address in ("/", "/open-data/records.csv", "/feeds/tenders.atom", "/feeds/tenders.json"):
        assert "T-2026-001" not in (await publisher.get(address)).text, address


async def test_the_feed_tells_its_readers_under_the_same_id(
    stream: Stream, publisher: httpx.AsyncClient
) -> None:
    record = await published(stream, publisher)
    (before,) = (await publisher.get("/feeds/tenders.json")).json()["items"]
    await withdraw(publisher, record)
    (after,) = (await publisher.get("/feeds/tenders.json")).json()["items"]
    assert after["id"] == before["id"]
    assert after["title"] == "该记录已撤回"
    assert "《政府信息公开条例》第 15 条" in after["content_text"]


async def test_nothing_of_what_it_said_stays_in_the_table(
    stream: Stream, publisher: httpx.AsyncClient, owner_connection: Connection
) -> None:
    await withdraw(publisher, await published(stream, publisher))
    assert await owner_connection.fetchval("SELECT facts FROM record") == "{}"


async def test_the_withdrawal_is_told_and_on_record(
    stream: Stream, publisher: httpx.AsyncClient, owner_connection: Connection
) -> None:
    record = await published(stream, publisher)
    await withdraw(publisher, record)
    (event,) = await events_of(owner_connection, f"record/{record}")
    assert event.type == "cn.sunlight.disclosure.record.withdrawn.v1"
    assert event.data == {"record_id": record, "reason": "personal_data"}
    row = await owner_connection.fetchrow("SELECT post, action FROM audit")
    assert dict(row or {}) == {"post": "post-7", "action": "withdraw"}


async def test_reprocessing_publishes_no_withdrawn_record_again(
    stream: Stream, publisher: httpx.AsyncClient, owner_connection: Connection
) -> None:
    record = await published(stream, publisher)
    await withdraw(publisher, record)
    await owner_connection.execute("TRUNCATE subject, consumer_position")
    await stream.send(tender())
    assert (await publisher.get(f"{API}/{record}")).status_code == 410


async def test_a_record_is_withdrawn_once(stream: Stream, publisher: httpx.AsyncClient) -> None:
    record = await published(stream, publisher)
    await withdraw(publisher, record)
    answer = await withdraw(publisher, record)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_withdrawn")


@pytest.mark.parametrize("body", [{"ground": "because"}, {"reason": "shame"}, {"ground": ""}])
async def test_without_ground_and_reason_nothing_is_withdrawn(
    stream: Stream, publisher: httpx.AsyncClient, body: dict[str, str]
) -> None:
    record = await published(stream, publisher)
    assert (await withdraw(publisher, record, **body)).status_code == 422
    assert (await publisher.get(f"{API}/{record}")).status_code == 200


@pytest.mark.parametrize(("duties", "region"), [(set[str](), "990100"), ({"publisher"}, "980100")])
async def test_a_post_without_the_duty_or_of_another_city_may_not_withdraw(
    dsn: str, stream: Stream, duties: set[str], region: str
) -> None:
    app = create_app(Settings(dsn=dsn, pool_size=2), identify=identify(duties, region))
    async with calling(app, SITE) as caller:
        record = await published(stream, caller)
        assert (await withdraw(caller, record)).status_code == 403


async def test_the_public_may_not_withdraw(stream: Stream, public: httpx.AsyncClient) -> None:
    record = await published(stream, public)
    assert (await withdraw(public, record)).status_code == 401
