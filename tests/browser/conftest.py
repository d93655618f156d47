"""The browser that every page is opened in, and a running demonstration to open them of."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import needs
from tests.system.installation import lived_in


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, without its sandbox because tests may run as root."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        needs.require("needs Chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this module.

    Not of the session: while it is open an event loop runs in this process, and tests of other
    modules want one of their own.
    """
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The demonstration of this session, by its address."""
    with lived_in() as installation:
        yield installation.url
