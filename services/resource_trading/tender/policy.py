"""What may be done with a tender, from where, by whom.

One transition table decides; its guards are what the statute wants and no rule pack states. Pure:
no database, no clock. Must never change anything: it answers, the service acts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from libs.common.events import Payload
from libs.common.events.contracts import trading as events
from libs.common.law.lawful import Breach


class State(StrEnum):
    """Where a tender stands (招标状态)."""

    PUBLISHED = "published"
    OPENED = "opened"
    EVALUATED = "evaluated"
    PUBLICISED = "publicised"
    DECIDED = "decided"
    NOTIFIED = "notified"
    CONTRACTED = "contracted"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Standing:
    """What guards look at: the tender, its award, the city's time and what the step says."""

    state: State | None
    now: datetime
    mandatory: bool
    bid_deadline: datetime | None
    objections: Mapping[str, str] = field(default_factory=dict)
    publicity_until: datetime | None = None
    candidates: frozenset[str] = frozenset()
    reported: bool = False
    refunded: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


Condition = Callable[[Standing], Breach | None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. `to` None: the state stays as it is."""

    action: str
    sources: frozenset[State | None]
    to: State | None
    who: frozenset[str]
    event: type[Payload]
    guards: tuple[Condition, ...] = ()


def line(
    action: str,
    sources: tuple[State | None, ...],
    to: State | None,
    who: str,
    event: type[Payload],
    *guards: Condition,
) -> Transition:
    """A line of a table; `who` joins duties with `|`."""
    return Transition(action, frozenset(sources), to, frozenset(who.split("|")), event, guards)


def no_objection_open(tender: Standing) -> Breach | None:
    """The tender stands still while an objection waits for its answer."""
    if not tender.objections:
        return None
    numbers = ", ".join(sorted(tender.objections))
    return Breach(
        "objection-open",
        f"异议 {numbers} 尚未答复,答复前应当暂停招标投标活动",
        f"Objection {numbers} waits for its answer; until then the tender stands still",
        "招标投标法实施条例 22, 44, 54(2)",
    )


def _deadline_passed(tender: Standing) -> Breach | None:
    if tender.bid_deadline is not None and tender.now >= tender.bid_deadline:
        return None
    return Breach(
        "opening-time",
        "开标应当在投标截止时间公开进行,截止时间未到",
        "Bids are opened at the bid deadline; it has not come",
        "招标投标法 34",
    )


def _before_deadline(tender: Standing) -> Breach | None:
    if tender.bid_deadline is not None and tender.now < tender.bid_deadline:
        return None
    return Breach(
        "clarification-time",
        "投标截止后不能再澄清或者修改招标文件",
        "After the bid deadline the documents can't be changed",
        "招标投标法 23",
    )


_OBJECTION_TIME: Final = {
    "prequalification": State.PUBLISHED,
    "documents": State.PUBLISHED,
    "opening": State.OPENED,
    "candidates": State.PUBLICISED,
}


def _objection_in_its_time(tender: Standing) -> Breach | None:
    if _OBJECTION_TIME.get(str(tender.data.get("against"))) is tender.state:
        return None
    return Breach(
        "objection-time",
        "该异议不是针对当前环节的",
        "The objection is not against the stage that the tender is in",
        "招标投标法实施条例 22, 44, 54(2)",
    )


_S = State
_E = events
_T, _C, _TC = "tenderer", "centre", "tenderer|centre"
_OBJECTED = (_S.PUBLISHED, _S.OPENED, _S.PUBLICISED)
_OPEN = (_S.PUBLISHED, _S.OPENED, _S.EVALUATED, _S.PUBLICISED)
_QUIET = no_objection_open

TRANSITIONS: Final[tuple[Transition, ...]] = (
    line("publish", (None,), _S.PUBLISHED, _T, _E.TenderPublished),
    line("clarify", (_S.PUBLISHED,), None, _T, _E.TenderClarified, _before_deadline),
    line("file-objection", _OBJECTED, None, _TC, _E.TenderObjectionFiled, _objection_in_its_time),
    line("answer-objection", _OPEN, None, _T, _E.TenderObjectionAnswered),
    line("open", (_S.PUBLISHED,), _S.OPENED, _C, _E.TenderOpened, _deadline_passed, _QUIET),
    line("evaluate", (_S.OPENED,), _S.EVALUATED, _TC, _E.TenderEvaluated, _QUIET),
    line("terminate", _OPEN, _S.TERMINATED, _T, _E.TenderTerminated),
)


def breaches(row: Transition, tender: Standing) -> list[Breach]:
    """What the guards of a line find."""
    return [found for guard in row.guards if (found := guard(tender)) is not None]
