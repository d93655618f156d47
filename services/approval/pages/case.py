"""`/window/cases/{case_no}`: where a case stands, and what the post that looks may do to it now.

Every form goes through the same use cases as the API and answers with the case's page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from libs.common.identity.actor import Acting
from libs.common.identity.forms import OwnForm, expected
from libs.common.law.instants import from_micros
from libs.common.web.errors import NotFound
from libs.common.web.law import Law
from libs.common.web.session import Session
from services.approval.applicant import repository as applicants
from services.approval.case import query_code, repository
from services.approval.case.command import begin
from services.approval.case.endpoints import CaseNo
from services.approval.case.flow import flow_of, next_steps
from services.approval.case.model import Case
from services.approval.case.policy import TRANSITIONS, State, serves
from services.approval.item import repository as items
from services.approval.pages import addresses, clocks, materials
from services.approval.pages.corrected import before_and_after
from services.approval.pages.paper import Words
from services.approval.pages.site import Here, Site
from services.approval.pages.steps import ACTS, filled, offered

CODED: Final = {
    "ground": "ground",
    "remedy": "remedy",
    "outcome": "outcome",
    "channel": "channel",
    "approver_level": "approver_level",
}
SHOWN: Final = (
    "notice_no",
    "materials",
    "ground",
    "remedy",
    "document_no",
    "outcome",
    "licence_no",
    "approver_level",
    "channel",
    "step",
)
"""What the history tells of an event."""
FLOW: Final = frozenset({"start-step", "end-step"})
"""Steps that stand beside the flow, not among the others."""
router = APIRouter()


@router.get("/window/cases/{case_no}")
async def page(case_no: CaseNo, here: Here) -> Response:
    """One case."""
    case = await repository.find(here.session, case_no, here.scope)
    if case is None:
        raise NotFound
    stored = clocks.stored(here.law, case, here.now)
    known = {told.rule for told in stored}
    live = [told for told in clocks.running(here.law, case, here.now) if told.rule not in known]
    free, held = offered(case, here.actor)
    names = await here.item_names([case])
    ours = serves(here.actor.office, here.actor.duties, case.office)
    steps = await items.steps_of(here.session, case.item_code, case.item_version)
    flow = flow_of(steps, case.history)
    return here.page(
        "case.html",
        case=case,
        item=names[case.case_no],
        office_name=await here.office_name(case.office),
        sentence=sentence(case, stored, live, here),
        dates=stored if case.state in _DATED else [],
        live=live,
        facts=facts_of(case),
        materials=await materials.shown(here, case),
        entries=list(entries(case, here.words)),
        acts={name: ACTS[name] for name in free if name not in FLOW},
        flow=flow,
        flow_listed=bool(steps),
        start_fields=ACTS["start-step"].fields,
        flow_next=next_steps(flow) if "start-step" in free else [],
        may_start="start-step" in free,
        may_end="end-step" in free,
        applicant=await applicants.of_case(here.session, case.case_no),
        query_code=query_code.shown(case.query_code) if ours else None,
        ours=ours,
        held=held,
        has_notice=ours and any(name in _NOTICED for name, _, _ in case.history),
    )


@router.post("/window/cases/{case_no}/{action}")
async def take(
    case_no: CaseNo, action: str, *, form: OwnForm, session: Session, actor: Acting, law: Law
) -> Response:
    """Take one step; then the case's page."""
    act = ACTS.get(action)
    if act is None:
        raise NotFound
    match = expected(form)
    body = filled(act.body, act.fields, form, law.zone)
    step = await begin(session, actor, case_no, match, action, law=law)
    await act.do(step, body)
    return RedirectResponse(addresses.case(case_no), status_code=303)


_NOTICED: Final = frozenset(
    f"cn.sunlight.approval.case.{name}.v1" for name in ("accepted", "refused")
)
_DATED: Final = frozenset({State.ACCEPTED, State.PAUSED})


def sentence(case: Case, stored: list[clocks.Told], live: list[clocks.Told], here: Site) -> str:
    """Where the case stands, in one sentence."""
    say = here.words
    first = next(iter(stored if case.state == State.ACCEPTED else live), None)
    at, told = came_there(case)
    values = {
        "at": say.moment(at),
        "ground": say.named("ground", told.get("ground")),
        "outcome": say.named("outcome", facts_of(case).get("outcome")),
    }
    if first is not None:
        due = say.moment(first.until) if first.day is None else say.day(first.day)
        left = say.text(first.left.key, count=first.left.count)
        key = f"sentence.{case.state}_due"
        if say.texts.has(key):
            return say.text(key, **values, due=due, left=left, title=say.say(first.title))
    return say.text(f"sentence.{case.state}", **values)


def came_there(case: Case) -> tuple[datetime, Mapping[str, Any]]:
    """When the case came to stand where it does, and what the event said."""
    kinds = {line.event.event_type for line in TRANSITIONS if line.to == case.state}
    found = [(at, told) for kind, at, told in case.history if kind in kinds]
    at, told = found[-1]
    return from_micros(at), told


def facts_of(case: Case) -> dict[str, Any]:
    """What the case's events said, the latest word on each."""
    return dict(case.standing().facts)


def entries(case: Case, say: Words) -> Iterator[dict[str, Any]]:
    """The case's history for a timeline, oldest first."""
    for place, (kind, at, told) in enumerate(case.history, start=1):
        text = " · ".join(_said(name, told, say) for name in SHOWN if told.get(name))
        yield {
            "at": from_micros(at),
            "title": say.named("event", kind.removeprefix("cn.sunlight.").rpartition(".v")[0]),
            "text": before_and_after(case.history, place, say) or text or None,
            "kind": "now" if place == len(case.history) else "done",
        }


def _said(name: str, told: Mapping[str, Any], say: Words) -> str:
    value = told[name]
    if isinstance(value, list):
        return say.text("receipt.listed").join(map(str, value))
    return say.named(CODED[name], value) if name in CODED else str(value)
