"""The browser that every page is opened in, and a running demonstration to open them of."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import needs
from tests.system.installation import Installation


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


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a demonstration that has lived through its history, up for the block."""
    with tempfile.TemporaryDirectory(prefix="sunlight-pages-") as folder:
        # Open to the database's account, so that it keeps its data here and not elsewhere.
        Path(folder).chmod(0o711)
        installation = Installation(Path(folder) / "data")
        installation.start()
        try:
            installation.wait_until_told("from here on live")
            yield installation.url
        finally:
            if installation.is_running:
                installation.end()


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
    with demonstration() as url:
        yield url
