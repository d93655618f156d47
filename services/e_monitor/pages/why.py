"""`/monitor/why/{subject}/{rule}`: why this date? Every day of the clock, the sum, the article."""

from __future__ import annotations

from fastapi import APIRouter, Response

from libs.common.law.rule import Rule
from libs.common.web.errors import NotFound
from services.e_monitor.clock import reading, wording
from services.e_monitor.clock.endpoints import Occurrence, RuleId, Subject, chosen
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.context import ClockScope, Reader
from services.e_monitor.finding import reading as findings
from services.e_monitor.finding.reading import Filter
from services.e_monitor.finding.sight import Sight
from services.e_monitor.pages.finding import days_with_overrun, evidence_of, sentence_of
from services.e_monitor.pages.site import Here, Site

router = APIRouter()


@router.get("/monitor/why/{subject:path}/{rule}")
async def why(
    subject: Subject,
    rule: RuleId,
    *,
    here: Here,
    reader: Reader,
    within: ClockScope,
    occurrence: Occurrence = None,
) -> Response:
    """A clock explained; for a rule without a clock, the rule and what was seen.

    Findings beside it, and what a rule without a clock has seen, are for those who may read
    findings.
    """
    view = await reading.find(reader, within, here.law, subject)
    about = Filter(rule=rule, subject=subject)
    sight = Sight.of(here.actor)
    found = await findings.page(reader, sight, about, None, 20)
    told = view.explanations(rule) if view else []
    if told:
        return _clock(here, chosen(told, occurrence), told, found, readable=sight.anything)
    versions = here.law.book.by_id.get(rule)
    if not versions or not sight.anything or not (view or found):
        raise NotFound
    return _rule(here, subject, versions[-1], found)


def _clock(
    here: Site,
    told: Explanation,
    others: list[Explanation],
    found: list[findings.Finding],
    *,
    readable: bool,
) -> Response:
    return here.page(
        "why.html",
        subject=told.subject,
        title=told.title,
        law=told.law,
        told=told,
        days=days_with_overrun(told),
        sentences=wording.told(told, here.law.zone),
        stands=wording.stands(told, here.law.zone),
        others=[other for other in others if other.occurrence != told.occurrence],
        findings=[item for item in found if item.occurrence == told.occurrence],
        # "None" is not what is said to whoever may not know.
        readable=readable,
        evidence_of=evidence_of,
        rights=wording.rights(told.regime),
    )


def _rule(here: Site, subject: str, rule: Rule, found: list[findings.Finding]) -> Response:
    return here.page(
        "why.html",
        subject=subject,
        title=rule.title.model_dump(),
        law=rule.law,
        told=None,
        rule=rule,
        stands=sentence_of(found[0], None, here) if found else None,
        others=[],
        findings=found,
        readable=True,
        evidence_of=evidence_of,
        rights=wording.rights(rule.regime),
    )
