"""The built-in issuer as any client meets it: OpenID Connect Core, PKCE, and its limits."""

import base64
import hashlib
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog
from joserfc import jwt
from joserfc.jwk import KeySet

from libs.common.db.engine import connect
from libs.common.identity import door, endpoints, keys, provider, sign_in
from sunlight.issuer import accounts, folder
from sunlight.issuer.attempts import LIMITS
from tests.service.identity.site import (
    CLERK,
    PASSWORD,
    SUPERVISOR,
    URL,
    Site,
    begin,
    cheap_passwords,
    running,
    submit,
)
from tests.service.identity.site import sign_in as signed_in

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
ASKED = {
    "response_type": "code",
    "client_id": "sunlight",
    "redirect_uri": f"{URL}/auth/callback",
    "scope": "openid",
    "state": "state-1",
    "nonce": "nonce-1",
    "code_challenge": CHALLENGE.decode(),
    "code_challenge_method": "S256",
}


async def code_for(browser: httpx.AsyncClient) -> str:
    granted = await submit(browser, ASKED)
    assert granted.status_code == 303, granted.text
    return parse_qs(urlsplit(granted.headers["location"]).query)["code"][0]


async def redeem(browser: httpx.AsyncClient, issued: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": issued,
        "redirect_uri": ASKED["redirect_uri"],
        "client_id": "sunlight",
        "code_verifier": VERIFIER,
    }
    return await browser.post("/issuer/token", data={**form, **changes})


async def test_the_discovery_document_names_addresses_that_answer(site: Site) -> None:
    async with site.browser() as browser:
        told = (await browser.get("/issuer/.well-known/openid-configuration")).json()
        assert told["issuer"] == f"{URL}/issuer"
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert (await browser.get(told["jwks_uri"])).status_code == 200
        asked = await browser.get(told["authorization_endpoint"], params=ASKED)
        assert asked.status_code == 200


async def test_only_public_halves_of_keys_are_published(site: Site) -> None:
    async with site.browser() as browser:
        (key,) = (await browser.get("/issuer/keys")).json()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


async def test_the_id_token_says_what_openid_connect_wants(site: Site) -> None:
    async with site.browser() as browser:
        answer = await redeem(browser, await code_for(browser))
        published = KeySet.import_key_set((await browser.get("/issuer/keys")).json())
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    claims = jwt.decode(body["id_token"], published, algorithms=["RS256"]).claims
    assert claims["iss"] == f"{URL}/issuer"
    assert (claims["aud"], claims["azp"], claims["nonce"]) == ("sunlight", "sunlight", "nonce-1")
    assert (claims["post"], claims["roles"]) == ("window-1", ["clerk"])
    assert claims["exp"] - claims["iat"] == 300
    access = jwt.decode(body["access_token"], published, algorithms=["RS256"])
    assert (access.header["typ"], access.claims["aud"]) == ("at+jwt", "sunlight-api")


async def test_a_code_is_good_once(site: Site) -> None:
    async with site.browser() as browser:
        code = await code_for(browser)
        assert (await redeem(browser, code)).status_code == 200
        again = await redeem(browser, code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": CHALLENGE.decode()},
        {"redirect_uri": f"{URL}/auth/other"},
        {"client_id": "another"},
        {"code": "guess"},
    ],
    ids=str,
)
async def test_a_code_is_for_the_client_that_asked_and_is_lost_on_a_wrong_try(
    site: Site, changes: dict[str, str]
) -> None:
    async with site.browser() as browser:
        code = await code_for(browser)
        assert (await redeem(browser, code, **changes)).status_code == 400
        expected = 200 if "code" in changes else 400
        assert (await redeem(browser, code)).status_code == expected


async def test_a_code_ends_after_a_minute(site: Site) -> None:
    async with site.browser() as browser:
        code = await code_for(browser)
        site.clock.ahead = timedelta(seconds=60)
        assert (await redeem(browser, code)).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{URL}/auth/callback/"},
        {"redirect_uri": f"{URL}/auth/callback?x=1"},
        {"redirect_uri": ""},
        {"client_id": "another"},
    ],
    ids=str,
)
async def test_an_unregistered_client_or_address_is_told_so_here(
    site: Site, changes: dict[str, str]
) -> None:
    async with site.browser() as browser:
        answer = await browser.get("/issuer/authorize", params={**ASKED, **changes})
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
    ],
    ids=str,
)
async def test_a_request_without_pkce_or_otherwise_wrong_goes_back_with_its_error(
    site: Site, changes: dict[str, str], error: str
) -> None:
    async with site.browser() as browser:
        answer = await browser.get("/issuer/authorize", params={**ASKED, **changes})
    url = urlsplit(answer.headers["location"])
    assert url.geturl().startswith(f"{URL}/auth/callback?")
    assert parse_qs(url.query)["error"] == [error]


