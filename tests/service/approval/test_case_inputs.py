"""Whatever is sent, the answer is problem+json that points at what is wrong."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.service.approval.conftest import LICENCE, Desk

PROBLEM = "application/problem+json"


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"].startswith(PROBLEM), answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"item_code": None}, "/item_code"),
        ({"item_code": ""}, "/item_code"),
        ({"item_code": "x" * 101}, "/item_code"),
        ({"item_code": "a\u0000b"}, "/item_code"),
        ({"item_code": 5}, "/item_code"),
        ({"item_type": "行政处罚"}, "/item_type"),
        ({"immediate": "true"}, "/immediate"),
        ({"promised_limit": "5"}, "/promised_limit"),
        ({"promised_limit": 5.5}, "/promised_limit"),
        ({"promised_limit": 10**30}, "/promised_limit"),
        ({"promised_limit": -1}, "/promised_limit"),
        ({"version": 7}, "/version"),
        ({"received_on": 20260302}, "/received_on"),
        ({"received_on": "2026-02-30"}, "/received_on"),
    ],
)
async def test_a_wrong_value_is_named_by_its_pointer(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    answer = await client.post("/cases", json={**LICENCE, **change})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in problem_of(answer)["errors"]]


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1970-01-01", "2026-01-30", "2026-03-03", "9999-12-31"]
)
async def test_an_absurd_day_of_arrival_is_refused(client: httpx.AsyncClient, day: str) -> None:
    late = {"received_on": day, "received_on_reason": "found in a drawer"}
    answer = await client.post("/cases", json={**LICENCE, **late})
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["pointer"] == "/received_on"


@pytest.mark.parametrize(
    "told_at",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-03-02T09:00:00",
        "2027-01-01T00:00:00+08:00",
        "yesterday",
        1772413200,
    ],
)
async def test_an_absurd_instant_is_refused(desk: Desk, told_at: Any) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "accept")
    body = {"extension_length": 5, "approver_level": "office_head", "told_at": told_at}
    answer = await desk.do(case_no, "extend", **body)
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["pointer"] == "/told_at"


async def test_a_body_that_is_no_json_is_400(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/cases", content=b"{", headers=headers)
    assert (answer.status_code, problem_of(answer)["code"]) == (400, "bad_request")


async def _chunks(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 65536):
        yield b" " * 65536


async def test_a_body_of_a_hundred_megabytes_is_413(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/cases", content=_chunks(100 * 1024 * 1024), headers=headers)
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "case_no", ["1", "990100-20260302-00000001'--", "x" * 300, "%00", "../../etc"]
)
async def test_an_address_that_is_no_case_number_is_refused(
    client: httpx.AsyncClient, case_no: str
) -> None:
    answer = await client.get(f"/cases/{case_no}")
    assert answer.status_code in {404, 422}
    problem_of(answer)


async def test_a_case_that_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/cases/990100-20260302-99999999")
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["!", "WzFd", "e30", "WyJcdTAwMDAiXQ"])
async def test_a_cursor_that_is_not_ours_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/cases", params={"cursor": cursor})
    assert (answer.status_code, problem_of(answer)["errors"][0]["pointer"]) == (422, "query:cursor")


async def test_a_case_of_another_office_does_not_exist_for_the_caller(
    desk: Desk, owner: Any, client: httpx.AsyncClient
) -> None:
    case_no = await desk.receive()
    await owner.execute("""UPDATE "case" SET office = 'office-2'""")
    assert (await client.get(f"/cases/{case_no}")).status_code == 404
    assert (await desk.do(case_no, "accept")).status_code == 404
