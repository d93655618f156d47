"""One request, one transaction, committed before the answer leaves."""

import httpx

CASES = "/api/approval/v1/cases"


async def test_answer_comes_after_the_commit(client: httpx.AsyncClient) -> None:
    created = await client.post(CASES, json={"item": "a"})
    assert created.status_code == 201
    assert (await client.get(CASES)).json() == 1


async def test_failing_commit_is_never_answered_as_done(client: httpx.AsyncClient) -> None:
    # The foreign key is checked at commit, after the endpoint has returned its body.
    answer = await client.post(CASES, json={"item": "a", "office": 9})
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert (await client.get(CASES)).json() == 0


async def test_refused_command_leaves_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post(CASES, json={"item": "forbidden"})
    assert answer.status_code == 409
    assert (await client.get(CASES)).json() == 0
