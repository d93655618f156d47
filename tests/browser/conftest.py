"""The browser that every page is opened in."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import needs


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
