"""The notice of acceptance (受理通知书) or refusal (不予受理通知书) as words, for screen and print.

Its dates are those that the case stores. Must never invent a number, a telephone or a name:
what the platform does not hold stays a blank line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.events.contracts.approval import (
    CaseAccepted,
    CasePaused,
    CaseReceiptIssued,
    CaseRefused,
)
from libs.common.law.fold import Fold
from libs.common.law.instants import from_micros
from libs.common.law.rule import Deadline, ExclusionSet
from libs.common.web.i18n import Translator
from libs.common.web.language import Language
from libs.common.web.shell import words
from libs.common.worktime import civil_day
from services.approval.applicant.model import Applicant
from services.approval.case import query_code
from services.approval.case.command import LICENCE
from services.approval.case.model import Case

BLANK: Final = "\uff3f" * 12


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in one language; days are those of `zone`."""

    texts: Translator
    language: Language
    zone: ZoneInfo

    def text(self, key: str, **values: Any) -> str:
        """A text of the catalogues."""
        return self.texts.text(self.language, key, **values)

    def named(self, group: str, code: Any) -> str:
        """What a code is called; a code nobody named is shown as it is."""
        found = self.texts.texts.get(f"{group}.{code}")
        return found[self.language] if found else str(code or "–")

    def say(self, text: Mapping[str, str]) -> str:
        """A text that comes with both languages."""
        return text[self.language]

    def day(self, value: date | datetime) -> str:
        """A civil day with its weekday."""
        if isinstance(value, datetime):
            value = civil_day(value, self.zone)
        return words.day(self.language, value)

    def moment(self, value: datetime) -> str:
        """An instant with its weekday."""
        return words.moment(self.language, self.zone, value)


@dataclass(frozen=True, slots=True)
class Paper:
    """A notice in one language: facts as (name, value), then parts as (heading, sentences)."""

    title: str
    case_no: str
    issued: bool
    lead: str
    facts: list[tuple[str, str]]
    parts: list[tuple[str, list[str]]]
    sign: list[str]


def told_of(case: Case, kind: str) -> tuple[datetime, Mapping[str, Any]] | None:
    """When the last event of a kind happened to the case, and what it said; None: it did not."""
    found = [(from_micros(at), data) for name, at, data in case.history if name == kind]
    return found[-1] if found else None


def paper(
    case: Case, *, law: Fold, say: Words, office: str, item: str, applicant: Applicant | None
) -> Paper | None:
    """The notice of what was done with the application; None while neither has been."""
    accepted = told_of(case, CaseAccepted.event_type)
    refused = told_of(case, CaseRefused.event_type)
    if accepted is not None:
        return _Draft(case, law, say, office, item, applicant).acceptance(accepted[0])
    if refused is not None:
        return _Draft(case, law, say, office, item, applicant).refusal(*refused)
    return None


