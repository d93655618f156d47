"""The monitor's forms behind a real sign-in: a session that has ended, two browsers, two at once.

The late decision of the autumn is handled by people who sign in at the built-in issuer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from services.e_monitor.app import create_app
from services.e_monitor.settings import Settings
from sunlight.api import Together
from sunlight.issuer.accounts import Post
from sunlight.issuer.app import signed_in
from tests.databases import fresh_database, run_apart
from tests.service.e_monitor.scene import SHANGHAI, play
from tests.service.identity.site import Clock, Site, cheap_passwords, fields, settings, sign_in

OFFICE = "市住建局"
POSTS = {
    "supervisor": Post("jc-01", "市效能办", "990100", ("supervisor",)),
    "head": Post("zj-head", OFFICE, "990100", ("head",)),
    "verifier": Post("sj-02", "市审计局", "990100", ("verifier",)),
    "verifier-2": Post("sj-03", "市审计局", "990100", ("verifier",)),
}
LAW = Settings(dsn="unused").law()
BY = (datetime.now(SHANGHAI).date() + timedelta(days=7)).isoformat()
STEPS = {
    "assign": {"answer_by": BY},
    "answer": {"claim": "delay", "cause": "department", "statement": "专家评审会改期,已补开。"},
    "correct": {"note": "已送达"},
    "verify": {},
}


@dataclass
class City:
    """The platform, its monitor's database, and the finding that is handled."""

    site: Site
    finding: str

    async def enter(self, stack: AsyncExitStack, login: str) -> httpx.AsyncClient:
        """A browser of its own, signed in."""
        browser = await stack.enter_async_context(self.site.browser(**{"accept-language": "zh"}))
        back = await sign_in(browser, login, self.address)
        assert back.headers["location"].endswith(self.address)
        return browser

    @property
    def address(self) -> str:
        return f"/monitor/findings/{self.finding}"

    async def form(self, browser: httpx.AsyncClient, name: str) -> dict[str, str]:
        """The form of one step as the finding's page offers it, filled in."""
        page = (await browser.get(self.address)).text
        found = re.search(rf'<form method="post" action="[^"]+/{name}">.*?</form>', page, re.DOTALL)
        assert found, f"no form for {name}"
        return {**fields(found[0]), **STEPS[name]}

    async def send(
        self, browser: httpx.AsyncClient, name: str, form: dict[str, str]
    ) -> httpx.Response:
        return await browser.post(f"{self.address}/{name}", data=form)

    async def step(self, login: str, name: str) -> None:
        """One step, taken as it should be."""
        async with AsyncExitStack() as stack:
            browser = await self.enter(stack, login)
            answer = await self.send(browser, name, await self.form(browser, name))
            assert answer.status_code == 303, answer.text

    async def steps(self) -> list[str]:
        """What was done about the finding, in order."""
        connection = await asyncpg.connect(self.site.dsn)
        try:
            rows = await connection.fetch(
                "SELECT change FROM monitor.finding_history WHERE finding = $1 AND version > 1 "
                "ORDER BY version",
                self.finding,
            )
        finally:
            await connection.close()
        return [row["change"] for row in rows]


async def _prepare(dsn: str) -> str:
    await migrations.upgrade_all(dsn)
    await migrations.upgrade(dsn, "identity")
    await play(dsn, LAW)
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetchval("SELECT id FROM monitor.finding WHERE rule = 'APV-010'")
    finally:
        await connection.close()
    return str(found)


@pytest.fixture(scope="module")
def played(postgres: EmbeddedPostgres) -> Iterator[tuple[str, str]]:
    """The name of a database after the autumn, to be copied, and the finding."""
    with fresh_database(postgres) as dsn:
        finding = run_apart(_prepare(dsn))
        yield urlsplit(dsn).path.removeprefix("/"), finding