async def test_a_parameter_that_comes_twice_is_refused(site: Site) -> None:
    twice = httpx.QueryParams(ASKED).add("redirect_uri", "https://evil.example")
    async with site.browser() as browser:
        answer = await browser.get("/issuer/authorize", params=twice)
    assert answer.status_code == 400


async def test_an_unknown_account_and_a_wrong_password_are_answered_the_same(site: Site) -> None:
    async with site.browser() as browser:
        form = await begin(browser)
        unknown = await submit(browser, form, "nobody", PASSWORD)
        wrong = await submit(browser, form, "li", "something else")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.text.replace("nobody", "li") == wrong.text


async def test_the_password_is_not_written_into_the_page_again(site: Site) -> None:
    async with site.browser() as browser:
        page = await submit(browser, await begin(browser), "<b>li", "<i>secret word</i>")
    assert "secret word" not in page.text
    assert "<b>li" not in page.text


@pytest.mark.parametrize(
    ("login", "password"), [("li\0", "x"), ("li", "p" * 3000), ("l" * 3000, "x"), ("", "")]
)
async def test_odd_input_is_refused_without_a_fault(site: Site, login: str, password: str) -> None:
    async with site.browser() as browser:
        answer = await submit(browser, await begin(browser), login, password)
    assert answer.status_code in {400, 401}


async def test_after_too_many_tries_even_the_right_password_waits(site: Site) -> None:
    async with site.browser() as browser:
        form = await begin(browser)
        for _ in range(LIMITS["pair"]):
            assert (await submit(browser, form, "li", "wrong password")).status_code == 401
        assert (await submit(browser, form)).status_code == 429
        site.clock.ahead = timedelta(minutes=15, seconds=1)
        assert (await submit(browser, await begin(browser))).status_code == 303


async def test_another_sites_form_can_not_sign_anyone_in(site: Site) -> None:
    async with site.browser() as browser:
        form = await begin(browser)
        browser.headers["sec-fetch-site"] = "cross-site"
        answer = await submit(browser, form)
    assert answer.status_code == 403


async def test_a_disabled_account_is_out_at_once(site: Site) -> None:
    async with site.browser(accept="application/json") as browser:
        await signed_in(browser)
        connection = await connect(site.dsn, "identity")
        try:
            assert await accounts.disable(connection, "li", now=site.clock()) is not None
        finally:
            await connection.close()
        assert (await browser.get("/api/approval/v1/whoami")).status_code == 401
        assert (await submit(browser, ASKED)).status_code == 401


async def test_the_access_token_of_a_disabled_account_is_refused_at_once(site: Site) -> None:
    async with site.browser(accept="application/json") as browser:
        access = (await redeem(browser, await code_for(browser))).json()["access_token"]
        headers = {"authorization": f"Bearer {access}"}
        assert (await browser.get("/api/approval/v1/whoami", headers=headers)).status_code == 200
        connection = await connect(site.dsn, "identity")
        try:
            await accounts.disable(connection, "li", now=site.clock())
        finally:
            await connection.close()
        assert (await browser.get("/api/approval/v1/whoami", headers=headers)).status_code == 401


async def test_many_people_behind_one_address_sign_in(site: Site) -> None:
    """An office, or a proxy, is one address: who knows the password takes nobody's turn."""
    async with site.browser() as browser:
        form = await begin(browser)
        for _ in range(LIMITS["address"] + 1):
            assert (await submit(browser, form)).status_code == 303


async def test_the_right_password_does_not_wipe_out_the_wrong_ones_of_its_address(
    site: Site,
) -> None:
    async with site.browser() as browser:
        form = await begin(browser)
        for number in range(LIMITS["address"]):
            assert (await submit(browser, form, f"guess-{number}")).status_code == 401
        assert (await submit(browser, form)).status_code == 429


