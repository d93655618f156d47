"""`/monitor/leads/{tender}`: the leads on one tender, to be verified, each with what else could
explain it. Alone a page, asked for by htmx a part that the tender's own page takes in.

Must never say more than the finding does, nor be shown outside the reader's scope: there, and where
nothing was found, it looks the same. A lead is no verdict and never public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import TypeAdapter

from libs.common.law.rule import Pattern
from libs.common.web.errors import Bilingual
from services.e_monitor.clock.endpoints import Subject
from services.e_monitor.context import FindingScope, Reader
from services.e_monitor.finding.leads import leads_of
from services.e_monitor.finding.reading import Finding
from services.e_monitor.pages.finding import evidence_of, rule_of
from services.e_monitor.pages.sentences import MARKS, WORDS
from services.e_monitor.pages.site import Here, Site

INNOCENT: Final = TypeAdapter(dict[str, list[Bilingual]]).validate_python(WORDS["innocent"])
"""Detector → what could explain without any collusion what it saw."""
TEXTS: Final = TypeAdapter(dict[str, Bilingual]).validate_python(WORDS["texts"])
FORMS: Final = TypeAdapter(dict[str, Bilingual]).validate_python(WORDS["form"])
_SENTENCE: Final = ("tier", "lot", "mark", "shown", "bidders", "bids")
"""Evidence that the sentence tells already, or that stands in its badge."""
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Shown:
    """A lead as it is shown: `rule` is None where it is no longer installed."""

    finding: Finding
    seen: dict[str, Any]
    rule: Pattern | None
    evidence: list[tuple[str, Any, str | None]]
    innocent: list[Bilingual]


@router.get("/monitor/leads/{subject:path}")
async def leads(
    subject: Subject, request: Request, here: Here, reader: Reader, within: FindingScope
) -> Response:
    """The leads that stand on a tender or lot, the stronger tier first."""
    found = await leads_of(reader, within, here.law, subject)
    values: dict[str, Any] = {"subject": subject, "leads": [_shown(here, one) for one in found]}
    values |= {"texts": TEXTS, "marks": MARKS}
    if request.headers.get("HX-Request") == "true":
        answer: Response = HTMLResponse(here.part("parts/leads.html", **values))
    else:
        answer = here.page("leads.html", **values)
    answer.headers.append("Vary", "HX-Request")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _shown(here: Site, finding: Finding) -> Shown:
    rule = rule_of(here, finding)
    pattern = rule if isinstance(rule, Pattern) else None
    seen = dict(finding.evidence["seen"])
    told = [
        (name, _readable(name, value), unit)
        for name, value, unit in evidence_of(finding)
        if name in seen and name not in _SENTENCE
    ]
    innocent = INNOCENT.get(pattern.detector, []) if pattern else []
    return Shown(finding, seen, pattern, told, innocent)


def _readable(name: str, value: Any) -> Any:
    """An instant as one, forms of a bond by their names."""
    if name == "since":
        return datetime.fromisoformat(value)
    if name == "forms" and isinstance(value, list):
        return [FORMS.get(form, form) for form in value]
    return value
