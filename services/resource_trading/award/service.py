"""The use cases of an award (中标), from the candidates to the refund of the bonds.

Each takes a step whose tender is locked: tender and award share one sequence of events. Must never
commit, and must never change an award but through `command.finish`.
"""

from libs.common.events.contracts import trading as events
from services.resource_trading.award import schemas
from services.resource_trading.tender.command import Step, finish
from services.resource_trading.tender.service import not_past


async def publicise_candidates(step: Step, body: schemas.PubliciseCandidates) -> Step:
    """公示中标候选人: at least three days (实施条例 54)."""
    not_past("/publicity_from", body.publicity_from, step.now, step.law)
    rows = [candidate.model_dump() for candidate in body.candidates]

    def change(step: Step) -> None:
        award = step.due_award()
        award.publicity_from, award.publicity_until = body.publicity_from, body.publicity_until
        award.candidates = rows

    payload = events.AwardCandidatesPublicised(
        lot=step.tender.lot,
        publicity_from=body.publicity_from,
        publicity_until=body.publicity_until,
        candidates=tuple(events.Candidate(**row) for row in rows),
    )
    return await finish(step, payload, change=change)


async def decide_winner(step: Step, body: schemas.Decide) -> Step:
    """确定中标人: one of the candidates, when their publicity is over."""

    def change(step: Step) -> None:
        award = step.due_award()
        award.winner, award.award_price = body.winner, body.award_price
        award.decided_at = step.now

    payload = events.AwardDecided(lot=step.tender.lot, **body.model_dump())
    return await finish(step, payload, change=change)


async def issue_notice(step: Step, _body: schemas.Nothing) -> Step:
    """发出中标通知书."""

    def change(step: Step) -> None:
        step.due_award().notice_at = step.now

    return await finish(step, events.AwardNoticeIssued(lot=step.tender.lot), change=change)


async def report_award(step: Step, _body: schemas.Nothing) -> Step:
    """提交书面报告 to the supervising department."""

    def change(step: Step) -> None:
        step.due_award().reported_at = step.now

    return await finish(step, events.AwardReported(), change=change)


async def sign_contract(step: Step, body: schemas.SignContract) -> Step:
    """签订合同."""

    def change(step: Step) -> None:
        award = step.due_award()
        award.signed_at = step.now
        award.contract_price, award.performance_bond = body.contract_price, body.performance_bond

    payload = events.AwardContractSigned(lot=step.tender.lot, **body.model_dump())
    return await finish(step, payload, change=change)


async def refund_bonds(step: Step, _body: schemas.Nothing) -> Step:
    """退还保证金及利息."""

    def change(step: Step) -> None:
        step.due_award().refunded_at = step.now

    return await finish(step, events.AwardBondsRefunded(), change=change)
