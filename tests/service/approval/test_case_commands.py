"""What a command on a case promises: one transaction, one winner, one answer per key."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from libs.common.db.engine import Connection, connect
from tests.service.approval.conftest import LICENCE, Desk
from tests.service.city import move_by
from tests.service.desk import events_of

FAIL_AT_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused at commit' USING ERRCODE = '23514'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
"""
TABLES = ('"case"', "audit", "outbox", "idempotency_key")


async def rows_in(owner: Connection, table: str) -> int:
    count: int = await owner.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
    return count


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k-1"}])
async def test_a_commit_that_fails_answers_5xx_and_leaves_nothing(
    client: httpx.AsyncClient, owner: Connection, headers: dict[str, str]
) -> None:
    await owner.execute(FAIL_AT_COMMIT)
    answer = await client.post("/cases", json=LICENCE, headers=headers)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert [await rows_in(owner, table) for table in TABLES] == [0, 0, 0, 0]


async def test_a_rolled_back_command_gives_its_number_back(
    desk: Desk, client: httpx.AsyncClient, owner: Connection
) -> None:
    case_no = await desk.receive()
    await owner.execute(FAIL_AT_COMMIT)
    failed = await desk.do(case_no, "accept")
    await owner.execute("DROP TRIGGER refuse ON audit")
    await desk.done(case_no, "accept")
    events = await events_of(owner, f"case/{case_no}")
    assert failed.status_code == 500
    assert [event.sequence for event in events] == [1, 2]


async def test_the_same_key_and_body_get_the_same_answer_and_one_case(
    client: httpx.AsyncClient, owner: Connection
) -> None:
    headers = {"Idempotency-Key": "receive-1"}
    first = await client.post("/cases", json=LICENCE, headers=headers)
    again = await client.post("/cases", json=LICENCE, headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert await rows_in(owner, '"case"') == 1


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "receive-1"}
    await client.post("/cases", json=LICENCE, headers=headers)
    answer = await client.post("/cases", json={**LICENCE, "item_code": "B"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_of_two_commands_at_once_one_wins_and_the_other_is_told(
    desk: Desk, client: httpx.AsyncClient, owner: Connection
) -> None:
    case_no = await desk.receive()
    answers = await asyncio.gather(desk.do(case_no, "accept"), desk.do(case_no, "withdraw"))
    events = await events_of(owner, f"case/{case_no}")
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert [event.sequence for event in events] == [1, 2]


async def test_of_two_equal_commands_without_a_version_the_second_finds_the_step_done(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    case_no = await desk.receive()
    desk.tags[case_no] = "*"
    address, headers = f"/cases/{case_no}/accept", {"If-Match": "*"}
    answers = await asyncio.gather(
        *(client.post(address, json={}, headers=headers) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_command_without_if_match_is_asked_for_it(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    case_no = await desk.receive()
    answer = await client.post(f"/cases/{case_no}/accept", json={})
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")


async def test_a_step_out_of_order_is_a_conflict(desk: Desk) -> None:
    case_no = await desk.receive()
    answer = await desk.do(case_no, "decide", outcome="granted", delivers_document=True)
    assert (answer.status_code, answer.json()["code"]) == (409, "step_not_possible")


@pytest.mark.parametrize("statement", ["UPDATE audit SET post = 'x'", "DELETE FROM audit"])
async def test_the_service_role_cannot_change_the_audit(
    desk: Desk, dsn: str, statement: str
) -> None:
    await desk.receive()
    role = await connect(dsn, "approval")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await role.execute(statement)
    await role.close()


async def test_every_command_leaves_an_audit_row_with_the_post(
    desk: Desk, owner: Connection
) -> None:
    case_no = await desk.receive(
        received_on="2026-02-27", received_on_reason="arrived by post on a Friday evening"
    )
    await desk.done(case_no, "accept")
    rows = await owner.fetch("SELECT post, action, version, detail FROM audit ORDER BY id")
    assert [(row["post"], row["action"], row["version"]) for row in rows] == [
        ("post-7", "receive", 1),
        ("post-7", "accept", 2),
    ]
    assert "Friday evening" in rows[0]["detail"]


async def test_a_late_entry_is_dated_to_its_day_and_its_reason_stays_off_the_bus(
    desk: Desk, owner: Connection
) -> None:
    case_no = await desk.receive(
        received_on="2026-02-27", received_on_reason="arrived by post on a Friday evening"
    )
    (event,) = await events_of(owner, f"case/{case_no}")
    assert event.time.isoformat() == "2026-02-27T15:59:59.999999+00:00"
    assert event.recordedtime - event.time > timedelta(days=2)
    assert "Friday" not in str(event.data)


async def test_an_event_without_a_late_entry_bears_the_city_time(
    desk: Desk, dsn: str, owner: Connection
) -> None:
    await move_by(dsn, 3)
    case_no = await desk.receive()
    (event,) = await events_of(owner, f"case/{case_no}")
    assert event.time.date().isoformat() == "2026-03-05"
    assert timedelta() <= event.recordedtime - event.time < timedelta(seconds=2)
