"""A lead is seen by those who watch, by the office only once it was put to the office.

The autumn's lead: licence fire/2026-88 of 市消防救援支队, in 990103, without a case in the hall.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from libs.common.identity.actor import Actor
from libs.common.identity.permissions import Viewer
from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import Worker, application, calling, play, post

API = "/api/monitor/v1"
OFFICE = "市消防救援支队"
HEAD = post("head", office=OFFICE, region="990103")
SUPERVISOR = post("supervisor")
LICENCE = "fire/2026-88"
SOON = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()


class City:
    """The autumn's monitor, as a post sees it."""

    def __init__(self, dsn: str, law: Fold, worker: Worker) -> None:
        self.dsn = dsn
        self.law = law
        self.worker = worker

    @asynccontextmanager
    async def seen_by(self, who: Actor) -> AsyncIterator[httpx.AsyncClient]:
        """The API and the pages for one actor."""

        async def identify(_: object) -> Actor:
            return who

        async with calling(application(self.dsn, self.law, identify=identify)) as caller:
            yield caller

    async def subjects(self, who: Actor) -> set[str]:
        async with self.seen_by(who) as caller:
            found = (await caller.get(f"{API}/findings?limit=100")).json()["items"]
        return {one["subject"] for one in found}

    async def lead(self) -> str:
        """The lead's number."""
        async with self.seen_by(SUPERVISOR) as caller:
            found = (await caller.get(f"{API}/findings", params={"severity": "lead"})).json()
        return next(str(one["id"]) for one in found["items"] if one["subject"] == LICENCE)

    async def assign(self, finding: str) -> None:
        async with self.seen_by(SUPERVISOR) as caller:
            tag = (await caller.get(f"{API}/findings/{finding}")).headers["ETag"]
            body, headers = {"answer_by": SOON}, {"If-Match": tag}
            answer = await caller.post(
                f"{API}/findings/{finding}/assign", json=body, headers=headers
            )
        assert answer.is_success, answer.text


@pytest.fixture
async def city(database: str, law: Fold) -> City:
    return City(database, law, await play(database, law))


@pytest.mark.parametrize("role", ["supervisor", "verifier", "auditor"])
async def test_those_who_watch_the_region_see_the_lead(city: City, role: str) -> None:
    assert LICENCE in await city.subjects(post(role))


@pytest.mark.parametrize(
    "who", [HEAD, Viewer("p", OFFICE, "990103", frozenset({"finding.read", "clock.read"}))]
)
async def test_without_that_permission_no_lead_is_seen(city: City, who: Actor) -> None:
    assert LICENCE not in await city.subjects(who)


async def test_the_head_finds_it_at_no_address(city: City) -> None:
    finding = await city.lead()
    async with city.seen_by(HEAD) as head:
        for address in (
            f"{API}/findings/{finding}",
            f"{API}/findings/{finding}/follow-up",
            f"/monitor/findings/{finding}",
        ):
            assert (await head.get(address)).status_code == 404, address
        for page in ("/monitor?lang=zh", "/monitor/findings?severity=lead", "/monitor/work"):
            assert "2026-88" not in (await head.get(page)).text, page


async def test_the_head_sees_what_was_put_to_the_office(city: City) -> None:
    finding = await city.lead()
    await city.assign(finding)
    assert await city.subjects(HEAD) == {LICENCE}
    async with city.seen_by(HEAD) as head:
        assert (await head.get(f"/monitor/findings/{finding}")).status_code == 200
        assert "2026-88" in (await head.get("/monitor/work")).text


async def test_another_offices_head_does_not(city: City) -> None:
    await city.assign(await city.lead())
    assert await city.subjects(post("head", office="市住建局")) == {"case/2026-1"}
