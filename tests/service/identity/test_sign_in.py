"""The whole way in, by authorization code with PKCE at the built-in issuer, and out again."""

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from tests.service.identity.site import (
    CLERK,
    SUPERVISOR,
    Site,
    begin,
    csrf_token,
    fields,
    running,
    settings,
    sign_in,
    submit,
)


async def test_signing_in_leads_back_to_the_page_and_acts_from_the_post(site: Site) -> None:
    async with site.browser() as browser:
        back = await sign_in(browser, next_path="/whoami?x=1")
        assert (back.status_code, back.headers["location"]) == (303, "/whoami?x=1")
        shown = (await browser.get("/api/approval/v1/whoami")).json()
    assert (shown["post"], shown["office"]) == ("window-1", "office-1")
    assert "window" in shown["duties"]
    assert "approver" not in shown["duties"]


async def test_a_page_without_a_session_leads_to_the_sign_in(site: Site) -> None:
    async with site.browser() as browser:
        answer = await browser.get("/whoami?day=2026-03-02")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2Fwhoami%3Fday%3D2026-03-02"


async def test_the_api_without_a_session_answers_401_and_no_redirect(site: Site) -> None:
    async with site.browser(accept="application/json") as browser:
        answer = await browser.get("/api/approval/v1/whoami")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_session_cookie_is_out_of_scripts_reach_and_lax(site: Site) -> None:
    async with site.browser() as browser:
        back = await sign_in(browser)
    cookie = next(c for c in back.headers.get_list("set-cookie") if "-session=" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # plain http, on loopback alone


async def test_over_https_cookies_are_bound_to_this_host(
    identity_database: str, secrets: Path
) -> None:
    chosen = settings(url="https://city.example")
    async with running(identity_database, secrets, chosen=chosen) as site:
        await site.add("li", CLERK)
        async with site.browser() as browser:
            back = await sign_in(browser)
    cookie = next(c for c in back.headers.get_list("set-cookie") if "-session=" in c)
    assert cookie.startswith("__Host-sunlight-session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


async def test_the_database_does_not_hold_what_the_browser_sends(site: Site) -> None:
    async with site.browser() as browser:
        await sign_in(browser)
        sent = next(c.value for c in browser.cookies.jar if "session" in c.name) or ""
    (row,) = await site.fetch("SELECT id FROM session")
    assert sent.rpartition(".")[0].encode() not in bytes(row["id"])


async def test_signing_in_again_gives_a_new_session_and_ends_the_old(site: Site) -> None:
    async with site.browser() as browser:
        await sign_in(browser)
        old = dict(browser.cookies)
        await sign_in(browser)
        assert dict(browser.cookies) != old
    async with site.browser(accept="application/json") as thief:
        thief.cookies.update(old)
        assert (await thief.get("/api/approval/v1/whoami")).status_code == 401


async def test_a_used_answer_of_the_issuer_is_refused_the_second_time(site: Site) -> None:
    async with site.browser() as browser:
        granted = await submit(browser, await begin(browser))
        carried = dict(browser.cookies)
        assert (await browser.get(granted.headers["location"])).status_code == 303
        browser.cookies.clear()
        browser.cookies.update(carried)
        again = await browser.get(granted.headers["location"])
    assert again.status_code == 400


async def test_another_browsers_answer_is_refused(site: Site) -> None:
    async with site.browser() as attacker, site.browser() as victim:
        granted = await submit(attacker, await begin(attacker))
        await begin(victim)
        refused = await victim.get(granted.headers["location"])
        bare = await site.browser().get(granted.headers["location"])
    assert (refused.status_code, bare.status_code) == (400, 400)
    assert not await site.fetch("SELECT FROM session")


async def test_an_answer_with_another_issuers_name_is_refused(site: Site) -> None:
    async with site.browser() as browser:
        granted = await submit(browser, await begin(browser))
        url = httpx.URL(granted.headers["location"])
        mixed = await browser.get(url.copy_set_param("iss", "https://other.example"))
        assert mixed.status_code == 400
        without = await browser.get(url.copy_remove_param("iss"))
        assert without.status_code == 400


async def test_an_old_sign_in_is_refused(site: Site) -> None:
    async with site.browser() as browser:
        granted = await submit(browser, await begin(browser))
        site.clock.ahead = timedelta(minutes=10, seconds=1)
        assert (await browser.get(granted.headers["location"])).status_code == 400


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%0d%0aSet-Cookie:x\r\n",
    ],
)
async def test_after_signing_in_nobody_is_sent_elsewhere(site: Site, elsewhere: str) -> None:
    async with site.browser() as browser:
        back = await sign_in(browser, next_path=elsewhere)
    assert back.headers["location"] == "/"


async def test_under_another_name_of_the_host_the_sign_in_begins_at_our_address(
    site: Site,
) -> None:
    async with site.browser() as browser:
        answer = await browser.get(
            "/auth/login", params={"next": "/window"}, headers={"host": "evil.example"}
        )
    there = f"{site.settings.url}/auth/login?next=%2Fwindow&moved=1"
    assert answer.headers["location"] == there


async def test_behind_a_proxy_that_hides_our_name_nobody_goes_round_in_circles(
    site: Site,
) -> None:
    async with site.browser(host="upstream:8000") as browser:
        answer = await browser.get("/auth/login?moved=1")
    assert answer.headers["location"].startswith(f"{site.settings.issuer_url}/authorize?")


async def test_idle_sessions_end(site: Site) -> None:
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser)
        site.clock.ahead = timedelta(minutes=29)
        assert (await browser.get("/api/approval/v1/whoami")).status_code == 200
        site.clock.ahead = timedelta(minutes=58)
        assert (await browser.get("/api/approval/v1/whoami")).status_code == 200
        site.clock.ahead = timedelta(minutes=88, seconds=1)
        assert (await browser.get("/api/approval/v1/whoami")).status_code == 401


