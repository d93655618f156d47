"""A request that changes something must come from our own page, in more than one way."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.service.identity.site import CLERK, URL, Site, csrf_token, sign_in

FORM = "/api/approval/v1/change"
JSON = "/api/approval/v1/change-json"


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in; tells nothing of where its requests begin."""
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser)
        del browser.headers["sec-fetch-site"]
        yield browser


@pytest.fixture
async def token(site: Site, browser: httpx.AsyncClient) -> str:
    return await csrf_token(site, browser)


async def test_a_form_with_its_token_from_our_page_is_taken_with_its_fields(
    browser: httpx.AsyncClient, token: str
) -> None:
    sent = {"csrf_token": token, "what": "a & b"}
    answer = await browser.post(FORM, data=sent, headers={"sec-fetch-site": "same-origin"})
    assert answer.json() == {"by": "window-1", "what": "a & b"}


async def test_an_upload_form_with_its_token_is_taken(
    browser: httpx.AsyncClient, token: str
) -> None:
    sent = {"csrf_token": (None, token), "what": (None, "file")}
    answer = await browser.post(FORM, files=sent, headers={"origin": URL})
    assert answer.json() == {"by": "window-1", "what": "file"}


async def test_htmx_and_scripts_send_the_token_as_a_header(
    browser: httpx.AsyncClient, token: str
) -> None:
    headers = {"sec-fetch-site": "same-origin", "X-CSRF-Token": token}
    answer = await browser.post(JSON, json={"a": "b"}, headers=headers)
    assert answer.json() == {"by": "window-1", "a": "b"}


async def test_an_older_browser_names_our_origin_instead(
    browser: httpx.AsyncClient, token: str
) -> None:
    headers = {"origin": URL, "X-CSRF-Token": token}
    assert (await browser.post(JSON, json={"a": "b"}, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8123"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    ],
    ids=str,
)
async def test_even_with_the_token_a_request_from_elsewhere_is_refused(
    browser: httpx.AsyncClient, token: str, headers: dict[str, str]
) -> None:
    answer = await browser.post(FORM, data={"csrf_token": token}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


@pytest.mark.parametrize("sent", [{}, {"csrf_token": ""}, {"csrf_token": "0" * 64}], ids=str)
async def test_from_our_origin_without_the_token_it_is_refused(
    browser: httpx.AsyncClient, sent: dict[str, str]
) -> None:
    answer = await browser.post(FORM, data=sent, headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_refused")


async def test_a_token_in_the_address_does_not_count(
    browser: httpx.AsyncClient, token: str
) -> None:
    headers = {"sec-fetch-site": "same-origin"}
    answer = await browser.post(f"{FORM}?csrf_token={token}", headers=headers)
    assert answer.status_code == 403


async def test_the_token_of_another_session_is_refused(
    site: Site, browser: httpx.AsyncClient, token: str
) -> None:
    async with site.browser(accept="application/json") as other:
        await sign_in(other)
        answer = await other.post(FORM, data={"csrf_token": token})
    assert answer.status_code == 403


async def test_signing_out_by_another_site_is_refused(
    site: Site, browser: httpx.AsyncClient
) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert (await browser.post("/auth/logout", headers=headers)).status_code == 403
    assert len(await site.fetch("SELECT FROM session")) == 1


async def test_a_sign_out_is_no_get(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/auth/logout")).status_code == 405


async def test_a_bearer_token_needs_no_proof_of_origin(
    site: Site, browser: httpx.AsyncClient
) -> None:
    mint = site.identity.state.issuer.mint
    (account,) = await site.fetch("SELECT id::text FROM account")
    access = mint.access_token(
        account[0], CLERK, audience="sunlight-api", client="sunlight", now=site.clock()
    )
    async with site.browser(accept="application/json") as program:
        del program.headers["sec-fetch-site"]
        headers = {"authorization": f"Bearer {access}"}
        answer = await program.post(JSON, json={"a": "b"}, headers=headers)
    assert answer.json() == {"by": "window-1", "a": "b"}
