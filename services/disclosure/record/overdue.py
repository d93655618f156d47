"""Which findings count as a public overdue fact of an office, and until when. Pure.

Only limits that the law makes public count; leads never do, whatever an event says of itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from libs.common.events import Event
from libs.common.events.contracts.approval import CaseDecided
from libs.common.events.contracts.monitor import FindingClosed, FindingDetected, FindingRescinded
from libs.common.events.contracts.trading import TenderPublished

_HANDLED: Final = {CaseDecided.event_type: "approval", TenderPublished.event_type: "trading"}
_ENDED: Final = {
    FindingClosed.event_type: "closed",
    FindingRescinded.event_type: "rescinded",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """An overdue fact as a finding tells it."""

    rule: str
    matter: str
    region: str
    office: str
    occurred_at: datetime
    month: date


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says of a finding: how it stands since `at`, and its fact where told anew."""

    finding_id: str
    state: str
    at: datetime
    fact: Fact | None = None


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


def change(event: Event, deadlines: Mapping[str, str], zone: ZoneInfo) -> Change | None:
    """What the event changes in the overdue facts; `deadlines` are rule id → matter.

    A finding that is told anew and is no longer public counts as rescinded.

    Raises:
        ValidationError: the event's data break their contract.
    """
    if event.type in _ENDED:
        return Change(event.data["finding_id"], _ENDED[event.type], event.recordedtime)
    if event.type != FindingDetected.event_type:
        return None
    finding = FindingDetected.model_validate(event.data)
    matter = deadlines.get(finding.rule)
    if not finding.public or finding.severity == "lead" or matter is None:
        return Change(finding.finding_id, "rescinded", event.recordedtime)
    fact = Fact(
        rule=finding.rule,
        matter=matter,
        region=event.region or "",
        office=event.department or "",
        occurred_at=finding.occurred_at,
        month=month_of(finding.occurred_at, zone),
    )
    return Change(finding.finding_id, "standing", event.recordedtime, fact)


def merged(earlier: Change | None, later: Change) -> Change:
    """Two changes of one finding as one: the later's standing with the fact last told."""
    fact = later.fact or (earlier.fact if earlier else None)
    return Change(later.finding_id, later.state, later.at, fact)
