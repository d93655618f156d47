"""`/monitor/work`, and the steps of handling as forms: what waits for a post, and doing it.

Every form goes through the same use cases as the API and answers with the finding's page.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from libs.common.identity.actor import Acting, Actor
from libs.common.identity.forms import OwnForm, expected
from libs.common.identity.permissions import scope_of
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.session import Session
from libs.common.web.validation import refused
from services.e_monitor import addresses
from services.e_monitor.context import CLOCKS, ClockScope, FindingScope, Law
from services.e_monitor.finding.sight import Sight
from services.e_monitor.follow_up import policy
from services.e_monitor.follow_up.acts import BY_NAME, Act
from services.e_monitor.follow_up.endpoints import LISTS, waiting_for
from services.e_monitor.follow_up.service import begin
from services.e_monitor.notice import reminders
from services.e_monitor.notice import repository as notices
from services.e_monitor.notice.endpoints import recipient_of
from services.e_monitor.pages.site import Here

MOST: Final = 50
router = APIRouter()


@router.get("/monitor/work")
async def work(here: Here, session: Session, actor: Acting, within: FindingScope) -> Response:
    """The work lists and the inbox of the caller's post."""
    lists = [
        (name, await waiting_for(session, actor, name, after=None, limit=MOST))
        for name, (who, _) in LISTS.items()
        if who in actor.duties
    ]
    inbox: list[notices.Notice] | None = None
    if actor.duties & {policy.HEAD, policy.SUPERVISOR}:
        inbox = await notices.inbox(session, recipient_of(actor), within, new=True, limit=MOST)
    told: list[reminders.Told] | None = None
    if policy.HEAD in actor.duties:
        clocks = scope_of(actor, CLOCKS)
        # What has ended meanwhile is a card by now, and stands in the other inbox.
        told = await reminders.inbox(
            session, actor.office, clocks, new=True, running_at=here.now, limit=MOST
        )
    return here.page("work.html", lists=lists, inbox=inbox, reminders=told)


@router.post("/monitor/findings/{finding_id}/receipt")
async def receipt(
    finding_id: UUID, *, form: OwnForm, session: Session, actor: Acting, within: FindingScope
) -> Response:
    """Receipt a notice; then the work lists."""
    await _receipt(session, actor, within, finding_id, form.get("stage", ""))
    return RedirectResponse("/monitor/work", status_code=303)


@router.post("/monitor/reminders/{clock}/receipt")
async def reminder(
    clock: UUID, *, form: OwnForm, session: Session, actor: Acting, within: ClockScope
) -> Response:
    """Receipt a reminder; then the work lists."""
    told = await reminders.find(session, actor.office, within, clock)
    if told is None:
        raise NotFound
    await reminders.receive(session, told, post=actor.post, office=actor.office)
    return RedirectResponse("/monitor/work", status_code=303)


@router.post("/monitor/findings/{finding_id}/{name}")
async def take(
    finding_id: UUID, name: str, *, form: OwnForm, session: Session, actor: Acting, law: Law
) -> Response:
    """Take one step of the handling; then the finding's page."""
    act = BY_NAME.get(name)
    if act is None:
        raise NotFound
    match = expected(form)
    body = _body(act, form)
    step = await begin(session, actor, finding_id, match, act.name)
    await act.do(step, body, law.zone)
    return RedirectResponse(addresses.finding(finding_id), status_code=303)


async def _receipt(
    session: Session, actor: Actor, within: Sight, finding: UUID, stage: str
) -> None:
    if not actor.duties & {policy.HEAD, policy.SUPERVISOR}:
        raise Forbidden
    recipient = recipient_of(actor)
    notice = await notices.find(session, recipient, within, finding, stage)
    if notice is None:
        raise NotFound
    await notices.receive(session, recipient, notice, post=actor.post, office=actor.office)


def _body(act: Act, form: dict[str, str]) -> Any:
    try:
        return act.body.model_validate(form)
    except ValidationError as error:
        raise refused(error) from error