async def test_sessions_in_use_end_after_their_lifetime(
    identity_database: str, secrets: Path
) -> None:
    chosen = settings(idle=timedelta(hours=1), lifetime=timedelta(hours=2))
    async with running(identity_database, secrets, chosen=chosen) as site:
        await site.add("li", CLERK)
        async with site.browser(accept="application/json") as browser:
            await sign_in(browser)
            for minutes, status in ((50, 200), (100, 200), (119, 200), (121, 401)):
                site.clock.ahead = timedelta(minutes=minutes)
                answer = await browser.get("/api/approval/v1/whoami")
                assert answer.status_code == status, minutes


async def test_signing_out_ends_the_session_and_leads_on_to_the_issuer(site: Site) -> None:
    async with site.browser() as browser:
        await sign_in(browser)
        kept = dict(browser.cookies)
        token = await csrf_token(site, browser)
        out = await browser.post("/auth/logout", data={"csrf_token": token})
        assert out.status_code == 303
        url = urlsplit(out.headers["location"])
        assert url.path == "/issuer/end"
        assert parse_qs(url.query)["post_logout_redirect_uri"] == [f"{site.settings.url}/"]
        home = await browser.get(out.headers["location"])
        assert home.headers["location"] == f"{site.settings.url}/"
        assert not [c for c in browser.cookies.jar if "session" in c.name]
    async with site.browser(accept="application/json") as thief:
        thief.cookies.update(kept)
        assert (await thief.get("/api/approval/v1/whoami")).status_code == 401


async def test_two_sign_outs_at_once_both_end_well(site: Site) -> None:
    async with site.browser() as browser:
        await sign_in(browser)
        token = await csrf_token(site, browser)
        header = {"X-CSRF-Token": token}
        calls = [browser.post("/auth/logout", headers=header) for _ in range(2)]
        uses = [browser.get("/api/approval/v1/whoami") for _ in range(4)]
        first, second, *_ = await asyncio.gather(*calls, *uses)
    assert {first.status_code, second.status_code} == {303}
    assert not await site.fetch("SELECT FROM session")


async def test_with_htmx_signing_out_is_a_redirect_of_the_whole_page(site: Site) -> None:
    async with site.browser() as browser:
        await sign_in(browser)
        headers = {"X-CSRF-Token": await csrf_token(site, browser), "HX-Request": "true"}
        out = await browser.post("/auth/logout", headers=headers)
    assert out.status_code == 204
    assert "/issuer/end" in out.headers["hx-redirect"]


async def test_the_issuer_leads_nowhere_else_after_signing_out(site: Site) -> None:
    async with site.browser() as browser:
        answer = await browser.get(
            "/issuer/end", params={"post_logout_redirect_uri": "https://evil.example"}
        )
    assert answer.status_code == 400


async def test_an_account_with_several_posts_chooses_one(site: Site) -> None:
    await site.add("wang", CLERK, SUPERVISOR)
    async with site.browser() as browser:
        page = await submit(browser, await begin(browser), "wang")
        assert page.status_code == 200
        form = fields(page.text)
        assert form["ticket"]
        foreign = await browser.post("/issuer/post", data={**form, "post": "mayor-1"})
        assert foreign.status_code == 400
        granted = await browser.post("/issuer/post", data={**form, "post": "supervisor-1"})
        await browser.get(granted.headers["location"])
        shown = (await browser.get("/auth/me")).json()
    assert (shown["post"], shown["roles"]) == ("supervisor-1", ["supervisor"])


async def test_a_ticket_does_not_serve_another_sign_in(site: Site) -> None:
    await site.add("wang", CLERK, SUPERVISOR)
    async with site.browser() as browser:
        ticket = fields((await submit(browser, await begin(browser), "wang")).text)["ticket"]
        other = {**await begin(browser), "ticket": ticket, "post": "supervisor-1"}
        assert (await browser.post("/issuer/post", data=other)).status_code == 400


async def test_a_post_without_any_right_at_a_service_is_forbidden_there(site: Site) -> None:
    await site.add("zhao", SUPERVISOR)
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser)
        findings = await browser.get("/api/monitor/v1/findings")
        assert findings.status_code == 403  # a clerk sees clocks, not findings
        await sign_in(browser, "zhao")
        findings = await browser.get("/api/monitor/v1/findings")
    assert findings.json() == {"prefix": "9901", "office": None}


async def test_a_role_that_the_matrix_does_not_have_opens_nothing(site: Site) -> None:
    await site.add("qian", CLERK.__class__("p", "o", "990102", ("superuser",)))
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser, "qian")
        assert (await browser.get("/api/approval/v1/whoami")).status_code == 403


async def test_processes_with_the_same_secret_share_sessions(
    site: Site, identity_database: str, secrets: Path
) -> None:
    async with site.browser() as browser, running(identity_database, secrets) as other:
        await sign_in(browser)
        async with other.browser() as there:
            there.cookies.update(browser.cookies)
            assert (await there.get("/api/approval/v1/whoami")).status_code == 200


async def test_a_cookie_signed_with_another_secret_is_nobodys(
    site: Site, identity_database: str, secrets: Path
) -> None:
    chosen = settings(secret=SecretStr("t" * 40))
    async with (
        site.browser() as browser,
        running(identity_database, secrets, chosen=chosen) as other,
    ):
        await sign_in(browser)
        async with other.browser(accept="application/json") as there:
            there.cookies.update(browser.cookies)
            assert (await there.get("/api/approval/v1/whoami")).status_code == 401
