"""Which findings count as a public overdue fact of an office, and when one may be shown. Pure.

Only limits that the law makes public count; leads never do, whatever an event says of itself.

The gate. A finding's gate opens when the office has answered, or its time to answer has passed.
From then on its matter counts for the office, and the fact is shown with the answer beside it.
Until then the matter is in a number of its own, waiting for the answer: none counts unheard, and
nobody keeps a matter out of sight by not asking or not answering. A matter waived before its gate
opened is asked no more: it counts, and its fact is never shown alone. What was counted or shown
once stays so, unless it is rescinded: then fact and answer are withdrawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.events import CONTRACTS, Event
from libs.common.events.contracts import monitor
from libs.common.events.contracts.approval import CaseDecided
from libs.common.events.contracts.trading import TenderPublished
from services.disclosure.persons import names_a_person

STANDING: Final = "standing"
FINISHED: Final = "finished"
CLOSED: Final = "closed"
RESCINDED: Final = "rescinded"
_HANDLED: Final = {CaseDecided.event_type: "approval", TenderPublished.event_type: "trading"}
_HANDLING: Final = {
    monitor.FindingAssigned.event_type: "assigned",
    monitor.FindingAnswered.event_type: "answered",
    monitor.FindingCorrected.event_type: "corrected",
    monitor.FindingVerified.event_type: "verified",
    monitor.FindingClosed.event_type: "closed",
    monitor.FindingWaived.event_type: "waived",
    monitor.FindingEscalated.event_type: "escalated",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """An overdue fact as a finding tells it; `over` counts units once the step was done late."""

    rule: str
    matter: str
    region: str
    office: str
    about: str | None
    occurred_at: datetime
    month: date
    over: int | None = None
    unit: str | None = None
    paused: bool | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the office answered; `statement` None: it held a number of a person and is kept back."""

    claim: str
    cause: str
    statement: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says of a finding at `at`: how it stands, its fact, how it is handled."""

    finding_id: str
    at: datetime
    state: str | None = None
    fact: Fact | None = None
    handling: str | None = None
    answer: Answer | None = None
    answer_by: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """An overdue matter as it stands. `opens_at`: from when it counts and its fact may be shown.

    `opens_at` None: not known yet, or, with `waived_for`, never: it counts and is not shown alone.
    `changed_at` is of its state, and of a waiver that makes it count.
    """

    finding_id: str
    fact: Fact
    state: str
    changed_at: datetime
    handling: str | None = None
    opens_at: datetime | None = None
    answer: Answer | None = None
    answered_at: datetime | None = None
    waived_for: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Handled:
    """One matter that an office handled in a month."""

    matter: str
    region: str
    office: str
    month: date


def month_of(instant: datetime, zone: ZoneInfo) -> date:
    """The first day of the civil month of an instant."""
    return instant.astimezone(zone).date().replace(day=1)


def handled(event: Event, zone: ZoneInfo) -> Handled | None:
    """The matter that the event adds to its office's base, if any."""
    matter = _HANDLED.get(event.type)
    if matter is None:
        return None
    return Handled(matter, event.region or "", event.department or "", month_of(event.time, zone))


def decided(event: Event, zone: ZoneInfo) -> tuple[str, date] | None:
    """The case that the event decides, and the month of it."""
    if event.type != CaseDecided.event_type:
        return None
    return event.subject, month_of(event.time, zone)


def change(event: Event, deadlines: Mapping[str, str], zone: ZoneInfo) -> Change | None:
    """What the event changes in the overdue facts; `deadlines` are rule id → matter.

    A finding that is told anew and is no longer public counts as rescinded.

    Raises:
        ValidationError: the event's data break their contract.
    """
    if event.type == monitor.FindingDetected.event_type:
        return _detected(event, deadlines, zone)
    if event.type == monitor.FindingRescinded.event_type:
        return Change(event.data["finding_id"], event.recordedtime, RESCINDED)
    handling = _HANDLING.get(event.type)
    return _follow_up(event, handling) if handling else None


def _detected(event: Event, deadlines: Mapping[str, str], zone: ZoneInfo) -> Change:
    finding = monitor.FindingDetected.model_validate(event.data)
    matter = deadlines.get(finding.rule)
    if not finding.public or finding.severity == "lead" or matter is None:
        return Change(finding.finding_id, event.recordedtime, RESCINDED)
    fact = Fact(
        rule=finding.rule,
        matter=matter,
        region=event.region or "",
        office=event.department or "",
        about=finding.about,
        occurred_at=finding.occurred_at,
        month=month_of(finding.occurred_at, zone),
        over=finding.over,
        unit=finding.unit,
        paused=finding.paused,
    )
    # Monitoring counts the units over once the clock has stopped, never before.
    state = STANDING if finding.over is None else FINISHED
    return Change(finding.finding_id, event.recordedtime, state, fact)


def _follow_up(event: Event, handling: str) -> Change:
    told = CONTRACTS[event.type].model_validate(event.data)
    told_of = Change(event.data["finding_id"], event.recordedtime, handling=handling)
    match told:
        case monitor.FindingAssigned():
            return replace(told_of, answer_by=told.answer_by)
        case monitor.FindingAnswered():
            statement = None if names_a_person(told.statement) else told.statement
            return replace(told_of, answer=Answer(told.claim, told.cause, statement))
        case monitor.FindingWaived():
            return replace(told_of, reason=told.reason)
        case monitor.FindingClosed():
            return replace(told_of, state=CLOSED)
    return told_of


def changed(matter: Matter | None, change: Change) -> Matter | None:
    """The matter after a change; None where it never was public."""
    public = matter is not None and matter.state != RESCINDED
    if change.fact is not None:
        return _told(matter if public else None, change, change.fact)
    if matter is None or not public:
        return matter
    if change.state == RESCINDED:
        return Matter(matter.finding_id, matter.fact, RESCINDED, change.at)
    after = replace(_handled(matter, change), handling=change.handling)
    if change.state is None or change.state == matter.state:
        return after
    return replace(after, state=change.state, changed_at=change.at)


def _told(matter: Matter | None, change: Change, fact: Fact) -> Matter:
    state = change.state or STANDING
    if matter is None:
        return Matter(change.finding_id, fact, state, change.at)
    return replace(matter, fact=fact, state=state, changed_at=change.at)


def _handled(matter: Matter, change: Change) -> Matter:
    """The matter with its answer, and with its gate where the change moves it."""
    opens, at = matter.opens_at, change.at
    is_open = opens is not None and opens <= at
    if change.answer is not None:
        opens_at = opens if is_open else at
        return replace(matter, answer=change.answer, answered_at=at, opens_at=opens_at)
    if change.answer_by is not None:
        return matter if is_open else replace(matter, opens_at=change.answer_by)
    if change.handling == "waived":
        return _waived(matter, change, is_open=is_open)
    return matter


def _waived(matter: Matter, change: Change, *, is_open: bool) -> Matter:
    """Waived while its gate was shut, it counts from now on; that is a change of the number."""
    counted = is_open or matter.waived_for is not None
    return replace(
        matter,
        waived_for=change.reason,
        opens_at=matter.opens_at if is_open else None,
        changed_at=matter.changed_at if counted else change.at,
    )
