"""A finding in one sentence: which office, which matter, what about it.

Every number comes from the finding's evidence. Must never say more than the finding does: a limit
is over or not, a lead is to be verified, and neither is a verdict on anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from pydantic import TypeAdapter

from libs.common.law.fold import Fold
from libs.common.law.rule import Minimum, Pattern
from libs.common.web.errors import Bilingual
from libs.common.web.language import LANGUAGES, Language
from libs.common.web.names import Names
from libs.common.web.shell import words
from libs.common.worktime import Unit
from services.e_monitor.clock.wording import Wording, both
from services.e_monitor.finding.reading import Finding
from services.e_monitor.finding.schemas import title_of
from services.e_monitor.match.handlers import DETECTOR

WORDS: Final[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "words/leads.yaml").read_text("utf-8")
)
MARKS: Final = TypeAdapter(dict[str, Bilingual]).validate_python(WORDS["mark"])


def in_a_sentence(law: Fold, names: Names, finding: Finding) -> dict[str, str]:
    """The finding in one sentence, in both languages."""
    return {language: _said(law, names, finding, language) for language in LANGUAGES}


def _said(law: Fold, names: Names, finding: Finding, language: Language) -> str:
    say, office = Wording(language, law.zone), finding.department
    values = {
        "office": names.of(office)[language] if office else say.text("short.no_office"),
        "matter": matter(finding.subject)[language],
        "title": title_of(law, finding.rule)[language],
    }
    key, more = _kind(law, finding, say)
    return say.text(f"short.{key}", **values, **more)


def matter(subject: str) -> Mapping[str, str]:
    """`办件 990100-…`, `招标项目 T-1`; a foreign system's subject as it is."""
    noun, _, number = subject.partition("/")
    if noun in {"case", "tender"}:
        return both(f"short.{noun}", number=number)
    return dict.fromkeys(LANGUAGES, words.subject(subject))


def _kind(law: Fold, finding: Finding, say: Wording) -> tuple[str, Mapping[str, Any]]:
    evidence = finding.evidence
    rule = law.book.by_key.get(f"{finding.rule}@{finding.rule_version}")
    state, over = evidence.get("state"), evidence.get("over")
    if state == "overdue" and "due" in evidence:
        # By how much grows with every day: the clock tells it, never the finding.
        return state, {"due": _day(say, evidence["due"], law.zone)}
    if state == "breached" and isinstance(over, int) and "unit" in evidence:
        amount = say.amount(over, Unit(evidence["unit"]))
        if isinstance(rule, Minimum):
            return "minimum", {"over": amount}
        if "due" in evidence:
            return state, {"over": amount, "due": _day(say, evidence["due"], law.zone)}
    if isinstance(rule, Pattern) and rule.detector == DETECTOR:
        return "hall", {}
    return _seen(evidence.get("seen"), say, lead=finding.severity == "lead")


def _seen(seen: Any, say: Wording, *, lead: bool) -> tuple[str, Mapping[str, Any]]:
    mark = MARKS.get(seen.get("mark", "")) if isinstance(seen, dict) else None
    if mark is None or "bids" not in seen:
        return ("lead" if lead else "check"), {}
    told = {"count": len(seen["bids"]), "mark": mark[say.language], "shown": seen["shown"]}
    return "shared", told


def _day(say: Wording, due: str, zone: ZoneInfo) -> str:
    """The day or instant of the evidence."""
    if len(due) == len("2026-03-02"):
        return say.day(date.fromisoformat(due))
    return say.day(datetime.fromisoformat(due).astimezone(zone))
