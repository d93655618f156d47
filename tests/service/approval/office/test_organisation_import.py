"""The organisation is taken over whole, once, and tells the bus nothing of persons."""

import asyncio

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.events.contracts import organisation as events
from tests.service.approval.registry import (
    BRANCH,
    BUREAU,
    DISTRICT,
    body,
    counts,
    credit_code,
    imported,
    post,
    tenure,
)
from tests.service.desk import events_of

HOURS = "1-5 09:00-12:00 13:30-17:00"
WINDOW = {"kind": "window", "code": "W-1", "name": "1 号窗口", "hall": "H-1", "body": BUREAU}
ALL = [
    tenure(role="substitute", staff_no="B-1", name="李四"),
    tenure(certificate_no="ZF-1", certificate_until="2027-12-31"),
    post("post-1", superior="post-9", window="W-1", duties=["window"]),
    post("post-9"),
    WINDOW,
    body(BRANCH, region=DISTRICT, superior=BUREAU, name="晨曦区审批局"),
    body(office_hours=HOURS),
]


async def test_records_may_stand_in_any_order(registry: httpx.AsyncClient) -> None:
    assert counts(await imported(registry, "organisation", ALL)) == (7, 7, 0, 0)


async def test_a_second_import_changes_nothing_and_tells_nothing(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", ALL)
    before = await owner.fetchval("SELECT count(*) FROM outbox")

    assert counts(await imported(registry, "organisation", ALL)) == (7, 0, 7, 0)
    assert await owner.fetchval("SELECT count(*) FROM outbox") == before


async def test_a_dry_run_answers_the_same_and_writes_nothing(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    told = await imported(registry, "organisation", ALL, dry_run=True)

    assert counts(told) == (7, 7, 0, 0)
    for table in ("body", '"window"', "post", "tenure", "outbox", "audit"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608


async def test_each_body_window_and_post_is_told_from_number_one(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", ALL)

    told = await events_of(owner, "post/post-1")
    assert [event.sequence for event in told] == [1, 2, 3]
    assert told[0].type == events.PostCreated.event_type
    assert {event.type for event in told[1:]} == {events.PostFilled.event_type}
    (established,) = await events_of(owner, f"body/{BRANCH}")
    assert established.type == events.BodyEstablished.event_type
    assert established.data["level"] == "county"
    assert established.data["region_code"] == "990102000000"
    assert (established.region, established.department) == ("990102000000", BRANCH)
    assert established.actor == "post-registrar"


async def test_no_person_is_on_the_bus_or_in_the_audit(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", ALL)

    rows = await owner.fetch("SELECT convert_from(value, 'UTF8') AS text FROM outbox")
    rows += await owner.fetch("SELECT audit::text AS text FROM audit")
    sent = " ".join(row["text"] for row in rows)
    for person in ("张三", "李四", "A-1", "B-1", "ZF-1"):
        assert person not in sent
    assert "post-1" in sent


async def test_a_change_raises_the_version_and_tells_the_whole_state(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", [body()])

    told = await imported(registry, "organisation", [body(name="阳光市行政审批服务局")])

    assert (told["created"], told["changed"]) == (0, 1)
    changed = (await events_of(owner, f"body/{BUREAU}"))[-1]
    assert (changed.type, changed.sequence) == (events.BodyChanged.event_type, 2)
    assert changed.data["name"] == "阳光市行政审批服务局"
    answer = await registry.get(f"/bodies/{BUREAU}")
    assert answer.headers["ETag"] == '"2"'


async def test_the_end_of_a_tenure_is_told_without_its_person(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", [body(), post("post-1"), tenure()])

    after = [
        tenure(last_day="2026-06-30"),
        tenure(first_day="2026-07-01", staff_no="A-2", name="王五"),
    ]
    assert counts(await imported(registry, "organisation", after)) == (2, 2, 0, 0)

    told = (await events_of(owner, "post/post-1"))[2:]
    assert [event.type for event in told] == [
        events.PostVacated.event_type,
        events.PostFilled.event_type,
    ]
    assert told[0].data["last_day"] == "2026-06-30"
    assert "staff_no" not in told[0].data


async def test_a_corrected_name_is_nobody_elses_business(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", [body(), post("post-1"), tenure()])
    before = await events_of(owner, "post/post-1")

    told = await imported(registry, "organisation", [tenure(name="张珊")])

    assert told["changed"] == 1
    assert await events_of(owner, "post/post-1") == before
    assert await owner.fetchval("SELECT name FROM tenure") == "张珊"


async def test_posts_that_would_lead_each_other_are_rejected(registry: httpx.AsyncClient) -> None:
    chain = [body(), post("post-1", superior="post-2"), post("post-2", superior="post-3")]
    await imported(registry, "organisation", [*chain, post("post-3")])

    told = await imported(registry, "organisation", [post("post-3", superior="post-1")])

    assert [reject["field"] for reject in told["rejects"]] == ["superior"]
    chain_now = await registry.get("/posts/post-1/leaders")
    assert [leader["post"] for leader in chain_now.json()["leaders"]] == ["post-2", "post-3"]


async def test_imports_at_once_never_close_a_circle(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", [body(), post("post-1"), post("post-2")])

    told = await asyncio.gather(
        imported(registry, "organisation", [post("post-1", superior="post-2")]),
        imported(registry, "organisation", [post("post-2", superior="post-1")]),
    )

    assert sorted(one["accepted"] for one in told) == [0, 1]
    assert await owner.fetchval("SELECT count(*) FROM post WHERE superior IS NOT NULL") == 1


async def test_two_open_holders_are_refused_by_the_database_too(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "organisation", [body(), post("post-1"), tenure()])

    with pytest.raises(Exception, match="tenure_open"):
        await owner.execute(
            "INSERT INTO tenure VALUES ('post-1', 'holder', '2026-05-01', NULL, 'A-9', 'x')"
        )


async def test_a_registrar_reaches_no_further_than_the_own_region(
    registry: httpx.AsyncClient,
) -> None:
    elsewhere = credit_code(3, "990200")

    told = await imported(registry, "organisation", [body(elsewhere, region="990200"), body()])

    assert [(reject["line"], reject["field"]) for reject in told["rejects"]] == [(1, "region")]
    assert told["accepted"] == 1


async def test_a_clerk_may_not_import(client: httpx.AsyncClient) -> None:
    answer = await client.post("/imports", json={"kind": "organisation", "records": [body()]})
    assert answer.status_code == 403
