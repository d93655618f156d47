"""The demonstration's choice of roles: on this machine, by its own form, and no further."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from libs.common.identity.actor import Actor, loopback_only
from sunlight.issuer.app import guard
from tests.service.identity.site import fields, service

URL = "http://127.0.0.1:8123"
USUAL = Actor("demo-window-1", "office-9", "990100", frozenset({"window", "approver"}))
ENV = {"APPROVAL_DEMO": "1", "APPROVAL_DEMO_OFFICE": "office-9", "MONITOR_DEMO": "1"}


def demonstration(host: str = "127.0.0.1", **env: str) -> dict[str, FastAPI]:
    apps = {name: service(name) for name in ("approval", "monitor")}
    for app in apps.values():
        app.state.identify = loopback_only(USUAL, host)
    apps["identity"] = guard(apps, {**ENV, **env})
    return apps


def browser_of(
    apps: dict[str, FastAPI], caller: str = "127.0.0.1", url: str = URL
) -> httpx.AsyncClient:
    async def together(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["path"].startswith("/auth")
        monitor = scope["path"].startswith("/api/monitor")
        app = apps["identity" if mine else "monitor" if monitor else "approval"]
        await app(scope, receive, send)

    transport = httpx.ASGITransport(app=together, client=(caller, 4000))
    return httpx.AsyncClient(
        transport=transport, base_url=url, headers={"sec-fetch-site": "same-origin"}
    )


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(demonstration()) as browser:
        yield browser


async def choose(browser: httpx.AsyncClient, role: str, **headers: str) -> httpx.Response:
    form = fields((await browser.get("/auth/role", params={"next": "/window"})).text)
    return await browser.post("/auth/role", data={**form, "role": role}, headers=headers)


async def test_without_a_choice_the_usual_post_acts(browser: httpx.AsyncClient) -> None:
    shown = (await browser.get("/api/approval/v1/whoami")).json()
    assert (shown["post"], shown["office"]) == ("demo-window-1", "office-9")
    assert {"window", "approver"} <= set(shown["duties"])
    findings = (await browser.get("/api/monitor/v1/findings")).json()
    assert findings == {"prefix": "9901", "office": None}


async def test_a_chosen_role_has_its_own_rights_and_no_others(browser: httpx.AsyncClient) -> None:
    answer = await choose(browser, "head")
    assert (answer.status_code, answer.headers["location"]) == (303, "/window")
    shown = (await browser.get("/api/approval/v1/whoami")).json()
    assert shown["post"] == "demo-head"
    assert "window" not in shown["duties"]
    findings = (await browser.get("/api/monitor/v1/findings")).json()
    assert findings == {"prefix": "9901", "office": "office-9"}


async def test_a_role_without_rights_at_a_service_is_forbidden_there(
    browser: httpx.AsyncClient,
) -> None:
    await choose(browser, "public")
    assert (await browser.get("/api/approval/v1/whoami")).status_code == 403


async def test_findings_are_not_for_a_clerk_though_clocks_are(browser: httpx.AsyncClient) -> None:
    await choose(browser, "clerk")
    assert (await browser.get("/api/monitor/v1/findings")).status_code == 403
    assert (await browser.get("/api/monitor/v1/whoami")).status_code == 403
    assert (await browser.get("/api/monitor/v1/clocks")).status_code == 200


async def test_the_viewer_of_a_kept_recording_sees_every_row_and_does_nothing() -> None:
    async with browser_of(demonstration(SUNLIGHT_RECORDING="1")) as browser:
        findings = (await browser.get("/api/monitor/v1/findings")).json()
    # The prefix of everything is empty; of nothing it is None.
    assert findings == {"prefix": "", "office": None}


async def test_a_role_that_was_chosen_before_a_recording_has_its_own_reach() -> None:
    async with browser_of(demonstration(SUNLIGHT_RECORDING="1")) as browser:
        await choose(browser, "supervisor")
        findings = (await browser.get("/api/monitor/v1/findings")).json()
    assert findings == {"prefix": "9901", "office": None}


@pytest.mark.parametrize(("host", "caller"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "10.0.0.7")])  # noqa: S104
async def test_a_kept_recording_is_shown_to_this_machine_alone(host: str, caller: str) -> None:
    async with browser_of(demonstration(host, SUNLIGHT_RECORDING="1"), caller) as browser:
        assert (await browser.get("/api/monitor/v1/findings")).status_code == 401


async def test_only_the_monitor_of_a_kept_recording_has_a_viewer() -> None:
    async with browser_of(demonstration(SUNLIGHT_RECORDING="1")) as browser:
        shown = (await browser.get("/api/approval/v1/whoami")).json()
    assert {"window", "approver"} <= set(shown["duties"])


async def test_the_choice_can_be_taken_back(browser: httpx.AsyncClient) -> None:
    await choose(browser, "public")
    await choose(browser, "")
    shown = (await browser.get("/api/approval/v1/whoami")).json()
    assert shown["post"] == "demo-window-1"


async def test_every_role_is_offered_in_both_languages(browser: httpx.AsyncClient) -> None:
    for language, word in (("zh", "监察人员"), ("en", "Supervisor")):
        page = await browser.get("/auth/role", params={"lang": language})
        assert page.status_code == 200
        assert word in re.sub(r"\s+", " ", page.text)


async def test_an_unknown_role_is_refused(browser: httpx.AsyncClient) -> None:
    assert (await choose(browser, "root")).status_code == 404
    browser.cookies.set("sunlight-role", "root")
    shown = (await browser.get("/api/approval/v1/whoami")).json()
    assert shown["post"] == "demo-window-1"


async def test_another_site_can_not_choose(browser: httpx.AsyncClient) -> None:
    assert (await choose(browser, "head", **{"sec-fetch-site": "cross-site"})).status_code == 403


async def test_the_choice_needs_the_token_of_its_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/auth/role", data={"role": "head"})).status_code == 403


@pytest.mark.parametrize(
    ("host", "caller", "url"),
    [
        ("0.0.0.0", "127.0.0.1", URL),  # noqa: S104
        ("127.0.0.1", "10.0.0.7", URL),
        ("127.0.0.1", "127.0.0.1", "http://rebound.example:8123"),
    ],
    ids=["not bound to loopback", "not called from loopback", "under a foreign name"],
)
async def test_beyond_this_machine_no_role_counts(host: str, caller: str, url: str) -> None:
    async with browser_of(demonstration(host), caller, url) as browser:
        browser.cookies.set("sunlight-role", "supervisor")
        assert (await browser.get("/api/monitor/v1/findings")).status_code == 401


async def test_the_choice_is_not_offered_beyond_this_machine() -> None:
    async with browser_of(demonstration(), "10.0.0.7") as browser:
        assert (await browser.get("/auth/role")).status_code == 404


async def test_an_installation_that_set_up_nothing_knows_nobody() -> None:
    from libs.common.identity.actor import nobody

    apps = {"approval": service("approval")}
    apps["approval"].state.identify = nobody
    apps["identity"] = guard(apps, {})
    async with browser_of(apps) as browser:
        assert (await browser.get("/api/approval/v1/whoami")).status_code == 401
        assert (await browser.get("/auth/login")).status_code == 404


@pytest.mark.parametrize("host", ["[::1", "evil_x.example", "127.0.0.1.evil_x.example", "a@b", ""])
async def test_an_odd_host_name_is_not_this_machine(host: str) -> None:
    async with browser_of(demonstration()) as browser:
        headers = {"host": host}
        assert (await browser.get("/api/approval/v1/whoami", headers=headers)).status_code == 401
