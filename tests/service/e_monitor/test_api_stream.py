"""The event streams over a real socket: what changed comes, and comes again after a break."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import orjson
import pytest

from libs.common.law.fold import Fold
from tests.databases import run_apart
from tests.service.e_monitor.scene import Worker, application, play, serving

STREAM = "/api/monitor/v1/stream"
WAIT = 20.0


@pytest.fixture
def worker(database: str, law: Fold) -> Worker:
    """The autumn, played up to a day on which nothing is late yet."""
    return run_apart(play(database, law, "2026-10-07T12:00:00"))


@pytest.fixture
def address(worker: Worker, law: Fold) -> Iterator[str]:
    with serving(application(worker.dsn, law)) as found:
        yield found


async def events(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """The events of a stream as field → value."""
    found: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            found[name] = found.get(name, "") + value.strip()
        elif "data" in found:
            yield found
            found = {}
        else:
            found = {}


async def until(stream: AsyncIterator[dict[str, str]], kind: str, text: str) -> dict[str, str]:
    """The first event of a kind whose data has `text`."""
    async with asyncio.timeout(WAIT):
        async for event in stream:
            if event.get("event") == kind and text in event["data"]:
                return event
    raise AssertionError(f"the stream ended without {kind} {text}")


async def test_new_finding_and_horizon_come_by_themselves(worker: Worker, address: str) -> None:
    async with (
        httpx.AsyncClient(base_url=address, timeout=WAIT) as caller,
        caller.stream("GET", STREAM) as answer,
    ):
        stream = events(answer)
        await until(stream, "horizon", "2026-10-07T04:00:00Z")
        await worker.feed([], "2026-11-02T12:00:05")
        event = await until(stream, "finding", "APV-010")
    assert orjson.loads(event["data"])["subject"] == "case/2026-1"
    assert event["id"].isdecimal()


async def test_client_that_comes_back_gets_what_it_missed(worker: Worker, address: str) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=WAIT) as caller:
        async with caller.stream("GET", STREAM) as answer:
            await worker.feed([], "2026-10-28T12:00:00")
            last = (await until(events(answer), "finding", "APV-022"))["id"]
        await worker.feed([], "2026-11-02T12:00:05")
        await asyncio.sleep(1.5)  # the look-out has told it, to nobody
        async with caller.stream("GET", STREAM, headers={"Last-Event-ID": last}) as answer:
            await until(events(answer), "finding", "APV-010")


async def test_event_id_of_someone_else_is_refused(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as caller:
        answer = await caller.get(STREAM, headers={"Last-Event-ID": "abc"})
    assert answer.status_code == 422


async def test_dashboard_stream_marks_the_change_and_then_unmarks_it(
    worker: Worker, address: str
) -> None:
    async with (
        httpx.AsyncClient(base_url=address, timeout=WAIT) as caller,
        caller.stream("GET", "/monitor/stream?lang=en") as answer,
    ):
        stream = events(answer)
        async with asyncio.timeout(WAIT):
            first = await anext(stream)
            await worker.feed([], "2026-11-02T12:00:05")
            newest = [event async for event in _parts(stream, "newest", 3)]
    assert "2026-10-07 12:00:00" in first["data"]
    assert ["just-changed" in event["data"] for event in newest] == [False, True, False]


async def _parts(
    stream: AsyncIterator[dict[str, str]], name: str, count: int
) -> AsyncIterator[dict[str, str]]:
    async for event in stream:
        if event["event"] == name:
            count -= 1
            yield event
        if not count:
            return
