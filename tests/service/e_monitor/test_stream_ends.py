"""An open stream is over after a while, and whoever comes back is asked anew and misses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest

from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from libs.common.web.errors import Unauthenticated
from services.e_monitor.stream import lasting
from tests.databases import run_apart
from tests.service.e_monitor.scene import SUPERVISOR, Worker, application, play, serving
from tests.service.e_monitor.test_api_stream import WAIT, events, until

API = "/api/monitor/v1/stream"
PAGE = "/monitor/stream?lang=en"
LASTS = 1.0
LATE = {"APV-010", "APV-022", "TDR-021", "EMO-020"}
"""Rules that the rest of the autumn breaks, all found at once."""


@dataclass
class Session:
    """Who looks, until they sign out."""

    actor: Actor | None = field(default=SUPERVISOR)

    async def identify(self, _: object) -> Actor:
        if self.actor is None:
            raise Unauthenticated
        return self.actor


@pytest.fixture
def worker(database: str, law: Fold) -> Worker:
    """The autumn, played up to a day on which nothing is late yet."""
    return run_apart(play(database, law, "2026-10-07T12:00:00"))


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def address(worker: Worker, law: Fold, session: Session) -> Iterator[str]:
    """The monitor's, whose streams are over in a second."""
    app = application(worker.dsn, law, identify=session.identify)
    app.dependency_overrides[lasting] = lambda: LASTS
    with serving(app) as found:
        yield found


async def whole(caller: httpx.AsyncClient, address: str, **more: Any) -> list[dict[str, str]]:
    """Everything that a stream says until it is over."""
    async with asyncio.timeout(WAIT), caller.stream("GET", address, **more) as answer:
        answer.raise_for_status()
        return [event async for event in events(answer)]


@pytest.mark.parametrize("stream", [API, PAGE])
async def test_a_stream_ends_by_itself(address: str, stream: str) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=WAIT) as caller:
        begun = asyncio.get_running_loop().time()
        await whole(caller, stream)
    assert asyncio.get_running_loop().time() - begun >= LASTS * 0.9


@pytest.mark.parametrize("stream", [API, PAGE])
async def test_who_has_signed_out_gets_no_further_stream(
    address: str, session: Session, stream: str
) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=WAIT) as caller:
        assert await whole(caller, stream)
        session.actor = None
        # What an EventSource takes as refused for good: it does not come back by itself.
        assert (await caller.get(stream)).status_code == 401


async def test_what_comes_between_two_streams_is_told_though_no_finding_was_told_before(
    worker: Worker, address: str
) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=WAIT) as caller:
        heard = await whole(caller, API)
        assert {event["event"] for event in heard} == {"horizon"}
        await worker.feed([], "2026-11-02T12:00:05")
        await asyncio.sleep(1.5)  # the look-out has told it, to nobody
        last = [event["id"] for event in heard if "id" in event][-1]
        async with caller.stream("GET", API, headers={"Last-Event-ID": last}) as answer:
            await until(events(answer), "finding", "APV-010")


async def test_more_changes_at_once_than_are_kept_are_all_told(worker: Worker, law: Fold) -> None:
    app = application(worker.dsn, law)
    with serving(app) as address:
        async with (
            httpx.AsyncClient(base_url=address, timeout=WAIT) as caller,
            caller.stream("GET", API) as answer,
        ):
            stream = events(answer)
            await until(stream, "horizon", "2026-10-07")
            app.state.news.kept = 1
            await worker.feed([], "2026-11-02T12:00:05")
            found: set[str] = set()
            async with asyncio.timeout(WAIT):
                async for event in stream:
                    found.add(orjson.loads(event["data"]).get("rule", ""))
                    if found >= LATE:
                        break


async def test_a_dashboard_that_comes_back_is_shown_how_things_stand(
    worker: Worker, address: str
) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=WAIT) as caller:
        await whole(caller, PAGE)
        await worker.feed([], "2026-11-02T12:00:05")
        await asyncio.sleep(1.5)
        shown = {event["event"]: event["data"] for event in await whole(caller, PAGE)}
    assert "2026-11-02 12:00:05" in shown["horizon"]
    assert "case 2026-1" in shown["newest"]
    assert "overdue-now" in shown["numbers"]