@dataclass(frozen=True, slots=True)
class _Draft:
    case: Case
    law: Fold
    say: Words
    office: str
    item: str
    applicant: Applicant | None

    def acceptance(self, at: datetime) -> Paper:
        say, text = self.say, self.say.text
        facts = [*self._facts(), (text("receipt.accepted_on"), say.day(at)), *self._dues()]
        parts = [
            (text("receipt.due"), list(self._about_due())),
            (text("receipt.excluded"), list(self._excluded())),
            (text("receipt.ask"), list(self._ask())),
            (text("receipt.basis"), list(self._basis())),
        ]
        lead = text("receipt.accepted_lead", day=say.day(at))
        return self._paper(text("receipt.accepted_title"), lead, facts, parts)

    def refusal(self, at: datetime, told: Mapping[str, Any]) -> Paper:
        say, text = self.say, self.say.text
        facts = [
            *self._facts(),
            (text("receipt.refused_on"), say.day(at)),
            (text("field.ground"), say.named("ground", told.get("ground"))),
            (text("field.remedy"), say.named("remedy", told.get("remedy"))),
        ]
        parts = [
            (text("receipt.rights"), [text("receipt.rights_text")]),
            (text("receipt.ask"), list(self._ask())),
            (text("receipt.basis"), list(self._basis())),
        ]
        lead = text("receipt.refused_lead", day=say.day(at))
        return self._paper(text("receipt.refused_title"), lead, facts, parts)

    def _paper(
        self,
        title: str,
        lead: str,
        facts: list[tuple[str, str]],
        parts: list[tuple[str, list[str]]],
    ) -> Paper:
        issued = told_of(self.case, CaseReceiptIssued.event_type)
        on = self.say.day(issued[0]) if issued else BLANK
        sign = [
            self.say.text("receipt.seal", office=self.office),
            self.say.text("receipt.dated", day=on),
        ]
        kept = [(heading, sentences) for heading, sentences in parts if sentences]
        return Paper(title, self.case.case_no, issued is not None, lead, facts, kept, sign)

    def _facts(self) -> Iterator[tuple[str, str]]:
        case, text = self.case, self.say.text
        yield text("receipt.number"), case.receipt_no or text("receipt.not_issued")
        yield text("receipt.applicant"), _who(self.applicant)
        yield text("receipt.office"), f"{self.office} {_code(self.office, case.office)}".strip()
        yield text("receipt.case_no"), case.case_no
        yield text("receipt.query_code"), query_code.shown(case.query_code)
        yield text("receipt.item"), f"{self.item} {_code(self.item, case.item_code)}".strip()
        yield text("receipt.item_type"), self.say.named("item_type", case.item_type)
        yield text("receipt.received_on"), self.say.day(case.received_at)

    def _dues(self) -> Iterator[tuple[str, str]]:
        for row in self.case.deadlines[:1]:
            yield self.say.text("receipt.due_on"), self._due(row)

    def _due(self, row: Mapping[str, Any]) -> str:
        if row["day"] is None:
            return self.say.moment(datetime.fromisoformat(row["until"]))
        return self.say.day(date.fromisoformat(row["day"]))

    def _about_due(self) -> Iterator[str]:
        text = self.say.text
        for row in self.case.deadlines:
            title = self.say.say(row["title"])
            yield text("receipt.due_under", title=title, day=self._due(row), law=self._law(row))
        if any(row["provisional"] for row in self.case.deadlines):
            yield text("receipt.provisional")
        if not self.case.deadlines:
            paused = told_of(self.case, CasePaused.event_type)
            held = self.case.state == "paused" and paused
            ground = self.say.named("ground", paused[1].get("ground")) if paused else ""
            yield text("receipt.held", ground=ground) if held else text("receipt.no_due")

    def _excluded(self) -> Iterator[str]:
        """What does not count, of the rules that give the dates."""
        for shape in self._exclusions():
            grounds = [self.say.named("ground", ground) for ground in shape.grounds]
            listed = self.say.text("receipt.listed").join(grounds)
            law = self.say.text("receipt.article", text=shape.law.text, article=shape.law.article)
            yield self.say.text("receipt.excluded_text", grounds=listed, law=law)

    def _exclusions(self) -> list[ExclusionSet]:
        book = self.law.book
        rules = [book.by_key.get(_key(row)) for row in self.case.deadlines]
        names = {rule.exclude for rule in rules if isinstance(rule, Deadline) and rule.exclude}
        return [book.exclusions[name] for name in sorted(names)]

    def _law(self, row: Mapping[str, Any]) -> str:
        text, _, article = str(row["law"]).partition(" ")
        return self.say.text("receipt.article", text=text, article=article)

    def _ask(self) -> Iterator[str]:
        yield self.say.text("receipt.ask_how", case_no=self.case.case_no)
        yield self.say.text("receipt.ask_online")

    def _basis(self) -> Iterator[str]:
        if self.case.item_type == LICENCE:
            yield self.say.text("receipt.article_32")
        yield from dict.fromkeys(self._law(row) for row in self.case.deadlines)


def _who(applicant: Applicant | None) -> str:
    """The applicant by name and masked number; a blank line where none was given."""
    if applicant is None:
        return BLANK
    masked = applicant.number_masked
    return f"{applicant.name} ({masked})" if masked else applicant.name


def _code(name: str, code: str) -> str:
    return "" if name == code else f"({code})"


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['rule']}@{row['version']}"
