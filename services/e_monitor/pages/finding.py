"""`/monitor/findings` and one finding: what happened, on what ground, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from libs.common.db.engine import Connection
from libs.common.identity.permissions import scope_of
from libs.common.law.instants import to_micros
from libs.common.web.errors import NotFound
from libs.common.web.page import Page, encode_cursor
from libs.common.web.session import Session
from services.e_monitor.clock import reading as clocks
from services.e_monitor.clock import wording
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.clock.schemas import shown_days
from services.e_monitor.context import CLOCKS, FindingScope, Reader
from services.e_monitor.finding import reading
from services.e_monitor.finding.endpoints import Wanted, after_key
from services.e_monitor.finding.reading import Filter, Finding
from services.e_monitor.follow_up import repository as follow_up
from services.e_monitor.follow_up.policy import Matter, Status, allowed
from services.e_monitor.follow_up.service import hands_of
from services.e_monitor.pages.site import Here, Site

SEVERITIES: Final = ("red", "yellow", "info", "lead")
STATUSES: Final = (
    "open",
    "assigned",
    "explained",
    "corrected",
    "verified",
    "closed",
    "waived",
    "escalated",
    "rescinded",
)
STATES: Final = ("overdue", "breached")
AMOUNTS: Final = ("limit", "elapsed", "excluded", "over")
INSTANTS: Final = ("happened", "recorded", "waits_until")
_ORDER: Final = {
    name: place
    for place, name in enumerate(
        ("state", "started", "limit", "due", "stopped", "elapsed", "excluded", "pauses", "over")
    )
}
router = APIRouter()


@router.get("/monitor/findings")
async def listed(
    here: Here, reader: Reader, within: FindingScope, asked: Page, wanted: Wanted
) -> Response:
    """Findings, newest first; every filter is a link."""
    found = await reading.page(reader, within, wanted, after_key(asked.after), asked.limit + 1)
    items = found[: asked.limit]
    last = items[-1] if len(found) > asked.limit else None
    return here.page(
        "findings.html",
        findings=items,
        wanted=wanted,
        filtered=wanted != Filter() or asked.after is not None,
        facets=[
            ("severity", SEVERITIES, wanted.severity),
            ("state", STATES, wanted.state),
            ("status", STATUSES, wanted.status),
        ],
        chosen=_chosen(wanted),
        cursor=encode_cursor(to_micros(last.detected_at), str(last.id)) if last else None,
    )


def _chosen(wanted: Filter) -> list[tuple[str, str]]:
    """The free filters in use, each of which the page offers to take off."""
    names = ("rule", "department", "region", "subject", "stage")
    return [(name, getattr(wanted, name)) for name in names if getattr(wanted, name)]


@router.get("/monitor/findings/{finding_id}")
async def one(
    finding_id: UUID, here: Here, reader: Reader, within: FindingScope, session: Session
) -> Response:
    """One finding: in a sentence, its evidence, its clock, the article, its history."""
    found = await reading.find(reader, within, finding_id)
    if found is None:
        raise NotFound
    told = await _clock_of(here, reader, found)
    held = await follow_up.follow_up(session, finding_id)
    status = Status(found.status)
    matter = Matter(status, found.region, found.department, hands_of(held))
    return here.page(
        "finding.html",
        finding=found,
        held=held,
        allowed=allowed(here.actor, matter),
        sentence=sentence_of(found, told, here),
        evidence=evidence_of(found),
        history=await reading.history(reader, finding_id),
        told=told,
        days=days_with_overrun(told) if told else [],
        rule=rule_of(here, found),
    )


def days_with_overrun(told: Explanation) -> list[dict[str, Any]]:
    """The strip with each counted day past the due day named as such."""
    past = dict(wording.catalogue().texts["calendar.over"])
    return [
        {**day, "name": past} if _is_past(told, day) and not day["name"] else day
        for day in shown_days(told)
    ]


def _is_past(told: Explanation, day: dict[str, Any]) -> bool:
    due = told.due
    return (
        told.form == "deadline"
        and due is not None
        and not isinstance(due, datetime)
        and day["counted"]
        and day["day"] > due
    )


def rule_of(here: Site, found: Finding) -> Any:
    """The rule in the version that the finding names; None when it is no longer installed."""
    return here.law.book.by_key.get(f"{found.rule}@{found.rule_version}")


async def _clock_of(here: Site, reader: Connection, found: Finding) -> Explanation | None:
    view = await clocks.find(reader, scope_of(here.actor, CLOCKS), here.law, found.subject)
    if view is None:
        return None
    clocks_of_rule = view.explanations(found.rule)
    return next((told for told in clocks_of_rule if told.occurrence == found.occurrence), None)


def sentence_of(found: Finding, told: Explanation | None, here: Site) -> Mapping[str, str]:
    """What happened, in one sentence, in both languages."""
    if told is not None:
        return wording.stands(told, here.law.zone)
    return here.in_a_sentence(found)


def evidence_of(found: Finding) -> list[tuple[str, Any, str | None]]:
    """Evidence as (name, value, unit of an amount), in reading order; what a check saw last."""
    known = {**found.evidence}
    seen = known.pop("seen", None)
    unit = known.pop("unit", None)
    known.pop("law", None)
    ordered = sorted(known, key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    pairs = [
        (name, _readable(name, known[name]), unit if name in AMOUNTS else None) for name in ordered
    ]
    if isinstance(seen, dict):
        pairs += [(name, _readable(name, value), None) for name, value in seen.items()]
    return pairs


def _readable(name: str, value: Any) -> Any:
    """An event type as its short name, an instant as one; anything else as it is."""
    if name == "event":
        return str(value).removeprefix("cn.sunlight.").rpartition(".v")[0]
    return datetime.fromisoformat(value) if name in INSTANTS else value
