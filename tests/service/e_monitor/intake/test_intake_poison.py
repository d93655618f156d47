"""Bodies that no well-meaning system sends: each is answered, none is kept or harms the rest."""

from collections.abc import AsyncIterator

import orjson
import pytest

from libs.common.db.engine import Connection
from tests.service.e_monitor.intake.system import System, counts, licence, outbox

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
CHUNK = b" " * 65536
HUGE = 100 * 1024 * 1024


async def test_a_body_of_100_mb_that_says_so_is_refused_unread(housing: System) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(HUGE // len(CHUNK)):
            read += len(CHUNK)
            yield CHUNK

    answer = await housing.client.post(
        "/api/monitor/v1/events",
        content=body(),
        headers={**housing.headers, "content-type": SINGLE, "content-length": str(HUGE)},
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_body_of_unknown_length_is_cut_off_at_four_mebibytes(housing: System) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield CHUNK

    answer = await housing.client.post(
        "/api/monitor/v1/events",
        content=body(),
        headers={**housing.headers, "content-type": SINGLE},
    )
    assert answer.status_code == 413


async def test_a_batch_of_three_mebibytes_is_read(housing: System) -> None:
    events = [licence(note="x" * 100_000) for _ in range(30)]
    assert {a["status"] for a in await housing.send_batch(events)} == {"accepted"}


async def test_a_single_event_beyond_256_kibibytes_is_rejected(housing: System) -> None:
    answer = await housing.send(licence(note="x" * 262_144))
    assert (answer.status_code, answer.json()["code"]) == (422, "too_large")


async def test_more_than_a_thousand_events_are_refused_whole(
    housing: System, owner: Connection
) -> None:
    answer = await housing.raw(orjson.dumps([{}] * 1001), BATCH)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")
    assert await outbox(owner) == []


@pytest.mark.parametrize(
    ("media", "headers"),
    [
        ("application/xml", {}),
        ("text/plain", {}),
        ("application/json", {}),
        ("application/cloudevents+xml", {}),
        ("application/cloudevents+json; charset=gbk", {}),
        ("application/cloudevents+json", {"content-encoding": "gzip"}),
        ("", {}),
    ],
)
async def test_another_content_type_is_415_and_says_which_are_read(
    housing: System, owner: Connection, media: str, headers: dict[str, str]
) -> None:
    answer = await housing.raw(orjson.dumps(licence()), media, headers=headers)
    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"
    assert SINGLE in answer.json()["detail"]
    assert BATCH in answer.json()["detail"]
    assert (await counts(owner))["rejected"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<event/>",
        b'{"id": "\x00"}',
        b"\xff\xfe",
        b'{"id": "\\ud800"}',
        b'{"a": 1e999}',
        b'{"data": NaN}',
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=["empty", "xml", "NUL", "no UTF-8", "lone surrogate", "infinite", "NaN", "bottomless"],
)
async def test_what_is_no_json_is_400(housing: System, owner: Connection, body: bytes) -> None:
    answer = await housing.raw(body, SINGLE)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")
    assert await outbox(owner) == []


async def test_a_batch_that_is_no_list_is_400(housing: System) -> None:
    assert (await housing.raw(orjson.dumps(licence()), BATCH)).status_code == 400


@pytest.mark.parametrize("event", [None, 1, "text", [], True])
async def test_json_that_is_no_object_is_rejected(housing: System, event: object) -> None:
    answer = await housing.send(event)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_an_object")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "a\0b"},
        {"subject": "housing/\0"},
        {"data": {"licence_no": "a\0b"}},
        {"data": {"licence_no": "A", "de\0ep": 1}},
        {"vendor": [["\0"]]},
    ],
)
async def test_an_escaped_nul_anywhere_is_rejected(
    housing: System, owner: Connection, change: dict[str, object]
) -> None:
    answer = await housing.send(licence(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, "nul")
    assert await outbox(owner) == []


@pytest.mark.parametrize("depth", [33, 300, 900])
async def test_deep_nesting_is_rejected(housing: System, depth: int) -> None:
    inner = b"[" * depth + b"]" * depth
    body = orjson.dumps(licence())[:-1] + b',"deep":' + inner + b"}"
    answer = await housing.raw(body, SINGLE)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_deep")


async def test_poison_in_a_batch_leaves_the_others_alone(
    housing: System, owner: Connection
) -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    events = [licence(), licence(id="\0"), licence(deep=deep), None, licence()]
    statuses = [answer["status"] for answer in await housing.send_batch(events)]
    assert statuses == ["accepted", "rejected", "rejected", "rejected", "accepted"]
    assert len(await outbox(owner)) == 2


async def test_an_excerpt_of_a_rejected_event_shows_no_person(
    housing: System, owner: Connection
) -> None:
    data = {"phone": "13800138000", "note": "call 13912345678", "id": "11010519491231002X"}
    await housing.send(licence(id="110101199003078515", data=data))
    kept = await owner.fetchrow("SELECT event_id, message::text, excerpt FROM rejected")
    assert kept is not None
    text = "".join(kept)
    for number in ("13800138000", "13912345678", "11010519491231002X", "110101199003078515"):
        assert number not in text
    assert len(kept["excerpt"]) <= 400


async def test_only_the_newest_thousand_rejected_events_of_a_source_are_kept(
    housing: System, owner: Connection
) -> None:
    for _ in range(2):
        await housing.send_batch([{}] * 600)
    assert await owner.fetchval("SELECT count(*) FROM rejected") == 1000
    assert (await counts(owner))["rejected"] == 1200
