"""How a case stands, as the progress page says it: one sentence, steps, date, whom to ask.

Must never name anyone: neither who applied nor who handles the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.law.fold import Fold
from libs.common.law.instants import from_micros
from libs.common.web.names import Names
from libs.common.worktime.counting import DayMark
from services.approval.case.command import LICENCE
from services.approval.case.model import Case
from services.approval.case.policy import State
from services.approval.office import repository as offices
from services.approval.office.model import Body
from services.approval.pages import clocks, names
from services.approval.pages.case import came_there, facts_of
from services.approval.pages.clocks import Told
from services.approval.pages.paper import Words
from services.approval.pages.why import Why, held, why

GRANTED: Final = frozenset({"granted", "partly"})
QUIET: Final = frozenset({"corrected", "step-recorded"})
"""Events that change nothing for the applicant."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page shows. `entries` are a timeline: done, now, planned."""

    case: Case
    item: str
    sentence: str
    entries: list[dict[str, Any]]
    told: Told | None
    explained: Why | None
    days: list[DayMark]
    office: str
    telephone: str | None
    address: str | None
    licence: bool


async def read(
    session: AsyncSession, case: Case, *, law: Fold, say: Words, known: Names, now: datetime
) -> Standing:
    """How the case stands at `now`, in the language of `say`."""
    body = await offices.find(session, Body, case.office)
    told = _first(law, case, now)
    explained = why(law, case, told.rule, now) if told else held(law, case, now)
    return Standing(
        case=case,
        item=await _item(session, known, case, law, say),
        sentence=sentence(case, told, say),
        entries=list(entries(case, told, say)),
        told=told,
        explained=explained,
        days=_named(explained, say),
        office=await _office(session, known, case, say),
        telephone=body.telephone if body else None,
        address=body.address if body else None,
        licence=case.item_type == LICENCE,
    )


def _named(explained: Why | None, say: Words) -> list[DayMark]:
    """The days of the strip, what they are left out for in words."""
    return [
        replace(day, ground=say.named("ground", day.ground)) if day.ground else day
        for day in (explained.days if explained else ())
    ]


def _first(law: Fold, case: Case, now: datetime) -> Told | None:
    """The date that matters now: the decision's, else that of the step the office owes next."""
    stored = clocks.stored(law, case, now) if case.state == State.ACCEPTED else []
    return next(iter(stored or clocks.running(law, case, now)), None)


def sentence(case: Case, told: Told | None, say: Words) -> str:
    """Where the case stands, in one sentence for its applicant."""
    at, said = came_there(case)
    values = {
        "at": say.moment(at),
        "ground": say.named("ground", said.get("ground")),
        "outcome": say.named("outcome", facts_of(case).get("outcome")),
    }
    key = f"progress.sentence.{case.state}"
    if told is not None and say.texts.has(f"{key}_due"):
        left = say.text(told.left.key, count=told.left.count)
        return say.text(f"{key}_due", **values, due=_day(told, say), left=left)
    return say.text(key, **values)


def entries(case: Case, told: Told | None, say: Words) -> Iterator[dict[str, Any]]:
    """What was done, where the case is, and what comes, for a timeline."""
    for kind, at, said in case.history:
        name = kind.removeprefix("cn.sunlight.").rpartition(".v")[0]
        if name.rpartition(".")[2] in QUIET:
            continue
        text = say.named("outcome", said["outcome"]) if said.get("outcome") else said.get("step")
        yield {
            "at": from_micros(at),
            "title": say.named("event", name),
            "text": text,
            "kind": "done",
        }
    coming = list(_coming(case))
    for place, name in enumerate(coming):
        first = place == 0
        yield {
            "title": say.text(f"progress.next.{name}"),
            "text": _until(told, say) if first and told else None,
            "kind": "now" if first else "planned",
        }


def _coming(case: Case) -> Iterator[str]:
    """What still comes, the next first."""
    state, facts = State(case.state), facts_of(case)
    match state:
        case State.RECEIVED:
            yield "accept"
        case State.SUPPLEMENTING:
            yield "supplement"
            yield "accept"
        case State.PAUSED:
            yield "resume"
    if state in {State.RECEIVED, State.SUPPLEMENTING, State.ACCEPTED, State.PAUSED}:
        yield "decide"
        if facts.get("delivers_document"):
            yield "deliver"
    if state is State.DECIDED and facts.get("delivers_document") and facts["outcome"] in GRANTED:
        yield "deliver"
    if state is State.REFUSED and case.receipt_no is None:
        yield "refusal"


def _until(told: Told, say: Words) -> str:
    return say.text("progress.until", day=_day(told, say))


def _day(told: Told, say: Words) -> str:
    value: date | datetime = told.until if told.day is None else told.day
    return say.moment(value) if isinstance(value, datetime) else say.day(value)


async def _item(session: AsyncSession, known: Names, case: Case, law: Fold, say: Words) -> str:
    found: Mapping[str, str] = await names.of_items(session, known, [case], law, say.language)
    return found[case.case_no]


async def _office(session: AsyncSession, known: Names, case: Case, say: Words) -> str:
    return await names.of_office(session, known, case.office, say.language)
