"""Steps of the handling sent at the same instant: one of them happens, and the others are told."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import application, calling, play, post
from tests.service.e_monitor.test_follow_up import (
    ANSWER,
    ASSIGNED,
    BASE,
    POSTS,
    acting_as,
    late_decision,
    step,
    written,
)

SECOND = post("verifier", name="sj-03", office="市审计局")
ROUNDS = range(5)


@pytest.fixture
async def card(database: str, law: Fold) -> dict[str, Any]:
    """A red card that nobody has touched."""
    await play(database, law)
    async with acting_as(database, law, "supervisor") as api:
        return await late_decision(api)


async def together(
    dsn: str, law: Fold, card: str, action: str, body: dict[str, Any], *asked: dict[str, Any]
) -> list[httpx.Response]:
    """The same step asked for at once, each time by an actor with headers of its own."""
    async with AsyncExitStack() as stack:
        callers = []
        for one in asked:

            async def identify(_: object, actor: Actor = one["actor"]) -> Actor:
                return actor

            app = application(dsn, law, identify=identify)
            callers.append(await stack.enter_async_context(calling(app, BASE)))
        return await asyncio.gather(
            *(
                caller.post(f"/findings/{card}/{action}", json=body, headers=one["headers"])
                for caller, one in zip(callers, asked, strict=True)
            )
        )


async def steps(dsn: str, card: str) -> list[str]:
    """What was done about the card, in order; fails where events and history do not agree."""
    return [change for change, _ in (await written(dsn, card))[0]][1:]


async def corrected(dsn: str, law: Fold, card: str) -> str:
    """Answered and set right; the card's ETag then."""
    await step(dsn, law, "head", card, "answer", ANSWER)
    answer = await step(dsn, law, "head", card, "correct", {"note": "已送达"})
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


async def test_of_two_verifiers_at_once_one_verifies_and_the_other_is_told_that_it_changed(
    database: str, law: Fold, card: dict[str, Any]
) -> None:
    tag = await corrected(database, law, card["id"])
    asked = [{"actor": who, "headers": {"If-Match": tag}} for who in (POSTS["verifier"], SECOND)]
    answers = await together(database, law, card["id"], "verify", {}, *asked)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 1}
    assert await steps(database, card["id"]) == ["answer", "correct", "verify"]


async def test_of_two_verifiers_who_take_any_version_one_is_told_that_it_is_no_longer_possible(
    database: str, law: Fold, card: dict[str, Any]
) -> None:
    await corrected(database, law, card["id"])
    asked = [{"actor": who, "headers": {"If-Match": "*"}} for who in (POSTS["verifier"], SECOND)]
    answers = await together(database, law, card["id"], "verify", {}, *asked)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["code"] == "step_not_possible"


async def test_an_answer_sent_five_times_at_once_under_one_key_is_given_once(
    database: str, law: Fold, card: dict[str, Any]
) -> None:
    headers = {"If-Match": f'"{card["version"]}"', "Idempotency-Key": "answer-1"}
    asked = [{"actor": POSTS["head"], "headers": headers} for _ in ROUNDS]
    answers = await together(database, law, card["id"], "answer", ANSWER, *asked)
    assert [answer.status_code for answer in answers] == [200] * len(ROUNDS)
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    replayed = [answer for answer in answers if "Idempotency-Replayed" in answer.headers]
    assert len(replayed) == len(ROUNDS) - 1
    assert await steps(database, card["id"]) == ["answer"]


async def test_the_same_key_of_another_post_is_another_request(
    database: str, law: Fold, card: dict[str, Any]
) -> None:
    deputy = post("head", name="zj-deputy", office=POSTS["head"].office)
    headers = {"If-Match": f'"{card["version"]}"', "Idempotency-Key": "answer-1"}
    asked = [{"actor": who, "headers": headers} for who in (POSTS["head"], deputy)]
    answers = await together(database, law, card["id"], "answer", ANSWER, *asked)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 1}


@pytest.mark.parametrize(("match", "refusal"), [("version", 412), ("*", 409)])
async def test_without_a_key_a_double_submit_is_refused_the_second_time(
    database: str, law: Fold, card: dict[str, Any], match: str, refusal: int
) -> None:
    tag = "*" if match == "*" else f'"{card["version"]}"'
    asked = [{"actor": POSTS["head"], "headers": {"If-Match": tag}} for _ in ROUNDS]
    answers = await together(database, law, card["id"], "answer", ANSWER, *asked)
    expected = {200: 1, refusal: len(ROUNDS) - 1}
    assert Counter(answer.status_code for answer in answers) == expected
    assert await steps(database, card["id"]) == ["answer"]


async def test_an_answer_and_an_assignment_at_once_leave_one_of_them(
    database: str, law: Fold, card: dict[str, Any]
) -> None:
    """Both are possible from an open card, neither knows of the other: the version decides."""
    tag = {"If-Match": f'"{card["version"]}"'}
    first, second = await asyncio.gather(
        together(
            database,
            law,
            card["id"],
            "answer",
            ANSWER,
            {"actor": POSTS["head"], "headers": tag},
        ),
        together(
            database,
            law,
            card["id"],
            "assign",
            ASSIGNED,
            {"actor": POSTS["supervisor"], "headers": tag},
        ),
    )
    statuses = [answer.status_code for answer in (*first, *second)]
    assert sorted(statuses) == [200, 412]
    assert len(await steps(database, card["id"])) == 1
