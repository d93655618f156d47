"""What may be done about a finding, from where, by whom.

One transition table decides. A finding is set right by the office it is about, verified by a second
person of another office, and closed (对账销号); a wrong clock is corrected, never waived. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from libs.common.events import Payload
from libs.common.events.contracts import monitor as events
from libs.common.identity import area


class Status(StrEnum):
    """Where a finding stands with the people who handle it (处置状态)."""

    OPEN = "open"
    ASSIGNED = "assigned"
    EXPLAINED = "explained"
    CORRECTED = "corrected"
    VERIFIED = "verified"
    CLOSED = "closed"
    WAIVED = "waived"
    ESCALATED = "escalated"
    RESCINDED = "rescinded"


SUPERVISOR: Final = "supervisor"
HEAD: Final = "head"
VERIFIER: Final = "verifier"


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table: `action` takes a finding from one of `sources` to `to`."""

    action: str
    sources: frozenset[Status]
    to: Status
    who: str
    event: type[Payload]


def _line(
    action: str, sources: tuple[Status, ...], to: Status, who: str, event: type[Payload]
) -> Transition:
    return Transition(action, frozenset(sources), to, who, event)


_S = Status
_AT_WORK = (_S.OPEN, _S.ASSIGNED, _S.EXPLAINED, _S.CORRECTED, _S.VERIFIED, _S.ESCALATED)
_ASKED = (_S.OPEN, _S.ASSIGNED, _S.ESCALATED)

TRANSITIONS: Final[tuple[Transition, ...]] = (
    _line("assign", (_S.OPEN, _S.ASSIGNED), _S.ASSIGNED, SUPERVISOR, events.FindingAssigned),
    _line("answer", _ASKED, _S.EXPLAINED, HEAD, events.FindingAnswered),
    _line("return", (_S.EXPLAINED, _S.CORRECTED), _S.ASSIGNED, SUPERVISOR, events.FindingAssigned),
    _line("correct", (_S.EXPLAINED,), _S.CORRECTED, HEAD, events.FindingCorrected),
    _line("verify", (_S.CORRECTED,), _S.VERIFIED, VERIFIER, events.FindingVerified),
    _line("close", (_S.VERIFIED,), _S.CLOSED, VERIFIER, events.FindingClosed),
    _line("waive", (*_ASKED, _S.EXPLAINED), _S.WAIVED, SUPERVISOR, events.FindingWaived),
    _line("escalate", (*_ASKED, _S.EXPLAINED), _S.ESCALATED, SUPERVISOR, events.FindingEscalated),
    _line("rescind", _AT_WORK, _S.RESCINDED, SUPERVISOR, events.FindingRescinded),
)
ACTIONS: Final = tuple(line.action for line in TRANSITIONS)
_BY_ACTION: Final = {line.action: line for line in TRANSITIONS}


class Hand(Protocol):
    """Who acts: a post, its office and region, and its duties."""

    @property
    def post(self) -> str: ...

    @property
    def office(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def duties(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a finding decides who may handle it. `hands` are the posts that set it right."""

    status: Status
    region: str | None
    department: str | None
    hands: frozenset[str] = frozenset()


def line_of(action: str) -> Transition:
    """The table's line; KeyError for an action that does not exist."""
    return _BY_ACTION[action]


def within(actor: Hand, matter: Matter) -> bool:
    """Whether the finding is of the actor's concern at all: its own office's, or its region's.

    A head handles the findings of the office, a supervisor or verifier those of the region and of
    the regions within it; a finding that names no region is nobody's.
    """
    if not area.within(matter.region, actor.region):
        return False
    own = HEAD in actor.duties and actor.office == matter.department
    return own or bool(actor.duties & {SUPERVISOR, VERIFIER})


def may(actor: Hand, line: Transition, matter: Matter) -> bool:
    """Whether the actor may take this line, wherever the finding stands.

    The office answers for itself; nobody verifies or closes what their own office, or they
    themselves, set right.
    """
    if line.who not in actor.duties or not within(actor, matter):
        return False
    if line.who == HEAD:
        return actor.office == matter.department
    if line.who == VERIFIER:
        return actor.office != matter.department and actor.post not in matter.hands
    return True


def allowed(actor: Hand, matter: Matter) -> list[str]:
    """The actions that the actor may take now."""
    return [
        line.action
        for line in TRANSITIONS
        if matter.status in line.sources and may(actor, line, matter)
    ]
