"""The platform at a real Keycloak: the way in, the way out, a program's token. On request."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from libs.common.identity.claims import ClaimsMapping
from tests.service.identity.keycloak import PASSWORD, SECRET, distribution, keycloak, realm
from tests.service.identity.site import URL, Site, csrf_token, running, settings

pytestmark = pytest.mark.timeout(900)
ROLE_NAMES = {"Aufsicht": "supervisor", "Fenster": "clerk"}


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = distribution()
    if isinstance(home, str):
        pytest.skip(home)
    with keycloak(home, tmp_path_factory.mktemp("keycloak"), realm(URL)) as issuer:
        yield issuer


@pytest.fixture
async def platform(issuer: str, identity_database: str, secrets: Path) -> AsyncIterator[Site]:
    claims = ClaimsMapping(roles="realm_access.roles", role_names=ROLE_NAMES)
    chosen = settings(issuer=issuer, client_secret=SecretStr(SECRET), claims=claims)
    async with running(identity_database, secrets, chosen=chosen) as site:
        yield site


@pytest.fixture
async def browser(platform: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Reaches the platform in this process and everything else over the network."""
    mounts = {URL: httpx.ASGITransport(app=platform.app)}
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(mounts=mounts, headers=headers, timeout=30) as browser:
        yield browser


def trusting(browser: httpx.AsyncClient) -> None:
    """Keycloak's cookies are `Secure`; browsers trust plain http on this machine with them."""
    for cookie in browser.cookies.jar:
        cookie.secure = False


async def at_keycloak(browser: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    """From a page of ours to Keycloak's form and back to where it sends us."""
    page = await browser.get(f"{URL}/whoami", follow_redirects=True)
    assert "/protocol/openid-connect/auth" in str(page.url)
    found = re.search(r'action="([^"]+)"', page.text)
    assert found, page.text
    action = html.unescape(found.group(1))
    trusting(browser)
    answer = await browser.post(action, data={"username": login, "password": password})
    trusting(browser)
    return answer


async def signed_in(browser: httpx.AsyncClient, login: str = "li") -> httpx.Response:
    granted = await at_keycloak(browser, login, PASSWORD)
    assert granted.status_code == 302, granted.text
    return await browser.get(granted.headers["location"])


async def test_signing_in_acts_from_the_post_that_keycloak_tells(
    browser: httpx.AsyncClient,
) -> None:
    back = await signed_in(browser)
    assert (back.status_code, back.headers["location"]) == (303, "/whoami")
    shown = (await browser.get(f"{URL}/auth/me")).json()
    assert (shown["post"], shown["office"]) == ("supervisor-7", "supervision")
    assert (shown["region"], shown["roles"]) == ("990100", ["supervisor"])
    findings = (await browser.get(f"{URL}/api/monitor/v1/findings")).json()
    assert findings == {"prefix": "9901", "office": None}


async def test_a_wrong_password_stays_at_keycloak(browser: httpx.AsyncClient) -> None:
    page = await at_keycloak(browser, "li", "wrong")
    assert page.status_code == 200
    assert "Invalid username or password" in page.text


async def test_a_user_without_a_post_is_let_in_nowhere(browser: httpx.AsyncClient) -> None:
    back = await signed_in(browser, "nopost")
    assert back.status_code == 403
    assert (await browser.get(f"{URL}/auth/me")).status_code == 401


async def test_signing_out_ends_keycloaks_session_too(
    platform: Site, browser: httpx.AsyncClient
) -> None:
    await signed_in(browser)
    token = await csrf_token(platform, browser)
    out = await browser.post(f"{URL}/auth/logout", data={"csrf_token": token})
    found = re.search(r'content="0;url=([^"]+)"', out.text)
    assert found, out.text
    ended = await browser.get(html.unescape(found.group(1)))
    assert (ended.status_code, ended.headers["location"]) == (302, f"{URL}/")
    page = await browser.get(f"{URL}/whoami", follow_redirects=True)
    assert 'name="password"' in page.text


async def test_a_programs_token_opens_the_api(
    issuer: str, platform: Site, browser: httpx.AsyncClient
) -> None:
    answer = await browser.post(
        f"{issuer}/protocol/openid-connect/token",
        data={"grant_type": "client_credentials"},
        auth=("crm", SECRET),
    )
    headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
    known = await platform.identity.state.door.tokens.access(
        answer.json()["access_token"], now=platform.clock()
    )
    assert known["post"] == "system-1"
    # Its service account has none of the roles that the mapping knows.
    refused = await browser.get(f"{URL}/api/approval/v1/whoami", headers=headers)
    assert refused.status_code == 403


async def test_a_persons_token_of_keycloak_is_not_for_the_api(
    platform: Site, browser: httpx.AsyncClient
) -> None:
    await signed_in(browser)
    (row,) = await platform.fetch("SELECT id_token FROM session")
    headers = {"authorization": f"Bearer {row['id_token']}", "accept": "application/json"}
    assert (await browser.get(f"{URL}/auth/me", headers=headers)).status_code == 401
