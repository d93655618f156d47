"""Whose rows a post sees: its office's or its region's; of all others not one, nor their number.

The autumn has rows of two districts and of the city: case/2026-4 and the licence fire/2026-88 lie
in 990103, everything else in 990100; no office has a row of another's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from libs.common.identity.actor import Actor
from libs.common.identity.permissions import Viewer
from libs.common.law.fold import Fold
from tests.databases import run_apart
from tests.service.e_monitor.scene import (
    HORIZON,
    Worker,
    accepted,
    application,
    calling,
    play,
    post,
    serving,
)
from tests.service.e_monitor.test_api_stream import events

API = "/api/monitor/v1"
CITY = {"case/2026-1", "case/2026-4", "fire/2026-88", "tender/T-1"}
DISTRICT = {"case/2026-4", "fire/2026-88"}
POSTS: Mapping[str, Actor] = {
    "city": post("supervisor"),
    "district": post("supervisor", region="990103"),
    "next district": post("auditor", region="990104"),
    "other city": post("verifier", region="980100"),
    "malformed": post("supervisor", region="%"),
    "office": post("head", office="市住建局"),
    "namesake": post("head", office="市住建局", region="980100"),
    "clerk": post("clerk", office="市住建局"),
    "colleague": post("clerk", office="市市场监管局"),
    "viewer": Viewer("p", "o", "980100", frozenset({"finding.read", "lead.read", "clock.read"})),
}
Acting = Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]


def acting_in(dsn: str, law: Fold) -> Acting:
    """Callers of one database as one of `POSTS`."""

    @asynccontextmanager
    async def acting(who: str) -> AsyncIterator[httpx.AsyncClient]:
        async def identify(_: object) -> Actor:
            return POSTS[who]

        async with calling(application(dsn, law, identify=identify)) as caller:
            yield caller

    return acting


@pytest.fixture
def acting(autumn: str, law: Fold) -> Acting:
    return acting_in(autumn, law)


async def items(caller: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    answer = await caller.get(f"{API}/findings", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize(
    ("who", "subjects"),
    [
        ("city", CITY),
        ("district", DISTRICT),
        ("next district", set()),
        ("other city", set()),
        ("office", {"case/2026-1"}),
        ("namesake", set()),
        ("viewer", CITY),
    ],
)
async def test_the_list_holds_what_the_scope_covers(
    acting: Acting, who: str, subjects: set[str]
) -> None:
    async with acting(who) as caller:
        assert {item["subject"] for item in await items(caller)} == subjects


@pytest.mark.parametrize(
    "asked", [{"region": "990100"}, {"region": "99"}, {"subject": "case/2026-1"}]
)
async def test_no_filter_widens_the_scope(acting: Acting, asked: dict[str, str]) -> None:
    async with acting("district") as caller:
        assert {item["subject"] for item in await items(caller, **asked)} <= DISTRICT


async def test_a_malformed_region_may_read_nothing(acting: Acting) -> None:
    async with acting("malformed") as caller:
        assert (await caller.get(f"{API}/findings")).status_code == 403


@pytest.mark.parametrize("address", ["{api}/findings/{id}", "{api}/findings/{id}/follow-up"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("city", 200), ("office", 200), ("district", 404), ("namesake", 404), ("clerk", 403)],
)
async def test_a_finding_beyond_the_scope_is_not_found(
    acting: Acting, who: str, status: int, address: str
) -> None:
    async with acting("city") as caller:
        (late,) = await items(caller, rule="APV-010")
    async with acting(who) as caller:
        answer = await caller.get(address.format(api=API, id=late["id"]))
        page = await caller.get(f"/monitor/findings/{late['id']}")
    assert (answer.status_code, page.status_code) == (status, status)


SUBJECT = "case/2026-1"
CLOCKS = [
    f"{API}/clocks/{SUBJECT}",
    f"{API}/clocks/{SUBJECT}/APV-010/explanation",
    f"/monitor/why/{SUBJECT}/APV-010",
]


@pytest.mark.parametrize("address", CLOCKS)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("city", 200),
        ("clerk", 200),
        ("office", 200),
        ("viewer", 200),
        ("colleague", 404),
        ("district", 404),
        ("other city", 404),
    ],
)
async def test_a_clock_is_for_its_office_and_those_above(
    acting: Acting, who: str, status: int, address: str
) -> None:
    async with acting(who) as caller:
        assert (await caller.get(address)).status_code == status


@pytest.mark.parametrize(("who", "status"), [("city", 200), ("district", 404), ("viewer", 200)])
async def test_a_subject_beyond_the_scope_is_not_found(
    acting: Acting, who: str, status: int
) -> None:
    async with acting(who) as caller:
        assert (await caller.get(f"/monitor/subjects/{SUBJECT}")).status_code == status


@pytest.mark.parametrize(
    "subject", ["fire/2026-88", "tender/T-1"], ids=["without a clock", "a tender"]
)
async def test_the_citys_supervisor_finds_every_kind_of_subject(
    acting: Acting, subject: str
) -> None:
    async with acting("city") as caller:
        assert (await caller.get(f"/monitor/subjects/{subject}")).status_code == 200


async def test_a_clerk_sees_the_clock_without_the_findings_on_it(acting: Acting) -> None:
    async with acting("clerk") as caller:
        clerk = (await caller.get(CLOCKS[-1])).text
    async with acting("office") as caller:
        head = (await caller.get(CLOCKS[-1])).text
    # Neither the finding, nor that there is none, nor a link to what is not for a clerk.
    for words in ("/monitor/findings/", 'id="finding"', "/monitor/subjects/"):
        assert (words in clerk, words in head) == (False, True), words


def tile(page: str, name: str) -> int:
    found = re.search(rf'id="{name}".*?data-watch>(\d+)', page, re.DOTALL)
    assert found, name
    return int(found[1])


TILES = ("overdue-now", "due-today", "due-tomorrow", "leads-now")


@pytest.mark.parametrize(
    ("who", "numbers"),
    [
        ("city", [2, 1, 1, 1]),
        ("district", [1, 0, 0, 1]),
        ("other city", [0, 0, 0, 0]),
        ("office", [1, 0, 1, 0]),
        ("viewer", [2, 1, 1, 1]),
    ],
)
async def test_the_dashboard_counts_what_the_scope_covers(
    acting: Acting, who: str, numbers: list[int]
) -> None:
    async with acting(who) as caller:
        page = (await caller.get("/monitor?lang=zh")).text
    assert [tile(page, name) for name in TILES] == numbers


@pytest.mark.parametrize("address", ["/monitor", "/monitor/findings", "/monitor/work"])
async def test_no_page_names_what_lies_beyond_the_scope(acting: Acting, address: str) -> None:
    async with acting("district") as caller:
        page = (await caller.get(f"{address}?lang=zh")).text
    assert "2026-4" in page
    assert re.findall("/2026-[123]|tender/T-1|市住建局|市交易中心|市市场监管局", page) == []


async def test_two_who_look_at_once_each_see_their_own(autumn: str, law: Fold) -> None:
    # One application, so that anything it kept between them would show.
    async def identify(request: Any) -> Actor:
        return POSTS[request.headers["who"]]

    async with calling(application(autumn, law, identify=identify)) as caller:
        pages = [
            (await caller.get("/monitor?lang=zh", headers={"who": who})).text
            for who in ("city", "district", "city")
        ]
    assert [tile(page, "overdue-now") for page in pages] == [2, 1, 2]


@pytest.fixture
def worker(database: str, law: Fold) -> Worker:
    """The autumn, played up to a day on which nothing is late yet."""
    return run_apart(play(database, law, "2026-10-07T12:00:00"))


@pytest.fixture
def district(worker: Worker, law: Fold) -> Iterator[str]:
    """The monitor's address, for the supervisor of the district."""

    async def identify(_: object) -> Actor:
        return POSTS["district"]

    with serving(application(worker.dsn, law, identify=identify)) as address:
        yield address


