"""A card by hand: noticed, answered, set right, verified by another office, closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from libs.common.events import decode
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import SHANGHAI, application, calling, play, post

BASE = "/api/monitor/v1"
OFFICE = "市住建局"
POSTS = {
    "supervisor": post("supervisor", name="jc-01", office="市效能办"),
    "head": post("head", name="zj-head", office=OFFICE),
    "verifier": post("verifier", name="sj-02", office="市审计局"),
    "elsewhere": post("supervisor", name="xx-01", office="邻市效能办", region="980100"),
}
ASSIGNED = {"answer_by": (datetime.now(SHANGHAI).date() + timedelta(days=7)).isoformat()}
ANSWER = {"cause": "department", "statement": "专家评审会改期,已补开。", "note": "内部说明"}


@pytest.fixture
async def city(database: str, law: Fold) -> str:
    await play(database, law)
    return database


@asynccontextmanager
async def acting_as(dsn: str, law: Fold, who: str) -> AsyncIterator[httpx.AsyncClient]:
    async def identify(_: object) -> Actor:
        return POSTS[who]

    async with calling(application(dsn, law, identify=identify), BASE) as caller:
        yield caller


async def late_decision(api: httpx.AsyncClient) -> dict[str, Any]:
    found = await api.get("/findings", params={"rule": "APV-010", "department": OFFICE})
    item: dict[str, Any] = found.json()["items"][0]
    return item


async def step(
    dsn: str, law: Fold, who: str, finding: str, action: str, body: dict[str, Any]
) -> httpx.Response:
    async with acting_as(dsn, law, who) as api:
        # Whoever may not see it guesses.
        tag = (await api.get(f"/findings/{finding}")).headers.get("ETag", '"1"')
        return await api.post(f"/findings/{finding}/{action}", json=body, headers={"If-Match": tag})


async def test_a_card_goes_from_notice_to_closed(city: str, law: Fold) -> None:
    async with acting_as(city, law, "head") as api:
        finding = (await late_decision(api))["id"]
        inbox = (await api.get("/notices", params={"new": True})).json()["items"]
        assert [(one["finding"], one["stage"]) for one in inbox] == [(finding, "red")]
        for _ in range(2):
            assert (await api.post(f"/notices/{finding}/red/receipt")).status_code == 204
        assert (await api.get("/notices", params={"new": True})).json()["items"] == []
    steps = [
        ("supervisor", "assign", ASSIGNED),
        ("head", "answer", ANSWER),
        ("head", "correct", {"note": "已作出决定并送达"}),
        ("verifier", "verify", {}),
        ("verifier", "close", {"note": "销号"}),
    ]
    statuses = []
    for who, action, body in steps:
        answer = await step(city, law, who, finding, action, body)
        assert answer.status_code == 200, answer.text
        statuses.append(answer.json()["status"])
    assert statuses == ["assigned", "explained", "corrected", "verified", "closed"]
    history, told = await written(city, finding)
    assert history[1:] == [(action, POSTS[who].post) for who, action, _ in steps]
    assert told[1:] == ["assigned", "answered", "corrected", "verified", "closed"]


async def test_whoever_handles_a_card_next_reads_what_was_noted(city: str, law: Fold) -> None:
    async with acting_as(city, law, "head") as api:
        finding = (await late_decision(api))["id"]
    await step(city, law, "head", finding, "answer", ANSWER)
    await step(city, law, "head", finding, "correct", {"note": "已补发<通知>"})
    async with acting_as(city, law, "verifier") as api:
        history = (await api.get(f"/findings/{finding}")).json()["history"]
        page = (await api.get(f"http://city.test/monitor/findings/{finding}?lang=zh")).text
    assert [change["note"] for change in history] == [None, "内部说明", "已补发<通知>"]
    assert "内部备注：内部说明" in page
    assert "内部备注：已补发&lt;通知&gt;" in page


async def written(dsn: str, finding: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    """The finding's history, and its events in the order of their numbers."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT change, post FROM monitor.finding_history WHERE finding = $1 ORDER BY version",
            finding,
        )
        values = await connection.fetch(
            "SELECT value FROM monitor.outbox WHERE subject = $1 ORDER BY id", f"finding/{finding}"
        )
        audited = await connection.fetchval("SELECT count(*) FROM monitor.audit")
    finally:
        await connection.close()
    events = [decode(row["value"]) for row in values]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert audited == len(events) - 1
    assert "内部说明" not in str([event.data for event in events])
    return [tuple(row) for row in rows], [event.type.split(".")[4] for event in events]


