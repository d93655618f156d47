"""A page made once serves all who ask for the same within a moment."""

from collections.abc import Callable, Coroutine, Iterator
from itertools import count
from typing import Any

import pytest
from fastapi import Response

from services.disclosure.public import MOST, Memory

Make = Callable[[], Coroutine[Any, Any, Response]]


def numbered(numbers: Iterator[int], **options: Any) -> Make:
    async def make() -> Response:
        return Response(str(next(numbers)), **options)

    return make


async def bodies(memory: Memory, make: Make, times: int) -> list[bytes]:
    return [bytes((await memory.answer(("/",), make)).body) for _ in range(times)]


async def test_an_answer_is_made_anew_only_when_its_moment_has_passed() -> None:
    seconds = iter([0.0, 0.0, 0.9, 1.0, 1.0])
    memory = Memory(1.0, lambda: next(seconds))
    assert await bodies(memory, numbered(count()), 3) == [b"0", b"0", b"1"]


async def test_while_one_makes_it_anew_the_others_get_the_old_one() -> None:
    seconds = iter([0.0, 0.0, 5.0, 5.0, 5.0])
    memory = Memory(1.0, lambda: next(seconds))
    await memory.answer(("/",), numbered(count()))
    met: list[bytes] = []

    async def slow() -> Response:
        met.extend(await bodies(memory, numbered(count(9)), 1))
        return Response("new")

    assert bytes((await memory.answer(("/",), slow)).body) == b"new"
    assert met == [b"0"]


@pytest.mark.parametrize(
    "options",
    [{"status_code": 404}, {"headers": {"set-cookie": "lang=en"}}],
)
async def test_what_is_one_callers_own_is_never_kept(options: dict[str, Any]) -> None:
    assert await bodies(Memory(60), numbered(count(), **options), 2) == [b"0", b"1"]


async def test_with_no_time_to_keep_nothing_is_kept() -> None:
    assert await bodies(Memory(0), numbered(count()), 2) == [b"0", b"1"]


async def test_the_memory_is_bounded() -> None:
    memory, numbers = Memory(60), count()
    for key in range(MOST + 1):
        await memory.answer((str(key),), numbered(numbers))
    again = await memory.answer(("0",), numbered(count(1000)))
    assert bytes(again.body) == b"1000"
