"""The use cases of a case (办件), from receipt to archive.

Each takes a step that `command.begin` has locked and allowed. Must never commit, and must never
change a case but through `command.finish`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.contracts import approval as events
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from libs.common.web.errors import Forbidden, Invalid
from libs.common.worktime import civil_day, end_of_day
from services.approval.applicant import repository as applicants
from services.approval.applicant.mark import Marker
from services.approval.case import repository, schemas
from services.approval.case.command import Step, finish, line_of
from services.approval.case.errors import StepNotUnderWay, StepUnderWay
from services.approval.case.flow import FlowStep, flow_of, running
from services.approval.case.item_terms import terms_of
from services.approval.case.model import Case
from services.approval.case.policy import State
from services.approval.case.query_code import new_code
from services.approval.item import repository as items

LATE_ENTRY: Final = timedelta(days=30)
"""How long ago something may have arrived that is entered today."""


async def receive_case(
    session: AsyncSession,
    actor: Actor,
    body: schemas.Receive,
    *,
    law: Fold,
    marker: Marker | None = None,
    code: Callable[[], str] = new_code,
) -> Case:
    """收件: give the application its number, `<region>-<day>-<running number>`, and its code.

    `marker` makes the mark of the applicant's number; without one no number is taken in.

    Raises:
        Forbidden, Invalid, ApplicantKeyMissing: as they say.
    """
    line = line_of(None, "receive")
    if not actor.duties & line.who:
        raise Forbidden
    number, now = await repository.next_number(session)
    at = _arrival(body, now, law, not_before=None)
    item = await items.listed_on(session, body.item_code, civil_day(at, law.zone))
    terms = terms_of(body, item)
    case = Case(
        case_no=f"{actor.region}-{civil_day(now, law.zone):%Y%m%d}-{number:08d}",
        region=actor.region,
        office=actor.office,
        item_code=body.item_code,
        item_type=terms["item_type"],
        state=State.RECEIVED,
        version=0,
        received_at=at,
        accepted_at=None,
        decided_at=None,
        last_event_at=at,
        receipt_no=None,
        due_at=None,
        deadlines=[],
        history=[],
        item_version=terms["item_version"],
        licence_no=None,
        query_code=code(),
    )
    told = body.model_dump(exclude={"received_on", "received_on_reason", "applicant"})
    payload = events.CaseReceived(case_no=case.case_no, **{**told, **terms})
    step = Step(session, actor, case, line, now, law)
    who = body.applicant
    beside = [applicants.added(case.case_no, who, marker)] if who else []
    return await finish(step, payload, at=at, detail=_late(body), beside=beside)


async def pre_check(step: Step, body: schemas.PreCheck) -> Case:
    """网上申请预审: the result is told within a working day; it decides nothing."""
    return await finish(step, events.CasePreChecked(**body.model_dump()))


async def request_supplement(step: Step, body: schemas.RequestSupplement) -> Case:
    """补正告知: once, and everything (行政许可法 32)."""
    told = body.model_dump(exclude={"materials"})
    materials = tuple(body.materials)
    return await finish(step, events.CaseSupplementRequested(materials=materials, **told))


async def receive_supplement(step: Step, body: schemas.ReceiveSupplement) -> Case:
    """补正收件."""
    at = _arrival(body, step.now, step.law, not_before=step.case.last_event_at)
    payload = events.CaseSupplementReceived(notice_no=body.notice_no)
    return await finish(step, payload, at=at, detail=_late(body))


async def accept_case(step: Step, body: schemas.Accept) -> Case:
    """受理: the clock to the decision starts, and the case says when it ends."""
    payload = events.CaseAccepted(**body.model_dump())
    return await finish(step, payload, changes={"accepted_at": step.now})


async def refuse_case(step: Step, body: schemas.Refuse) -> Case:
    """不予受理."""
    return await finish(step, events.CaseRefused(**body.model_dump()))


async def issue_receipt(step: Step, body: schemas.IssueReceipt) -> Case:
    """出具凭证: sealed and dated (行政许可法 32)."""
    payload = events.CaseReceiptIssued(**body.model_dump())
    return await finish(step, payload, changes={"receipt_no": body.document_no})


async def pause_case(step: Step, body: schemas.Pause) -> Case:
    """中止计时 on a ground of 行政许可法 45."""
    return await finish(step, events.CasePaused(**body.model_dump()))


async def resume_case(step: Step, _body: schemas.Nothing) -> Case:
    """恢复计时."""
    return await finish(step, events.CaseResumed())


async def extend_case(step: Step, body: schemas.Extend) -> Case:
    """延期: once, by the right head, told before the limit ends (行政许可法 42)."""
    if body.told_at > step.now:
        raise Invalid(
            errors=[("/told_at", {"zh": "不能晚于现在", "en": "must not be in the future"})]
        )
    return await finish(step, events.CaseExtended(**body.model_dump()))


async def start_step(step: Step, body: schemas.StartStep) -> Case:
    """环节开始: with the limit that the item's version gives the step."""
    case = step.case
    steps = await items.steps_of(step.session, case.item_code, case.item_version)
    flow = {one.name: one for one in flow_of(steps, case.history)}
    if steps and body.step not in {one["name"] for one in steps}:
        names = "、".join(one["name"] for one in steps)
        said = {"zh": f"该事项的环节为:{names}", "en": f"the steps of this item are: {names}"}
        raise Invalid(errors=[("/step", said)])
    known = flow.get(body.step, FlowStep(body.step))
    if known.runs:
        raise StepUnderWay(step=body.step)
    payload = events.CaseStepStarted(step=body.step, step_limit=known.limit, step_unit=known.unit)
    return await finish(step, payload)


