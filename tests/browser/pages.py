"""Serving an application to a real browser, opening its pages, and what axe says of them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Dialog, Page
from starlette.types import ASGIApp

from tests import needs

AXE = needs.ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
WIDTHS = (375, 1280, 1920)


@contextmanager
def served(app: ASGIApp, listener: socket.socket | None = None) -> Iterator[str]:
    """The address of the application while it runs, on loopback: a new one, or `listener`'s."""
    listener = listener or socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, ws="none", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def address_of(listener: socket.socket) -> str:
    """Where a listening socket is asked."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def opened(browser: Browser, address: str, width: int = 1280) -> tuple[Page, list[str]]:
    """A page at `width`, what its console complained about, and dialogs that it opened."""
    page = browser.new_page(viewport={"width": width, "height": 900}, locale="zh-CN")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def noted(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", noted)
    page.goto(address)
    return page, complaints


def violations(page: Page) -> list[Any]:
    """What axe finds; evaluated, because the page's policy forbids foreign scripts."""
    if not AXE.is_file():
        needs.require("needs axe-core: tools/assets.py --dev")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [(v["id"], [node["html"] for node in v["nodes"]]) for v in result["violations"]]
