"""The built-in issuer's sign-in in a real browser: no axe violation, no sideways scrolling."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from libs.common.db import migrations
from libs.common.db.embedded import EmbeddedPostgres
from sunlight.issuer.app import signed_in
from tests.browser.pages import WIDTHS, address_of, opened, served, violations
from tests.databases import fresh_database, run_apart
from tests.service.identity.site import cheap_passwords, settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sign_in(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that a browser without a session is sent to."""
    with fresh_database(postgres) as dsn:
        run_apart(migrations.upgrade(dsn, "identity"))
        secrets = tmp_path_factory.mktemp("issuer") / "identity"
        # The issuer knows its own address: the socket comes before the application.
        listener = socket.create_server(("127.0.0.1", 0))
        chosen = settings(url=address_of(listener))
        app = signed_in({}, chosen, dsn=dsn, secrets=secrets, passwords=cheap_passwords())
        with served(app, listener) as address:
            yield f"{address}/auth/login"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("choice", ["lang=zh", "lang=en", "lang=zh&text=large"])
def test_sign_in_has_no_axe_violation_and_fits(
    browser: Browser, sign_in: str, choice: str, width: int
) -> None:
    page, complaints = opened(browser, sign_in, width)
    page.goto(f"{page.url}&{choice}")
    assert page.locator("input[type=password]").is_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    page.close()


def test_a_wrong_password_is_told_beside_the_form(browser: Browser, sign_in: str) -> None:
    page, _ = opened(browser, sign_in, 375)
    page.locator("input:not([type=hidden])").first.fill('"><img src=x onerror=alert(1)>')
    page.locator("input[type=password]").fill("wrong")
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()
    assert page.locator("input[type=password]").is_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.close()