async def end_step(step: Step, body: schemas.EndStep) -> Case:
    """环节结束."""
    under_way = {one.name for one in running(flow_of([], step.case.history))}
    if body.step not in under_way:
        raise StepNotUnderWay(step=body.step)
    return await finish(step, events.CaseStepEnded(step=body.step))


async def decide_case(step: Step, body: schemas.Decide) -> Case:
    """办结: grant, refuse or grant in part."""
    payload = events.CaseDecided(**body.model_dump())
    changes = {"decided_at": step.now, "licence_no": body.licence_no}
    return await finish(step, payload, changes=changes)


async def deliver_case(step: Step, _body: schemas.Nothing) -> Case:
    """送达."""
    return await finish(step, events.CaseDelivered())


async def close_case(step: Step, _body: schemas.Nothing) -> Case:
    """归档."""
    return await finish(step, events.CaseClosed())


async def withdraw_case(step: Step, _body: schemas.Nothing) -> Case:
    """撤回申请."""
    return await finish(step, events.CaseWithdrawn())


def _arrival(
    body: schemas.Arrival, now: datetime, law: Fold, *, not_before: datetime | None
) -> datetime:
    """When something arrived: now, or the end of the day that was entered later (补录)."""
    if body.received_on is None:
        return now
    today = civil_day(now, law.zone)
    earliest = today - LATE_ENTRY if not_before is None else civil_day(not_before, law.zone)
    if not earliest <= body.received_on <= today:
        message = {
            "zh": f"应在 {earliest} 至 {today} 之间",
            "en": f"should be a day from {earliest} to {today}",
        }
        raise Invalid(errors=[("/received_on", message)])
    if body.received_on == today:
        return now
    return _last_instant(body.received_on, law)


def _last_instant(day: date, law: Fold) -> datetime:
    return end_of_day(day, law.zone) - timedelta(microseconds=1)


def _late(body: schemas.Arrival) -> dict[str, Any]:
    """The reason of a late entry, for the audit row: free text stays off the bus."""
    if body.received_on is None:
        return {}
    return {"received_on": body.received_on.isoformat(), "reason": body.received_on_reason}
