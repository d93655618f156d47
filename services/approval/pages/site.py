"""The window's shell and what every page of it shows: who looks, and the city's time.

Must never read the machine's own clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity import pages as account_pages
from libs.common.identity.actor import Acting, Actor
from libs.common.identity.pages import Account, account_of
from libs.common.identity.permissions import require
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from libs.common.web.language import Language, language_of
from libs.common.web.law import Law
from libs.common.web.session import Session
from libs.common.web.shell import Shell
from libs.common.worktime import civil_day
from services.approval.case.model import Case
from services.approval.pages import addresses, names
from services.approval.pages.paper import Words

HERE: Final = Path(__file__).parent
_NOW: Final = text("SELECT city_now()")


def make_shell() -> Shell:
    """The pages' shell, with the addresses that templates use."""
    shell = Shell(
        "approval",
        templates=[HERE / "templates", account_pages.TEMPLATES],
        catalogues=[*sorted((HERE / "words").glob("*.yaml")), account_pages.TEXTS],
    )
    shell.environment.globals.update(to=addresses, has_text=shell.texts.has)
    return shell


class Site:
    """One page request: its shell, session, the law, who looks, and when."""

    def __init__(
        self,
        request: Request,
        session: AsyncSession,
        law: Fold,
        actor: Actor,
        *,
        scope: Scope,
        now: datetime,
        account: Account | None,
    ) -> None:
        self.request = request
        self.session = session
        self.law = law
        self.actor = actor
        self.scope = scope
        self.now = now
        self.account = account

    def page(self, template: str, **values: Any) -> HTMLResponse:
        """The page, with what every page of the window needs."""
        shared = {
            "now": self.now,
            "actor": self.actor,
            "account": self.account,
            "csrf_token": self.account.csrf_token if self.account else "",
            "demo": bool(self.account and self.account.demonstration),
            "named": self.words.named,
        }
        answer = self._shell.page(self.request, template, **{**shared, **values})
        # It may name an applicant, and the next at this desk may be somebody else.
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @property
    def words(self) -> Words:
        """The texts in the page's language."""
        language: Language = language_of(self.request.scope)
        return Words(self._shell.texts, language, self.law.zone)

    async def item_names(self, cases: Sequence[Case]) -> Mapping[str, str]:
        """Case number → what its item was called when it was received."""
        language = language_of(self.request.scope)
        return await names.of_items(self.session, self._shell.names, cases, self.law, language)

    async def office_name(self, code: str) -> str:
        """An office's name, from the installation's names or the organisation."""
        language = language_of(self.request.scope)
        return await names.of_office(self.session, self._shell.names, code, language)

    @property
    def _shell(self) -> Shell:
        shell: Shell = self.request.app.state.shell
        return shell

    @property
    def own(self) -> Scope:
        """What is this office's to do, of what its post may see."""
        wide = self.scope.office is None and not self.scope.whole
        return replace(self.scope, office=self.actor.office) if wide else self.scope

    @property
    def today(self) -> date:
        """The city's civil day."""
        return civil_day(self.now, self.law.zone)


async def site(request: Request, session: Session, law: Law, actor: Acting) -> Site:
    """The request's site. Raises Forbidden for a post that may not see cases."""
    scope = require(actor, "case.read")
    now = (await session.execute(_NOW)).scalar_one()
    account = await account_of(request)
    return Site(request, session, law, actor, scope=scope, now=now, account=account)


Here = Annotated[Site, Depends(site, scope="function")]
