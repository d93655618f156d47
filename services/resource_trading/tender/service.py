"""The use cases of a tender (招标), from publication to evaluation or its end.

Each takes a step that `command.begin` has locked. Must never commit, and must never change a
tender but through `command.finish`.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.contracts import trading as events
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from libs.common.web.errors import Invalid
from libs.common.worktime import civil_day
from services.resource_trading.tender import repository, schemas
from services.resource_trading.tender.command import Step, finish
from services.resource_trading.tender.errors import ObjectionUnknown
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State


async def publish_tender(
    session: AsyncSession, actor: Actor, body: schemas.Publish, *, law: Fold
) -> Step:
    """发出招标文件: the plan is held against the minimum periods before anyone reads it."""
    now = await repository.city_now(session)
    not_past("/documents_from", body.documents_from, now, law)
    tender = Tender(
        ref=body.tender_no if body.lot is None else f"{body.tender_no}~{body.lot}",
        region=actor.region,
        office=actor.office,
        state=State.PUBLISHED,
        version=0,
        **body.model_dump(),
    )
    step = Step(session, actor, tender, None, now, law)
    return await finish(step, events.TenderPublished(**body.model_dump()))


async def clarify_tender(step: Step, body: schemas.Clarify) -> Step:
    """澄清、修改: too late for the deadline there is, it wants a later one."""
    if body.bid_deadline is not None:
        not_past("/bid_deadline", body.bid_deadline, step.now, step.law)

    def change(step: Step) -> None:
        step.tender.bid_deadline = body.bid_deadline or step.tender.bid_deadline

    return await finish(step, events.TenderClarified(**body.model_dump()), change=change)


async def file_objection(step: Step, body: schemas.FileObjection) -> Step:
    """提出异议: from here on the tender stands still."""
    if body.objection_no in step.tender.objections:
        raise ObjectionUnknown(objection_no=body.objection_no)

    def change(step: Step) -> None:
        step.tender.objections = {**step.tender.objections, body.objection_no: body.against}

    return await finish(step, events.TenderObjectionFiled(**body.model_dump()), change=change)


async def answer_objection(step: Step, body: schemas.AnswerObjection) -> Step:
    """答复异议: the tender goes on once every objection is answered."""
    if body.objection_no not in step.tender.objections:
        raise ObjectionUnknown(objection_no=body.objection_no)

    def change(step: Step) -> None:
        open_ones = step.tender.objections.items()
        step.tender.objections = {no: what for no, what in open_ones if no != body.objection_no}

    return await finish(step, events.TenderObjectionAnswered(**body.model_dump()), change=change)


async def open_tender(step: Step, body: schemas.Open) -> Step:
    """开标."""
    return await finish(step, events.TenderOpened(bids=body.bids))


async def evaluate_tender(step: Step, _body: schemas.Evaluate) -> Step:
    """收到评标报告."""
    return await finish(step, events.TenderEvaluated(lot=step.tender.lot))


async def terminate_tender(step: Step, body: schemas.Terminate) -> Step:
    """终止招标."""
    return await finish(step, events.TenderTerminated(ground=body.ground))


def not_past(pointer: str, planned: datetime, now: datetime, law: Fold) -> None:
    """Raise Invalid for a plan that begins before today: nothing is announced for the past."""
    if civil_day(planned, law.zone) < civil_day(now, law.zone):
        raise Invalid(errors=[(pointer, {"zh": "不能早于今天", "en": "must not be before today"})])