@pytest.fixture
async def city(
    postgres: EmbeddedPostgres, played: tuple[str, str], secrets: Path
) -> AsyncIterator[City]:
    """The platform with a sign-in for everyone of `POSTS`."""
    template, finding = played
    with fresh_database(postgres, template) as dsn:
        app = create_app(Settings(dsn=dsn, pool_size=4), law=LAW)
        clock, chosen = Clock(), settings()
        identity = signed_in(
            {"monitor": app},
            chosen,
            dsn=dsn,
            secrets=secrets,
            clock=clock,
            passwords=cheap_passwords(),
        )
        together = Together({"monitor": app, "identity": identity})
        lifespan = together.lifespan
        async with lifespan.router.lifespan_context(lifespan):
            site = Site(together, identity, chosen, dsn, clock)
            for login, post in POSTS.items():
                await site.add(login, post)
            yield City(site, finding)


async def test_a_form_sent_twice_takes_effect_once(city: City) -> None:
    async with AsyncExitStack() as stack:
        browser = await city.enter(stack, "supervisor")
        form = await city.form(browser, "assign")
        first, second = [await city.send(browser, "assign", form) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 412)
    assert "内容已被他人更新" in second.text
    assert await city.steps() == ["assign"]


async def test_a_form_sent_twice_at_once_takes_effect_once(city: City) -> None:
    async with AsyncExitStack() as stack:
        browser = await city.enter(stack, "supervisor")
        form = await city.form(browser, "assign")
        answers = await asyncio.gather(*[city.send(browser, "assign", form) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [303, 412, 412, 412]
    assert await city.steps() == ["assign"]


async def test_of_two_verifiers_at_once_one_wins_and_the_other_is_told_why(city: City) -> None:
    for login, name in (("head", "answer"), ("head", "correct")):
        await city.step(login, name)
    async with AsyncExitStack() as stack:
        browsers = [await city.enter(stack, login) for login in ("verifier", "verifier-2")]
        forms = [await city.form(browser, "verify") for browser in browsers]
        sent = [
            city.send(browser, "verify", form)
            for browser, form in zip(browsers, forms, strict=True)
        ]
        won, lost = sorted(await asyncio.gather(*sent), key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (303, 412)
    assert "内容已被他人更新" in lost.text
    assert await city.steps() == ["answer", "correct", "verify"]


async def test_a_form_of_a_session_that_has_ended_by_itself_has_no_effect(city: City) -> None:
    async with AsyncExitStack() as stack:
        browser = await city.enter(stack, "supervisor")
        form = await city.form(browser, "assign")
        city.site.clock.ahead = city.site.settings.idle + timedelta(seconds=1)
        answer = await city.send(browser, "assign", form)
        page = await browser.get(city.address)
    assert answer.status_code == 401
    assert page.headers["location"].startswith("/auth/login?next=")
    assert await city.steps() == []


async def test_a_cookie_kept_from_before_signing_out_sends_no_form(city: City) -> None:
    async with AsyncExitStack() as stack:
        browser = await city.enter(stack, "supervisor")
        form, kept = await city.form(browser, "assign"), dict(browser.cookies)
        await browser.post("/auth/logout", data={"csrf_token": form["csrf_token"]})
        thief = await stack.enter_async_context(city.site.browser())
        for name, value in kept.items():
            thief.cookies.set(name, value)
        answer = await city.send(thief, "assign", form)
    assert answer.status_code == 401
    assert await city.steps() == []


async def test_a_form_of_one_browser_is_not_taken_from_another(city: City) -> None:
    async with AsyncExitStack() as stack:
        mine = await city.enter(stack, "supervisor")
        other = await city.enter(stack, "supervisor")
        answer = await city.send(other, "assign", await city.form(mine, "assign"))
    assert answer.status_code == 403
    assert await city.steps() == []


async def test_signing_out_in_one_browser_leaves_the_other_at_work(city: City) -> None:
    async with AsyncExitStack() as stack:
        first = await city.enter(stack, "supervisor")
        second = await city.enter(stack, "supervisor")
        token = (await city.form(first, "assign"))["csrf_token"]
        await first.post("/auth/logout", data={"csrf_token": token})
        answer = await city.send(second, "assign", await city.form(second, "assign"))
    assert answer.status_code == 303
    assert await city.steps() == ["assign"]