async def test_what_happened_to_an_account_is_kept_for_good(site: Site) -> None:
    async with site.browser() as browser:
        await signed_in(browser)
    rows = await site.fetch("SELECT what, post FROM account_audit ORDER BY id")
    assert [tuple(row) for row in rows] == [("created", "window-1"), ("signed in", "window-1")]
    with pytest.raises(Exception, match="permission denied"):
        await site.fetch("DELETE FROM account_audit RETURNING id")


async def client_of(site: Site, name: str = "crm", post: accounts.Post = CLERK) -> None:
    connection = await connect(site.dsn, "identity")
    secret = await cheap_passwords().hash("s3cret-of-crm")
    try:
        await accounts.add_client(connection, name=name, secret=secret, post=post, now=site.clock())
    finally:
        await connection.close()


async def test_a_program_gets_a_token_for_its_secret_and_works_with_it(site: Site) -> None:
    await client_of(site)
    async with site.browser(accept="application/json") as program:
        answer = await program.post(
            "/issuer/token",
            data={"grant_type": "client_credentials"},
            auth=("crm", "s3cret-of-crm"),
        )
        assert answer.status_code == 200
        headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
        shown = await program.get("/api/approval/v1/whoami", headers=headers)
        assert shown.json()["post"] == "window-1"
        site.clock.ahead = timedelta(minutes=10, seconds=31)
        assert (await program.get("/api/approval/v1/whoami", headers=headers)).status_code == 401


@pytest.mark.parametrize("auth", [("crm", "wrong"), ("nobody", "s3cret-of-crm"), ("", ""), None])
async def test_a_program_without_the_right_secret_gets_nothing(site: Site, auth: Any) -> None:
    await client_of(site)
    async with site.browser() as program:
        answer = await program.post(
            "/issuer/token", data={"grant_type": "client_credentials"}, auth=auth
        )
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_other_grants_are_not_offered(site: Site) -> None:
    form = {"grant_type": "password", "username": "li", "password": PASSWORD}
    async with site.browser() as program:
        answer = await program.post("/issuer/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


async def test_an_id_token_does_not_open_the_api(site: Site) -> None:
    async with site.browser(accept="application/json") as browser:
        body = (await redeem(browser, await code_for(browser))).json()
        headers = {"authorization": f"Bearer {body['id_token']}"}
        assert (await browser.get("/api/approval/v1/whoami", headers=headers)).status_code == 401


async def test_tokens_of_the_older_key_stay_good_after_a_rotation(
    identity_database: str, tmp_path: Path
) -> None:
    async with running(identity_database, tmp_path) as site:
        await client_of(site, post=SUPERVISOR)
        async with site.browser() as program:
            form = {"grant_type": "client_credentials"}
            answer = await program.post("/issuer/token", data=form, auth=("crm", "s3cret-of-crm"))
        old = answer.json()["access_token"]
    before = folder.signing_keys(tmp_path, now=site.clock()).current.kid
    folder.rotate(tmp_path, now=site.clock())
    async with running(identity_database, tmp_path) as site:
        assert site.identity.state.issuer.mint.keys.current.kid != before
        async with site.browser(accept="application/json") as program:
            headers = {"authorization": f"Bearer {old}"}
            answer = await program.get("/api/monitor/v1/findings", headers=headers)
    assert answer.status_code == 200


async def test_logs_hold_neither_passwords_nor_codes_nor_tokens(
    site: Site,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    for module in (door, endpoints, keys, provider, sign_in):
        # A logger keeps what was set up when it was first used, maybe by another test.
        monkeypatch.setattr(module, "log", structlog.get_logger(module.__name__))
    async with site.browser() as browser:
        granted = await submit(browser, await begin(browser))
        code = parse_qs(urlsplit(granted.headers["location"]).query)["code"][0]
        await browser.get(granted.headers["location"])
        sent = next(c.value for c in browser.cookies.jar if "session" in c.name) or ""
        await browser.get("/auth/me", headers={"authorization": "Bearer a.b.c"})
    (row,) = await site.fetch("SELECT id_token FROM session")
    # The test's own browser logs the addresses it asks for; a server does not see that log.
    own = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("http"))
    told = own + "".join(capsys.readouterr())
    assert "signed_in" in told
    for secret in (PASSWORD, code, sent, row["id_token"], row["id_token"].split(".")[2]):
        assert secret not in told
