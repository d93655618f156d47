"""The shell in a real browser: no axe violation, no error, no sideways scrolling."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import WIDTHS, opened, served, violations
from tests.unit.common.web.demo import demo_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The demonstration page, served on loopback."""
    with served(demo_app()) as address:
        yield address


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("choice", ["lang=zh", "lang=en", "lang=zh&text=large"])
def test_page_has_no_axe_violation(browser: Browser, site: str, choice: str, width: int) -> None:
    page, complaints = opened(browser, f"{site}/demo?{choice}", width)
    assert violations(page) == []
    assert complaints == []
    page.close()


def test_axe_run_can_fail(browser: Browser, site: str) -> None:
    page, _ = opened(browser, f"{site}/demo")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=x>')")
    assert [found for found, _ in violations(page)] == ["image-alt"]
    page.close()


def test_problem_page_has_no_axe_violation(browser: Browser, site: str) -> None:
    page, _ = opened(browser, f"{site}/nothing?lang=en")
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_page_never_scrolls_sideways(browser: Browser, site: str, width: int) -> None:
    page, _ = opened(browser, f"{site}/demo?lang=en&text=large", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_first_tab_leads_past_the_navigation(browser: Browser, site: str) -> None:
    page, _ = opened(browser, f"{site}/demo")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_language_stays_after_it_was_chosen(browser: Browser, site: str) -> None:
    page, _ = opened(browser, f"{site}/demo")
    page.get_by_role("link", name="English").click()
    page.goto(f"{site}/demo")
    assert page.title() == "Monitoring overview · Sunlight Platform"
    page.close()


def test_chart_is_drawn_under_the_content_security_policy(browser: Browser, site: str) -> None:
    page, complaints = opened(browser, f"{site}/demo")
    page.locator("#trend canvas").wait_for()
    assert complaints == []
    page.close()
