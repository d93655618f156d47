"""A browser at the window, for tests of its pages."""

import html
import re
from typing import Any

import httpx
from fastapi import Request

from libs.common.identity.actor import Actor
from libs.common.identity.pages import Account
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.service.approval.conftest import CLERK, KEY, READING, Desk

TOKEN = "token-of-these-pages"  # noqa: S105
LANGUAGES = ("zh", "en")
WINDOW = Actor("post-1", "office-1", "990100", frozenset({"window"}) | READING)
APPROVER = Actor("post-2", "office-1", "990100", frozenset({"approver"}) | READING)
STRANGER = Actor("post-3", "office-2", "990100", frozenset({"window", "approver"}) | READING)
REGISTRAR = Actor("post-4", "office-1", "990100", frozenset({"registrar"}))


class Browser:
    """A browser at the window; `actor` is who sits before it."""

    def __init__(self, dsn: str, law: Fold) -> None:
        self.actor = CLERK
        self.app = create_app(
            Settings(dsn=dsn, pool_size=4, applicant_key=KEY), law=law, identify=self._identify
        )
        self.app.state.account = self._account
        self.client: httpx.AsyncClient

    async def _identify(self, request: Request) -> Actor:
        return self.actor

    async def _account(self, request: Request) -> Account:
        return Account(self.actor.post, TOKEN)

    async def get(self, address: str, language: str = "zh") -> httpx.Response:
        """A page."""
        headers = {"Accept": "text/html", "Cookie": f"lang={language}"}
        return await self.client.get(address, headers=headers)

    async def source(self, address: str, language: str = "zh") -> str:
        """The HTML of a page that must be there."""
        answer = await self.get(address, language)
        assert answer.status_code == 200, (address, answer.text[:800])
        return answer.text

    async def text(self, address: str, language: str = "zh") -> str:
        """A page's words, without its tags."""
        words = re.sub(r"<[^>]+>", " ", await self.source(address, language))
        return re.sub(r"\s+", " ", html.unescape(words))

    async def send(self, address: str, **form: str) -> httpx.Response:
        """The answer to a form of the page."""
        headers = {"Accept": "text/html", "Cookie": "lang=zh"}
        return await self.client.post(address, data={"csrf_token": TOKEN, **form}, headers=headers)

    async def step(self, case_no: str, action: str, **form: str) -> httpx.Response:
        """The answer to the form of a step, with the version that the page shows."""
        page = await self.source(f"/window/cases/{case_no}")
        found = re.search(r'name="version" value="(\d+)"', page)
        version = found[1] if found else "1"
        return await self.send(f"/window/cases/{case_no}/{action}", version=version, **form)

    async def offers(self, case_no: str) -> set[str]:
        """The steps for which the case's page has a form."""
        page = await self.source(f"/window/cases/{case_no}")
        return set(re.findall(rf'action="/window/cases/{case_no}/([a-z-]+)"', page))


async def accepted(desk: Desk, **body: Any) -> str:
    case_no = await desk.receive(**body)
    await desk.done(case_no, "accept")
    return case_no
