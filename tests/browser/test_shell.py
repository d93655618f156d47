"""The shell in a real browser: no axe violation, no error, no sideways scrolling."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests import needs
from tests.unit.common.web.demo import demo_app

pytestmark = pytest.mark.browser
AXE = needs.ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
WIDTHS = (375, 1280, 1920)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The demonstration page, served on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(demo_app(), log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listener.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without its sandbox because tests may run as root."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        needs.require("needs Chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Browser, address: str, width: int = 1280) -> tuple[Page, list[str]]:
    """A page at `width`, and what its console complained about."""
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="zh-CN")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints


def violations(page: Page) -> list[Any]:
    """What axe finds; evaluated, because the page's policy forbids foreign scripts."""
    if not AXE.is_file():
        needs.require("needs axe-core: tools/assets.py --dev")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [(v["id"], [node["html"] for node in v["nodes"]]) for v in result["violations"]]


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
