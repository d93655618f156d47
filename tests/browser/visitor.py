"""Somebody in front of a demonstration: chooses a role, clicks, reads. Waits for what is shown."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

ROLES: Final[Mapping[str, str]] = {
    "clerk": "窗口人员",
    "approver": "审批人员",
    "head": "部门负责人",
    "supervisor": "监察人员",
    "verifier": "复核人员",
}
PATIENCE: Final = 90.0
"""Seconds; a fast-forward on a busy machine is the longest anybody waits."""
QUERY_CODE: Final = re.compile(r"\b([2-9A-Z]{4}-[2-9A-Z]{4})\b")


@dataclass
class Visitor:
    """A browser of its own with one page, in Chinese unless asked otherwise."""

    site: str
    context: BrowserContext
    page: Page

    @classmethod
    def at(cls, browser: Browser, site: str, *, javascript: bool = True) -> Visitor:
        """In front of the site; without JavaScript as many readers of the public pages are."""
        context = browser.new_context(locale="zh-CN", java_script_enabled=javascript)
        context.set_default_timeout(30_000)
        return cls(site, context, context.new_page())

    def open(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self.site + path)
        return self.page

    def becomes(self, role: str) -> Page:
        """Choose a role by the switcher; on to where its work is."""
        self.open("/auth/role")
        self.page.get_by_role("button", name=f"切换 {ROLES[role]}", exact=True).click()
        self.page.wait_for_url(lambda address: "/auth/role" not in address)
        return self.page

    def takes(self, step: str, fields: Mapping[str, str] | None = None) -> None:
        """Unfold a step, fill its form in, and send it."""
        form = self.page.locator("details.step", has=self.page.locator("summary", has_text=step))
        if form.first.get_attribute("open") is None:
            form.first.locator("summary").click()
        for name, value in (fields or {}).items():
            fill(form.first.locator(f"[name='{name}']"), value)
        with self.page.expect_navigation():
            form.first.locator("button[type=submit]").click()

    def text(self, selector: str = "main") -> str:
        """What is read there, blanks as one."""
        return words(self.page.locator(selector))

    def until(self, path: str, shown: Callable[[Page], Locator]) -> Locator:
        """Open the page again and again until something is shown on it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = shown(self.open(path))
            if found.count():
                expect(found.first).to_be_visible()
                return found.first
            assert time.monotonic() < deadline, self.text()

    def close(self) -> None:
        """Leave."""
        self.context.close()


def words(found: Locator) -> str:
    """The text of the first that was found, blanks as one."""
    return " ".join(found.first.inner_text().split())


def fill(field: Locator, value: str) -> None:
    """Type, choose or tick, as the field wants."""
    tag, kind = field.evaluate("one => [one.tagName, one.type]")
    if tag == "SELECT":
        field.select_option(value)
    elif kind == "checkbox":
        field.set_checked(value == "true")
    else:
        field.fill(value)
