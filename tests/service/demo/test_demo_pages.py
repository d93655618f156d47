"""The button and its page: on this machine, by their own form, and in a demonstration alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from libs.common.db.city_clock import city_now
from libs.common.db.engine import Connection
from libs.common.web.app import create_app
from libs.common.web.shell import Shell
from sunlight.api import Together
from sunlight.demo import forwards
from sunlight.demo.app import demonstrated
from sunlight.issuer.app import guard
from tests.service.identity.site import fields

URL = "http://127.0.0.1:8123"
ENV = {"APPROVAL_DEMO": "1", "APPROVAL_DEMO_OFFICE": "office-9"}


def platform(dsn: str, env: dict[str, str]) -> dict[str, FastAPI]:
    """A public site without a page of its own, and what stands beside it."""
    shell = Shell("disclosure")
    apps: dict[str, FastAPI] = {
        "disclosure": create_app("disclosure", title="public", routers=[], shell=shell),
        "approval": create_app("approval", title="window", routers=[], shell=shell),
    }
    apps["identity"] = guard(apps, env)
    if (demo := demonstrated(apps, {**env, "DATABASE_URL": dsn})) is not None:
        apps["demo"] = demo
    return apps


@asynccontextmanager
async def browser_of(
    dsn: str, env: dict[str, str], *, caller: str = "127.0.0.1", url: str = URL
) -> AsyncIterator[httpx.AsyncClient]:
    apps = platform(dsn, env)
    transport = httpx.ASGITransport(app=Together(apps), client=(caller, 4000))
    headers = {"sec-fetch-site": "same-origin", "accept": "text/html", "accept-language": "en"}
    async with apps["disclosure"].router.lifespan_context(apps["disclosure"]):
        running = apps.get("demo")
        async with httpx.AsyncClient(transport=transport, base_url=url, headers=headers) as client:
            if running is None:
                yield client
                return
            async with running.router.lifespan_context(running):
                await running.state.clock.look(running.state.pool)
                yield client


@pytest.fixture
async def browser(owner: Connection, demo_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(demo_database, ENV) as client:
        yield client


async def ask(browser: httpx.AsyncClient, days: str, **headers: str) -> httpx.Response:
    form = fields((await browser.get("/demo/fast-forward", params={"next": "/window"})).text)
    sent = {**form, "days": days, "next": "/window"}
    return await browser.post("/demo/fast-forward", data=sent, headers=headers)


async def test_every_page_shows_the_citys_time_and_the_button(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/nothing-here")
    assert "2026-03-02" in page.text
    assert 'action="/demo/fast-forward"' in page.text
    for days in ("1", "5", "21"):
        assert f'name="days" value="{days}"' in page.text


async def test_the_button_asks_the_city_and_leads_to_the_way(
    browser: httpx.AsyncClient, owner: Connection
) -> None:
    answer = await ask(browser, "21")

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/demo/fast-forward?next=%2Fwindow",
    )
    found = await forwards.waiting(owner)
    assert found is not None
    assert found.working_days == 21


async def test_whoever_asks_meanwhile_is_told_so(browser: httpx.AsyncClient) -> None:
    await ask(browser, "1")
    answer = await ask(browser, "5")
    told = await browser.get(answer.headers["location"])
    assert "under way already" in told.text


async def test_a_page_without_javascript_asks_again_until_it_is_done(
    browser: httpx.AsyncClient, owner: Connection
) -> None:
    await ask(browser, "1")
    page = await browser.get("/demo/fast-forward?next=/window")
    assert '<noscript><meta http-equiv="refresh"' in page.text

    found = await forwards.waiting(owner)
    assert found is not None
    await forwards.note(owner, found, await city_now(owner), ended=True)
    page = await browser.get("/demo/fast-forward?next=/window")
    assert "http-equiv" not in page.text
    assert "The city's time now is" in page.text.replace("&#39;", "'")
    assert 'href="/window"' in page.text


async def test_days_that_are_not_offered_are_refused(browser: httpx.AsyncClient) -> None:
    assert (await ask(browser, "300")).status_code == 422


async def test_another_site_can_not_ask(browser: httpx.AsyncClient) -> None:
    assert (await ask(browser, "1", **{"sec-fetch-site": "cross-site"})).status_code == 403


async def test_it_wants_the_token_of_its_page(
    browser: httpx.AsyncClient, owner: Connection
) -> None:
    assert (await browser.post("/demo/fast-forward", data={"days": "1"})).status_code == 403
    assert await forwards.waiting(owner) is None


async def test_the_way_back_is_never_another_site(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/demo/fast-forward", params={"next": "//evil.example/"})
    assert 'href="//' not in page.text
    assert 'value="//' not in page.text


@pytest.mark.parametrize(
    ("caller", "url", "status"),
    [("10.0.0.7", URL, 404), ("127.0.0.1", "http://rebound.example:8123", 401)],
    ids=["not called from loopback", "under a foreign name"],
)
async def test_beyond_this_machine_it_is_not_there(
    owner: Connection, demo_database: str, caller: str, url: str, status: int
) -> None:
    async with browser_of(demo_database, ENV, caller=caller, url=url) as browser:
        answer = await browser.post("/demo/fast-forward", data={"days": "1"})
        assert answer.status_code == status
        page = await browser.get("/nothing-here")
        assert "/demo/fast-forward" not in page.text
    assert await forwards.waiting(owner) is None


async def test_a_real_installation_has_neither_button_nor_address(real_database: str) -> None:
    async with browser_of(real_database, {}) as browser:
        page = await browser.get("/nothing-here")
        assert "/demo/fast-forward" not in page.text
        answer = await browser.post("/demo/fast-forward", data={"days": "1"})
        assert answer.status_code == 404


async def test_a_demonstration_without_a_city_shows_no_clock(demo_database: str) -> None:
    async with browser_of(demo_database, ENV) as browser:
        assert "/demo/fast-forward" not in (await browser.get("/nothing-here")).text
        assert (await browser.get("/demo/fast-forward")).status_code == 404
