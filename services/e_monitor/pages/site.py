"""The monitor's shell and what every page shows: to when the data is complete, who looks.

Must never show a time of the wall clock: "now" on these pages is the horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from libs.common.bus import subjects as store
from libs.common.db.city_clock import city_now
from libs.common.identity import pages as account_pages
from libs.common.identity.actor import Acting, Actor
from libs.common.identity.pages import Account, account_of
from libs.common.law.fold import Fold
from libs.common.web.language import language_of
from libs.common.web.shell import Shell
from libs.common.worktime import civil_day
from services.e_monitor import addresses
from services.e_monitor.clock import wording
from services.e_monitor.clock.known import complete_to
from services.e_monitor.context import Law, Reader
from services.e_monitor.finding.reading import Finding
from services.e_monitor.finding.schemas import title_of
from services.e_monitor.intake import endpoints as intake
from services.e_monitor.pages import marks
from services.e_monitor.pages.sentences import in_a_sentence

HERE: Final = Path(__file__).parent


def make_shell() -> Shell:
    """The pages' shell, with the words and addresses that templates use."""
    shell = Shell(
        "monitor",
        templates=[HERE / "templates", intake.TEMPLATES, account_pages.TEMPLATES],
        catalogues=[
            *wording.CATALOGUES,
            HERE.parent / "words/pages.yaml",
            intake.TEXTS,
            account_pages.TEXTS,
        ],
    )
    shell.environment.globals.update(
        to=addresses,
        named=partial(named, shell),
        law_name=wording.law_name,
        finding_mark=marks.of_finding,
        clock_mark=marks.of_state,
        second_text=second_text,
    )
    return shell


def named(shell: Shell, group: str, code: str | None) -> Mapping[str, str]:
    """What a code is called on pages; a code nobody named is shown as it is."""
    found = shell.texts.texts.get(f"{group}.{code}")
    return found or {"zh": code or "–", "en": code or "–"}


def second_text(value: datetime, zone: ZoneInfo) -> str:
    """`2026-03-02 10:05:12` in the city's zone."""
    return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"


class Site:
    """One page request: its shell, the law, the horizon, who looks."""

    def __init__(
        self,
        request: Request,
        law: Fold,
        actor: Actor,
        *,
        horizon: datetime | None,
        now: datetime,
        account: Account | None,
    ) -> None:
        self.request = request
        self.law = law
        self.actor = actor
        self.horizon = horizon
        self.now = horizon or now
        self.account = account

    def page(self, template: str, **values: Any) -> HTMLResponse:
        """The page, with what every page of the monitor needs."""
        return self._shell.page(self.request, template, **self._values(values))

    def part(self, template: str, **values: Any) -> str:
        """A part of a page, for the event stream."""
        return self._shell.render(self.request, template, **self._values(values))

    def office_text(self, code: str) -> str:
        """An office's name as plain text, in the page's language."""
        language = language_of(self.request.scope)
        if not code:
            return self._shell.texts.text(language, "monitor.unnamed")
        return self._shell.names.of(code)[language]

    def in_a_sentence(self, finding: Finding) -> Mapping[str, str]:
        """A finding in one sentence, in both languages."""
        return in_a_sentence(self.law, self._shell.names, finding)

    @property
    def _shell(self) -> Shell:
        shell: Shell = self.request.app.state.shell
        return shell

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        shared = {
            "now": self.now,
            "horizon": self.horizon,
            "today": civil_day(self.now, self.law.zone),
            "zone": self.law.zone,
            "demo": self.request.app.state.intake.demo is not None,
            "sentence_of": self.in_a_sentence,
            "title_of": lambda rule: title_of(self.law, rule),
            "account": self.account,
            "csrf_token": self.account.csrf_token if self.account else "",
        }
        return {**shared, **values}


async def site(request: Request, reader: Reader, law: Law, actor: Acting) -> Site:
    """The request's site; the horizon is read in the same state of the database as the page."""
    horizon, _ = complete_to(law, await store.horizons(reader))
    now = horizon or await city_now(reader)
    account = await account_of(request)
    return Site(request, law, actor, horizon=horizon, now=now, account=account)


Here = Annotated[Site, Depends(site)]
