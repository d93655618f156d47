"""The trading hall's shell and what every page of it shows: who looks, and the city's time.

Must never show a time of the wall clock, nor decide who may see what: the API's own rules do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from libs.common.identity import pages as account_pages
from libs.common.identity.actor import Acting, Actor
from libs.common.identity.pages import Account, account_of
from libs.common.law.fold import Fold
from libs.common.web.law import Law
from libs.common.web.session import Session
from libs.common.web.shell import Shell
from libs.common.web.shell.navigation import navigation
from services.resource_trading.award.model import Award
from services.resource_trading.pages.stages import Course, happened
from services.resource_trading.tender import repository as tenders
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State

HERE: Final = Path(__file__).parent
_MARKS: Final = {
    "met": "met",
    "breached": "overdue",
    "overdue": "overdue",
    "running": "running",
    "suspended": "paused",
    "disputed": "disputed",
    "undetermined": "provisional",
    "void": "void",
}


def make_shell() -> Shell:
    """The pages' shell, with the words that templates use."""
    shell = Shell(
        "trading",
        templates=[HERE / "templates", account_pages.TEMPLATES],
        catalogues=[HERE / "words/pages.yaml", account_pages.TEXTS],
    )
    shell.environment.globals.update(
        named=partial(named, shell),
        yuan=yuan,
        limit_mark=lambda state: _MARKS.get(state, "info"),
        # Where no monitor is served, no link leads to it.
        monitored="monitor" in dict(navigation("trading")),
    )
    return shell


def named(shell: Shell, group: str, code: str | None) -> Mapping[str, str]:
    """What a code is called on pages; a code nobody named is shown as it is."""
    found = shell.texts.texts.get(f"{group}.{code}")
    return found or {"zh": code or "–", "en": code or "–"}


def yuan(fen: int) -> str:
    """An amount in fen (分) as yuan (元): `11,800,000.00`."""
    sign, size = "-" * (fen < 0), abs(fen)
    return f"{sign}{size // 100:,}.{size % 100:02}"


def course_of(tender: Tender, award: Award | None) -> Course:
    """What the stages are told from."""
    return Course(
        state=State(tender.state),
        mandatory=bool(tender.mandatory),
        bonded=bool(tender.bid_bond),
        documents_from=tender.documents_from,
        documents_until=tender.documents_until,
        bid_deadline=tender.bid_deadline,
        publicity_from=award.publicity_from if award else None,
        publicity_until=award.publicity_until if award else None,
        happened=happened(tender.history),
        imported=tender.origin is not None,
    )


class Site:
    """One page request: its shell, the law, the city's time, who looks."""

    def __init__(
        self, request: Request, law: Fold, actor: Actor, *, now: datetime, account: Account | None
    ) -> None:
        self.request = request
        self.law = law
        self.actor = actor
        self.now = now
        self.account = account

    def page(self, template: str, **values: Any) -> HTMLResponse:
        """The page, with what every page of the hall needs."""
        shell: Shell = self.request.app.state.shell
        shared = {"account": self.account, "demo": self.request.app.state.demo}
        return shell.page(self.request, template, now=self.now, **shared, **values)


async def site(request: Request, session: Session, law: Law, actor: Acting) -> Site:
    """The request's site; the time is the city's."""
    now = await tenders.city_now(session)
    return Site(request, law, actor, now=now, account=await account_of(request))


Here = Annotated[Site, Depends(site)]
