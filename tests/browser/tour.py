"""Going through every page of a running demonstration, as those whose pages they are."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx
from playwright.sync_api import Browser, Page

from tests.browser.catalogue import PAGES, Sight
from tests.browser.pages import violations

CODE: Final = re.compile(r">([0-9A-Z]{4}-[0-9A-Z]{4})<")
HEIGHT: Final = 900
PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Look:
    """How a page is looked at: `width` in CSS pixels, `large` with large text."""

    language: str
    width: int
    large: bool = False

    def __str__(self) -> str:
        return f"{self.language}-{self.width}{'-large' if self.large else ''}"


@dataclass(frozen=True)
class Tour:
    """The addresses of every page of a demonstration at `base`, found by its own links."""

    base: str
    addresses: dict[str, str]
    query_code: str

    @classmethod
    def of(cls, base: str) -> Tour:
        """Raises AssertionError where a page is listed and no link leads to one."""
        found: dict[str, str] = {}
        for sight in PAGES:
            address = sight.route
            if sight.at is not None:
                address = _linked(base + found.get(sight.at, sight.at), sight)
            found[sight.name] = address + (f"?{sight.query}" if sight.query else "")
        case = found["progress"].replace("/cases/", "/window/cases/")
        code = CODE.search(_asked(base + case, "clerk"))
        assert code is not None, f"no query code at {case}"
        return cls(base, found, code[1])

    @contextmanager
    def visitor(self, browser: Browser, look: Look, *, script: bool = True) -> Iterator[Visitor]:
        """Somebody who looks at pages in one way, in one window."""
        context = browser.new_context(
            viewport={"width": look.width, "height": HEIGHT},
            locale="zh-CN" if look.language == "zh" else "en-GB",
            java_script_enabled=script,
        )
        try:
            yield Visitor(self, look, context.new_page())
        finally:
            context.close()


@dataclass
class Visitor:
    """A window, the page that is open in it, and what its console complained about."""

    tour: Tour
    look: Look
    page: Page
    status: int = 0
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = self.complaints
        self.page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: told.append(str(error)))

    def open(self, sight: Sight) -> None:
        """Open a page as the one whose it is."""
        self._be(sight.role)
        if sight.name == "progress":
            self._ask_for_case()
        self.complaints.clear()
        answer = self.page.goto(self.tour.base + self.tour.addresses[sight.name])
        self.status = answer.status if answer else 0

    def faults(self, *, axe: bool) -> list[str]:
        """What is wrong with it: answer, console, width, and with `axe` its violations."""
        found = [] if self.status == 200 else [f"status {self.status}"]
        found += self.complaints
        scrolled = self.page.evaluate("document.documentElement.scrollWidth")
        if scrolled > self.look.width:
            found.append(f"{scrolled} px wide")
        if axe:
            found += [f"{rule}: {nodes}" for rule, nodes in violations(self.page)]
        return found

    def _be(self, role: str | None) -> None:
        chosen = {"lang": self.look.language, "text": "large" if self.look.large else "normal"}
        if role:
            chosen["sunlight-role"] = role
        context = self.page.context
        context.clear_cookies()
        context.add_cookies(
            [
                {"name": name, "value": value, "url": self.tour.base}
                for name, value in chosen.items()
            ]
        )

    def _ask_for_case(self) -> None:
        self.page.goto(f"{self.tour.base}/cases")
        self.page.fill("[name=case_no]", self.tour.addresses["progress"].rpartition("/")[2])
        self.page.fill("[name=query_code]", self.tour.query_code)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url("**/cases/*")


def _linked(at: str, sight: Sight) -> str:
    """The page's address; what the city has just told the worker may still have to see."""
    deadline = time.monotonic() + PATIENCE
    while (found := sight.address(_asked(at, sight.role or "clerk"))) is None:
        assert time.monotonic() < deadline, f"no link to {sight.by or sight.route} at {at}"
        time.sleep(0.5)
    return found


def _asked(address: str, role: str) -> str:
    headers = {"cookie": f"sunlight-role={role}", "accept": "text/html"}
    return httpx.get(address, headers=headers, timeout=60).raise_for_status().text
