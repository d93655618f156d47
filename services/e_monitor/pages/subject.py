"""`/monitor/subjects/{subject}`: everything that happened to one subject, and all its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Response

from libs.common.identity.permissions import scope_of
from libs.common.law.instants import from_micros
from libs.common.web.errors import NotFound
from libs.common.worktime import civil_day, end_of_day
from services.e_monitor.clock import reading, wording
from services.e_monitor.clock.endpoints import Subject
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.context import CLOCKS, FindingScope, Reader
from services.e_monitor.finding import reading as findings
from services.e_monitor.finding.reading import Filter
from services.e_monitor.pages.site import Here, Site

EVENTS: Final = 200
FINDINGS: Final = 100
WIDTH: Final = 1000
_MOMENT: Final = timedelta(microseconds=1)
SHOWN_FACTS: Final = ("notice_no", "licence_no", "case_no", "step", "outcome", "lot")
router = APIRouter()


@dataclass(frozen=True, slots=True)
class Bar:
    """A clock on the common time line, in thousandths of its length.

    `inside` is the part up to the due instant, `over` the part past it; `due` where it stands.
    """

    told: Explanation
    start: int
    inside: int
    over: int
    due: int | None
    pauses: tuple[tuple[int, int], ...]


@router.get("/monitor/subjects/{subject:path}")
async def subject(subject: Subject, here: Here, reader: Reader, within: FindingScope) -> Response:
    """The subject's events, clocks as bars, findings."""
    view = await reading.find(reader, scope_of(here.actor, CLOCKS), here.law, subject)
    if view is None:
        raise NotFound
    events = await reading.events_of(reader, subject, EVENTS + 1)
    told = sorted(
        (item for item in view.explanations() if item.state != "not_applicable"),
        key=lambda item: item.limit is None,
    )
    return here.page(
        "subject.html",
        subject=subject,
        view=view,
        entries=[_entry(event, here) for event in events[:EVENTS]],
        more_events=len(events) > EVENTS,
        told=told,
        bars=bars_of(told, here),
        findings=await findings.page(reader, within, Filter(subject=subject), None, FINDINGS),
    )


def _entry(event: reading.Observed, here: Site) -> dict[str, Any]:
    facts = [str(event.facts[name]) for name in SHOWN_FACTS if event.facts.get(name)]
    ground = event.facts.get("ground")
    text = {
        language: " · ".join([*([named[language]] if named else []), *facts])
        for named in [wording.named("ground", ground) if ground else None]
        for language in ("zh", "en")
    }
    return {
        "at": event.time,
        "title": wording.event_name(event.type),
        "text": text if text["zh"] else None,
        "who": here.office_text(event.department) if event.department else None,
    }


def bars_of(told: Sequence[Explanation], here: Site) -> dict[str, Any]:
    """Every clock as a bar between the first start and the last end, with both dates."""
    if not told:
        return {"bars": [], "first": None, "last": None}
    spans = [_span(item, here) for item in told]
    first = min(start for start, _, _ in spans)
    last = max(max(end, due or end) for _, end, due in spans)
    length = max(last - first, timedelta(days=1))

    def place(instant: datetime) -> int:
        inside = min(max(instant, first), last)
        return round(WIDTH * ((inside - first) / length))

    bars = [
        Bar(
            told=item,
            start=place(start),
            inside=max(0, place(min(end, due or end)) - place(start)),
            over=max(0, place(end) - place(max(due, start))) if due and end > due else 0,
            due=place(due) if due else None,
            pauses=tuple(
                (place(from_micros(opened)), place(end if ended is None else from_micros(ended)))
                for opened, ended, _ in item.pauses
            ),
        )
        for item, (start, end, due) in zip(told, spans, strict=True)
    ]
    days = [civil_day(edge, here.law.zone) for edge in (first - _MOMENT, last - _MOMENT)]
    return {"bars": bars, "first": days[0], "last": days[1]}


def _span(told: Explanation, here: Site) -> tuple[datetime, datetime, datetime | None]:
    """Start, end (stop, else what is known) and due of a clock as instants."""
    zone = here.law.zone

    def instant(value: date | datetime) -> datetime:
        return value if isinstance(value, datetime) else end_of_day(value, zone)

    start = instant(told.started)
    end = instant(told.stopped) if told.stopped else max(told.at or start, start)
    return start, end, instant(told.due) if told.due else None