@pytest.mark.parametrize(
    ("who", "action", "body", "status"),
    [
        ("head", "correct", {"note": "还没有说明"}, 409),
        ("head", "assign", ASSIGNED, 403),
        ("verifier", "answer", ANSWER, 403),
        ("supervisor", "verify", {}, 403),
        ("elsewhere", "waive", {"reason": "outage", "note": "停机"}, 404),
        ("supervisor", "assign", {"answer_by": "2020-01-01"}, 422),
        ("supervisor", "waive", {"reason": "because", "note": "x"}, 422),
        ("supervisor", "waive", {"reason": "outage"}, 422),
        ("head", "answer", {**ANSWER, "statement": "请联系 13812345678"}, 422),
    ],
)
async def test_what_is_not_possible_is_refused_and_leaves_nothing(
    city: str, law: Fold, who: str, action: str, body: dict[str, Any], status: int
) -> None:
    async with acting_as(city, law, "supervisor") as api:
        finding = (await late_decision(api))["id"]
    answer = await step(city, law, who, finding, action, body)
    assert answer.status_code == status, answer.text
    assert (await written(city, finding))[0] == [("detected", None)]


async def test_of_two_verifiers_the_second_is_told_that_it_changed(city: str, law: Fold) -> None:
    async with acting_as(city, law, "supervisor") as api:
        found = await late_decision(api)
        tag = f'"{found["version"]}"'
        address, body = f"/findings/{found['id']}/assign", ASSIGNED
        first = await api.post(address, json=body, headers={"If-Match": tag})
        second = await api.post(address, json=body, headers={"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)


async def test_a_double_submit_is_done_once(city: str, law: Fold) -> None:
    async with acting_as(city, law, "supervisor") as api:
        found = await late_decision(api)
        headers = {"If-Match": f'"{found["version"]}"', "Idempotency-Key": "k-1"}
        address, body = f"/findings/{found['id']}/assign", ASSIGNED
        answers = [await api.post(address, json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len((await written(city, found["id"]))[0]) == 2


async def test_a_wrong_clock_is_rescinded_with_its_reason_and_stays_on_record(
    city: str, law: Fold
) -> None:
    async with acting_as(city, law, "supervisor") as api:
        finding = (await late_decision(api))["id"]
    told = {**ANSWER, "claim": "clock_wrong", "cause": "excluded_time"}
    assert (await step(city, law, "head", finding, "answer", told)).status_code == 200
    body = {"reason": "clock_wrong", "note": "检验期间未扣除"}
    answer = await step(city, law, "supervisor", finding, "rescind", body)
    assert answer.json()["status"] == "rescinded"
    async with acting_as(city, law, "supervisor") as api:
        shown = (await api.get(f"/findings/{finding}")).json()
    assert (shown["status"], shown["reason"]) == ("rescinded", "clock_wrong")


async def test_work_lists_show_what_waits_for_each_duty(city: str, law: Fold) -> None:
    async def waiting(who: str, waits: str) -> set[str]:
        async with acting_as(city, law, who) as api:
            answer = await api.get("/work", params={"waits": waits})
            assert answer.status_code == 200, answer.text
            return {item["rule"] for item in answer.json()["items"]}

    assert "APV-010" in await waiting("supervisor", "to-assign")
    assert await waiting("elsewhere", "to-assign") == set()
    assert await waiting("head", "to-answer") == {"APV-010"}
    async with acting_as(city, law, "head") as api:
        finding = (await late_decision(api))["id"]
        assert (await api.get("/work", params={"waits": "to-verify"})).status_code == 403
    await step(city, law, "head", finding, "answer", ANSWER)
    await step(city, law, "head", finding, "correct", {"note": "已送达"})
    assert await waiting("verifier", "to-verify") == {"APV-010"}