async def heard(answer: httpx.Response, kind: str, until: Callable[[str], bool]) -> list[str]:
    """The data of a stream's events of one kind, up to the first that `until` holds of."""
    found = []
    async with asyncio.timeout(20):
        async for event in events(answer):
            if event.get("event") == kind:
                found.append(event["data"])
                if until(event["data"]):
                    return found
    raise AssertionError(f"the stream ended without it: {found}")


async def test_a_stream_tells_of_no_change_beyond_the_scope(worker: Worker, district: str) -> None:
    async with (
        httpx.AsyncClient(base_url=district, timeout=20) as caller,
        caller.stream("GET", f"{API}/stream") as answer,
    ):
        await worker.feed([], HORIZON)
        # The join is concluded after all clocks: what is not told by then is not told at all.
        found = await heard(answer, "finding", lambda data: "EMO-020" in data)
    assert {orjson.loads(data)["subject"] for data in found} == DISTRICT


async def test_a_stream_makes_up_for_what_was_missed_within_the_scope(
    worker: Worker, district: str
) -> None:
    await worker.feed([], HORIZON)
    headers = {"Last-Event-ID": "1"}
    async with (
        httpx.AsyncClient(base_url=district, timeout=20) as caller,
        caller.stream("GET", f"{API}/stream", headers=headers) as answer,
    ):
        found = await heard(answer, "finding", lambda data: "EMO-020" in data)
    assert {orjson.loads(data)["subject"] for data in found} == DISTRICT


async def test_the_open_dashboard_never_shows_what_lies_beyond_the_scope(
    worker: Worker, district: str
) -> None:
    async with (
        httpx.AsyncClient(base_url=district, timeout=20) as caller,
        caller.stream("GET", "/monitor/stream?lang=zh") as answer,
    ):
        await worker.feed([], HORIZON)
        found = "".join(await heard(answer, "newest", lambda data: "fire/2026-88" in data))
    assert "case/2026-4" in found
    assert not re.search("case/2026-[123]|tender/T-1", found)


async def test_a_row_without_a_region_is_no_regions_but_a_recordings_viewer_sees_it(
    database: str, law: Fold
) -> None:
    worker = Worker(database, law)
    events = accepted(worker, "case/nowhere", "2026-09-01", region=None, department=None)
    await worker.feed(events, HORIZON)
    acting = acting_in(database, law)
    for who, subjects in (("city", set()), ("office", set()), ("viewer", {"case/nowhere"})):
        async with acting(who) as caller:
            assert {item["subject"] for item in await items(caller)} == subjects
            status = (await caller.get("/monitor/subjects/case/nowhere")).status_code
            assert status == (200 if subjects else 404)
