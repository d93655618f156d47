"""Every kind of answer the intake gives, and what it leaves in the database."""

import hashlib

import orjson
import pytest

from libs.common.db.engine import Connection
from libs.common.events import decode
from tests.service.e_monitor.intake.system import LAND, LICENCE, System, counts, licence, outbox


async def test_a_licence_is_accepted_and_stands_in_the_outbox_of_the_topic_registry(
    housing: System, owner: Connection
) -> None:
    event = licence(data={"licence_no": "A-17", "holder": "free text"}, department="zj")
    answer = await housing.send(event)
    assert answer.status_code == 202
    assert answer.json() == {
        "index": 0,
        "status": "accepted",
        "id": event["id"],
        "subject": event["subject"],
        "sequence": 1,
        "errors": [],
    }
    row = await owner.fetchrow("SELECT topic, subject, value FROM outbox")
    assert row is not None
    sent = decode(row["value"])
    assert (row["topic"], row["subject"], sent.id) == ("registry", event["subject"], event["id"])
    assert (sent.source, sent.region, sent.department) == ("/990100/housing", "990100", "zj")
    assert sent.data == {"licence_no": "A-17"}
    assert sent.time.isoformat() == "2026-03-02T00:30:00+00:00"
    assert sent.recordedtime > sent.time


async def test_the_whole_record_is_kept_with_its_hash(housing: System, owner: Connection) -> None:
    event = licence(vendorextension="kept", sequence="77")
    await housing.send(event)
    row = await owner.fetchrow("SELECT raw, hash, sequence FROM received")
    assert row is not None
    assert orjson.loads(row["raw"]) == event
    assert row["hash"] == hashlib.sha256(row["raw"]).digest()
    assert row["sequence"] == 1


async def test_the_same_event_again_is_a_duplicate_however_its_members_are_ordered(
    housing: System, owner: Connection
) -> None:
    event = licence()
    await housing.send(event)
    again = await housing.send(dict(reversed(event.items())))
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert again.json()["sequence"] == 1
    assert len(await outbox(owner)) == 1


async def test_the_same_id_with_other_content_is_a_conflict_and_the_first_stands(
    housing: System, owner: Connection
) -> None:
    event = licence()
    await housing.send(event)
    answer = await housing.send({**event, "data": {"licence_no": "other"}})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["errors"][0]["pointer"]) == ("conflict", "/id")
    assert [sent["data"] for sent in await outbox(owner)] == [event["data"]]


async def test_two_sources_may_use_the_same_id(housing: System, land: System) -> None:
    await housing.send(licence(id="1"))
    answer = await land.send(licence(id="1", source=LAND, subject="land/1"))
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"specversion": "0.3"}, "specversion", "/specversion"),
        ({"id": None}, "id", "/id"),
        ({"id": "x" * 201}, "id", "/id"),
        ({"id": 7}, "id", "/id"),
        ({"source": LAND}, "foreign_source", "/source"),
        ({"source": None}, "foreign_source", "/source"),
        ({"subject": "land/1"}, "subject", "/subject"),
        ({"subject": "case/990100-20260302-00000001"}, "subject", "/subject"),
        ({"subject": "housing/"}, "subject", "/subject"),
        ({"subject": None}, "subject", "/subject"),
        ({"time": None}, "time", "/time"),
        ({"time": "2026-03-02T08:30:00"}, "time", "/time"),
        ({"time": "2026-13-02T08:30:00Z"}, "time", "/time"),
        ({"time": "1989-12-31T23:59:59Z"}, "time_implausible", "/time"),
        ({"time": "2026-03-03T09:30:00+08:00"}, "time_implausible", "/time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time", "/time"),
        ({"type": None}, "type", "/type"),
        ({"type": "cn.sunlight.monitor.finding.closed.v1"}, "type", "/type"),
        ({"data": {}}, "contract", "/data/licence_no"),
        ({"data": {"licence_no": 17}}, "contract", "/data/licence_no"),
        ({"data": "A-17"}, "data", "/data"),
        ({"data_base64": "QQ=="}, "data", "/datacontenttype"),
        ({"datacontenttype": "text/xml"}, "data", "/datacontenttype"),
        ({"actor": "张三"}, "attribute", "/actor"),
        ({"region": "110000"}, "attribute", "/region"),
        ({"traceparent": "x"}, "attribute", "/traceparent"),
    ],
)
async def test_what_is_wrong_is_rejected_with_code_and_pointer(
    housing: System, owner: Connection, change: dict[str, object], code: str, pointer: str
) -> None:
    answer = await housing.send(licence(**change))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await outbox(owner) == []
    kept = await owner.fetchrow("SELECT code, pointer FROM rejected")
    assert kept is not None
    assert tuple(kept) == (code, pointer)


