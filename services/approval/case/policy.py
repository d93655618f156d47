"""What may be done with a case, from where, by whom.

One transition table decides; its guards are order that no rule pack states. Pure: no database, no
clock. Must never change anything: it answers, the service acts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from libs.common.events import Payload
from libs.common.events.contracts import approval as events
from libs.common.law.lawful import Breach


class State(StrEnum):
    """Where a case stands (办件状态)."""

    RECEIVED = "received"
    SUPPLEMENTING = "supplementing"
    ACCEPTED = "accepted"
    PAUSED = "paused"
    DECIDED = "decided"
    DELIVERED = "delivered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guards of the table look at. `facts` is what the case's events said, `open_steps`
    are the steps of its flow that were begun and not ended.
    """

    receipt_no: str | None = None
    open_steps: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


Condition = Callable[[Standing], Breach | None]


def _receipt_once(case: Standing) -> Breach | None:
    if case.receipt_no is None:
        return None
    return Breach(
        "receipt-once",
        f"凭证 {case.receipt_no} 已经出具",
        f"Receipt {case.receipt_no} has been issued already",
        "行政许可法 32(2)",
    )


def _receipt_given(case: Standing) -> Breach | None:
    if case.receipt_no is not None:
        return None
    return Breach(
        "receipt-given",
        "不予受理须先出具加盖专用印章、注明日期的书面凭证",
        "A refusal is first given in writing, sealed and dated",
        "行政许可法 32(2)",
    )


def _sent_online_once(case: Standing) -> Breach | None:
    if case.facts.get("channel") == "online" and "precheck_passed" not in case.facts:
        return None
    return Breach(
        "pre-check-online-once",
        "预审只对网上申请,且一次性告知结果",
        "A pre-check is of what was sent online, and its result is told once",
        "安阳市政务服务条例 42(1)",
    )


def _nothing_to_deliver(case: Standing) -> Breach | None:
    granted = case.facts.get("outcome") in {"granted", "partly"}
    if not (granted and case.facts.get("delivers_document")):
        return None
    return Breach(
        "licence-delivered",
        "准予许可的证件尚未送达申请人",
        "The licence that was granted has not reached the applicant",
        "行政许可法 44",
    )


def _steps_ended(case: Standing) -> Breach | None:
    # A step that nobody ends would be watched on for ever, as late.
    if not case.open_steps:
        return None
    names = "、".join(case.open_steps)
    return Breach(
        "steps-ended",
        f"环节“{names}”尚未结束,请先结束环节",
        f"These steps have not been ended yet: {names}",
        "某市电子监察办法 6(3)",
    )


def _each(*conditions: Condition) -> Condition:
    """The first breach of several conditions."""
    return lambda case: next((b for c in conditions if (b := c(case)) is not None), None)


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. `to` None: the state stays as it is."""

    action: str
    sources: frozenset[State | None]
    to: State | None
    who: frozenset[str]
    event: type[Payload]
    guard: Condition | None = None


def _line(
    action: str,
    sources: tuple[State | None, ...],
    to: State | None,
    who: str,
    event: type[Payload],
    *,
    guard: Condition | None = None,
) -> Transition:
    return Transition(action, frozenset(sources), to, frozenset(who.split("|")), event, guard)


_S = State
_OPEN = (_S.RECEIVED, _S.SUPPLEMENTING, _S.ACCEPTED, _S.PAUSED)
_ANSWERED = (_S.ACCEPTED, _S.PAUSED, _S.REFUSED, _S.DECIDED)
_EXAMINED = (_S.ACCEPTED, _S.PAUSED, _S.DECIDED, _S.DELIVERED)
_W, _A, _WA = "window", "approver", "window|approver"
_E = events

TRANSITIONS: Final[tuple[Transition, ...]] = (
    _line("receive", (None,), _S.RECEIVED, _W, _E.CaseReceived),
    _line("pre-check", (_S.RECEIVED,), None, _W, _E.CasePreChecked, guard=_sent_online_once),
    _line("request-supplement", (_S.RECEIVED,), _S.SUPPLEMENTING, _W, _E.CaseSupplementRequested),
    _line("receive-supplement", (_S.SUPPLEMENTING,), _S.RECEIVED, _W, _E.CaseSupplementReceived),
    _line("accept", (_S.RECEIVED,), _S.ACCEPTED, _W, _E.CaseAccepted),
    _line("refuse", (_S.RECEIVED, _S.SUPPLEMENTING), _S.REFUSED, _W, _E.CaseRefused),
    _line("issue-receipt", _ANSWERED, None, _W, _E.CaseReceiptIssued, guard=_receipt_once),
    _line("pause", (_S.ACCEPTED,), _S.PAUSED, _A, _E.CasePaused),
    _line("resume", (_S.PAUSED,), _S.ACCEPTED, _A, _E.CaseResumed),
    _line("correct", _OPEN, None, _W, _E.CaseCorrected),
    _line("complete-materials", (_S.ACCEPTED, _S.PAUSED), None, _W, _E.CaseMaterialsCompleted),
    _line("start-step", (_S.ACCEPTED, _S.PAUSED), None, _WA, _E.CaseStepStarted),
    _line("end-step", _EXAMINED, None, _WA, _E.CaseStepEnded),
    _line("extend", (_S.ACCEPTED,), None, _A, _E.CaseExtended),
    _line("decide", (_S.ACCEPTED,), _S.DECIDED, _A, _E.CaseDecided),
    _line("deliver", (_S.DECIDED,), _S.DELIVERED, _W, _E.CaseDelivered),
    _line(
        *("close", (_S.DECIDED,), _S.CLOSED, _WA, _E.CaseClosed),
        guard=_each(_nothing_to_deliver, _steps_ended),
    ),
    _line("close", (_S.REFUSED,), _S.CLOSED, _WA, _E.CaseClosed, guard=_receipt_given),
    _line("close", (_S.DELIVERED,), _S.CLOSED, _WA, _E.CaseClosed, guard=_steps_ended),
    _line("close", (_S.WITHDRAWN,), _S.CLOSED, _WA, _E.CaseClosed),
    _line("withdraw", _OPEN, _S.WITHDRAWN, _W, _E.CaseWithdrawn),
)
_BY_STEP: Final = {(source, row.action): row for row in TRANSITIONS for source in row.sources}


def transition(state: State | None, action: str) -> Transition | None:
    """The line for `action` on a case in `state` (None: no case yet); None when there is none."""
    return _BY_STEP.get((state, action))


def serves(office: str, duties: frozenset[str], case_office: str) -> bool:
    """Whether a post works on a case: what it needs to see who applied."""
    return office == case_office and bool(duties & {_W, _A})


def who_may(action: str) -> frozenset[str]:
    """The duties that may do `action` in any state."""
    return frozenset().union(*(row.who for row in TRANSITIONS if row.action == action))
