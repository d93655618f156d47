"""Findings over HTTP, on a real database: filters, pages, history, who may ask, readiness."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.identity.actor import loopback_only
from libs.common.law.fold import Fold
from services.e_monitor.app import create_app
from services.e_monitor.settings import Settings
from tests.service.e_monitor.scene import SUPERVISOR, application, calling, play

BASE = "/api/monitor/v1"
ALL = {"APV-010", "APV-022", "EMO-020", "TDR-021"}
"""Late decision, late publication, licence without a case, short publicity."""


@pytest.fixture
async def api(autumn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(application(autumn, law), BASE) as caller:
        yield caller


async def listed(api: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await api.get("/findings", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize(
    ("asked", "rules"),
    [
        ({}, ALL),
        ({"rule": "APV-010"}, {"APV-010"}),
        ({"severity": "lead"}, {"EMO-020"}),
        ({"stage": "red"}, {"APV-010", "TDR-021"}),
        ({"state": "overdue"}, {"APV-010", "APV-022"}),
        ({"status": "open"}, ALL),
        ({"status": "explained,open"}, ALL),
        ({"status": "rescinded"}, set()),
        ({"department": "市住建局"}, {"APV-010"}),
        ({"region": "990100"}, ALL),
        ({"region": "990103"}, {"APV-022", "EMO-020"}),
        ({"subject": "tender/T-1"}, {"TDR-021"}),
        ({"region": "990103", "severity": "yellow"}, {"APV-022"}),
    ],
)
async def test_filter_keeps_what_matches(
    api: httpx.AsyncClient, asked: dict[str, str], rules: set[str]
) -> None:
    assert {item["rule"] for item in await listed(api, **asked)} == rules


async def test_pages_show_each_finding_once(api: httpx.AsyncClient) -> None:
    seen, address = [], "/findings?limit=1"
    while address:
        answer = await api.get(address)
        seen += [item["rule"] for item in answer.json()["items"]]
        link = answer.links.get("next", {}).get("url", "")
        address = link.removeprefix(BASE)
    assert sorted(seen) == sorted(ALL)


async def test_finding_carries_its_history_and_etag(api: httpx.AsyncClient) -> None:
    (item,) = await listed(api, rule="APV-010")
    answer = await api.get(f"/findings/{item['id']}")
    body = answer.json()
    assert [entry["change"] for entry in body["history"]] == ["detected"]
    assert body["occurred_at"] == "2026-10-28T16:00:00Z"  # midnight in Shanghai
    assert body["why"] == "/monitor/why/case/2026-1/APV-010"
    assert str(body["version"]) in answer.headers["ETag"]


async def test_finding_that_no_longer_holds_is_rescinded_and_kept(database: str, law: Fold) -> None:
    worker = await play(database, law)
    late = worker.event(
        "approval.case.decided", "case/2026-1", "2026-10-27T10:00:00", outcome="granted"
    )
    await worker.feed([late], "2026-11-02T13:00:00")
    async with calling(application(database, law), BASE) as api:
        assert await listed(api, rule="APV-010") == []
        (item,) = await listed(api, rule="APV-010", status="rescinded")
        history = (await api.get(f"/findings/{item['id']}")).json()["history"]
    assert item["reason"] == "no_longer_holds"
    assert [entry["change"] for entry in history] == ["detected", "rescinded"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("cursor=nonsense", "query:cursor"),
        ("cursor=W10", "query:cursor"),
        ("severity=purple", "query:severity"),
        ("limit=0", "query:limit"),
    ],
)
async def test_wrong_value_is_named(api: httpx.AsyncClient, query: str, pointer: str) -> None:
    answer = await api.get(f"/findings?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_unknown_finding_is_not_found(api: httpx.AsyncClient) -> None:
    answer = await api.get("/findings/00000000-0000-0000-0000-000000000000")
    assert answer.status_code == 404


async def test_horizon_is_the_least_of_the_topics(api: httpx.AsyncClient) -> None:
    body = (await api.get("/horizon")).json()
    assert body["complete_to"] == "2026-11-02T04:00:05Z"
    assert set(body["topics"]) == {"approval", "trading", "registry", "disclosure"}


async def test_horizon_is_open_before_anything_is_complete(database: str, law: Fold) -> None:
    async with calling(application(database, law), BASE) as api:
        assert (await api.get("/horizon")).json() == {"complete_to": None, "topics": {}}


ADDRESSES = ["/api/monitor/v1/findings", "/api/monitor/v1/stream", "/monitor", "/monitor/stream"]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_nobody_is_let_in_without_the_demonstration(
    autumn: str, law: Fold, address: str
) -> None:
    async with calling(create_app(Settings(dsn=autumn), law=law)) as caller:
        assert (await caller.get(address)).status_code == 401


@pytest.mark.parametrize("address", ADDRESSES)
async def test_demonstration_lets_no_one_in_from_elsewhere(
    autumn: str, law: Fold, address: str
) -> None:
    exposed = loopback_only(SUPERVISOR, "0.0.0.0")  # noqa: S104 - that it is refused is the test
    async with calling(create_app(Settings(dsn=autumn), law=law, identify=exposed)) as caller:
        assert (await caller.get(address)).status_code == 401


async def test_service_is_ready_on_a_migrated_database(autumn: str, law: Fold) -> None:
    async with calling(application(autumn, law)) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (200, [])


async def test_service_waits_for_migrations(
    postgres: EmbeddedPostgres, template: str, empty_database: str, law: Fold
) -> None:
    async with calling(application(empty_database, law)) as caller:
        answer = await caller.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])


async def test_metrics_say_to_when_each_topic_is_complete(autumn: str, law: Fold) -> None:
    app = application(autumn, law)
    async with calling(app) as caller:
        await app.state.news.look()
        text = (await caller.get("/metrics")).text
    # 2026-11-02 04:00:05 UTC
    line = 'sunlight_monitor_complete_to_timestamp_seconds{topic="approval"} 1.793592005e+09'
    assert line in text