async def test_everything_wrong_with_an_event_is_said_at_once(housing: System) -> None:
    answer = await housing.send(licence(source=LAND, time="yesterday", data={}))
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == ["/source", "/time", "/data/licence_no"]


async def test_a_code_that_the_contract_does_not_know_is_rejected(housing: System) -> None:
    kind = "cn.sunlight.approval.case.paused.v1"
    answer = await housing.send(licence(type=kind, data={"ground": "holiday"}))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/data/ground"
    assert "hearing" in answer.json()["errors"][0]["message"]


async def test_a_case_of_a_departments_own_system_goes_to_the_topic_registry(
    housing: System, owner: Connection
) -> None:
    kind = "cn.sunlight.approval.case.decided.v1"
    await housing.send(licence(type=kind, data={"outcome": "granted"}))
    assert [event["topic"] for event in await outbox(owner)] == ["registry"]


async def test_an_unknown_type_is_kept_whole_and_only_its_occurrence_travels(
    housing: System, owner: Connection
) -> None:
    event = licence(type="org.example.survey.done", data={"surveyor": "a name"})
    assert (await housing.send(event)).status_code == 202
    (sent,) = await outbox(owner)
    assert (sent["type"], sent["data"]) == ("org.example.survey.done", {})
    assert orjson.loads(await owner.fetchval("SELECT raw FROM received")) == event


async def test_a_dry_run_answers_the_same_and_keeps_nothing(
    housing: System, owner: Connection
) -> None:
    event = licence()
    first, second = [await housing.send(event, dry_run=True) for _ in range(2)]
    wrong = await housing.send(licence(subject="x"), dry_run=True)
    unreadable = await housing.raw(b"{", "application/cloudevents+json", dry_run=True)
    assert [first.status_code, first.json()["status"]] == [200, "accepted"]
    assert second.json()["status"] == "accepted"
    assert [wrong.status_code, unreadable.status_code] == [422, 400]
    tables = ("received", "foreign_subject", "outbox", "rejected", "source")
    for table in tables:
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608


async def test_a_dry_run_tells_a_duplicate_and_a_conflict(housing: System) -> None:
    event = licence()
    await housing.send(event)
    again = await housing.send(event, dry_run=True)
    other = await housing.send({**event, "time": "2026-03-02T08:31:00+08:00"}, dry_run=True)
    assert (again.json()["status"], other.status_code) == ("duplicate", 409)


async def test_a_batch_gives_one_answer_an_event_with_pointers_into_the_batch(
    housing: System, owner: Connection
) -> None:
    old, new = licence(), licence()
    await housing.send(old)
    events = [
        new,
        old,
        {**old, "data": {"licence_no": "other"}},
        licence(data={}),
        new,
        {**new, "data": {"licence_no": "other"}},
        "no event",
        licence(subject=new["subject"]),
    ]
    answers = await housing.send_batch(events)
    assert [answer["status"] for answer in answers] == [
        "accepted",
        "duplicate",
        "conflict",
        "rejected",
        "duplicate",
        "conflict",
        "rejected",
        "accepted",
    ]
    assert [answer["index"] for answer in answers] == list(range(8))
    pointers = [answer["errors"][0]["pointer"] for answer in answers if answer["errors"]]
    assert pointers == ["/2/id", "/3/data/licence_no", "/5/id", "/6"]
    assert [event["sequence"][-1] for event in await outbox(owner, new["subject"])] == ["1", "2"]
    assert await counts(owner) == {
        "accepted": 3,
        "duplicates": 2,
        "conflicts": 2,
        "rejected": 2,
    }


async def test_an_empty_batch_is_answered_with_an_empty_list(housing: System) -> None:
    assert await housing.send_batch([]) == []


async def test_a_full_batch_is_taken_in_whole(housing: System, owner: Connection) -> None:
    answers = await housing.send_batch([licence() for _ in range(1000)])
    assert {answer["status"] for answer in answers} == {"accepted"}
    assert await owner.fetchval("SELECT count(*) FROM outbox WHERE topic = 'registry'") == 1000


async def test_binary_mode_is_read(housing: System, owner: Connection) -> None:
    event = licence()
    headers = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    answer = await housing.raw(orjson.dumps(event["data"]), "application/json", headers=headers)
    assert answer.status_code == 202
    assert [sent["type"] for sent in await outbox(owner)] == [LICENCE]


async def test_answers_are_in_the_language_of_the_caller(housing: System) -> None:
    body = orjson.dumps(licence(data={}))
    answer = await housing.raw(
        body, "application/cloudevents+json", headers={"accept-language": "zh-CN"}
    )
    assert answer.json()["errors"] == [{"pointer": "/data/licence_no", "message": "必填"}]
