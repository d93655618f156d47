"""The HTTP face of awards: commands on the tender's address. Must never decide anything."""

from fastapi import APIRouter

from libs.common.web.idempotency import CommandRoute
from services.resource_trading.award import schemas, service
from services.resource_trading.award.schemas import TenderShown
from services.resource_trading.tender.endpoints import Commanded

router = APIRouter(prefix="/tenders", route_class=CommandRoute, tags=["awards 中标"])


@router.post("/{ref}/publicise-candidates")
async def publicise_candidates(
    command: Commanded, body: schemas.PubliciseCandidates
) -> TenderShown:
    """公示中标候选人."""
    return command.shown(await service.publicise_candidates(await command.begin(), body))


@router.post("/{ref}/decide")
async def decide(command: Commanded, body: schemas.Decide) -> TenderShown:
    """确定中标人."""
    return command.shown(await service.decide_winner(await command.begin(), body))


@router.post("/{ref}/issue-notice")
async def issue_notice(command: Commanded, body: schemas.Nothing) -> TenderShown:
    """发出中标通知书."""
    return command.shown(await service.issue_notice(await command.begin(), body))


@router.post("/{ref}/report")
async def report(command: Commanded, body: schemas.Nothing) -> TenderShown:
    """提交书面报告."""
    return command.shown(await service.report_award(await command.begin(), body))


@router.post("/{ref}/sign-contract")
async def sign_contract(command: Commanded, body: schemas.SignContract) -> TenderShown:
    """签订合同."""
    return command.shown(await service.sign_contract(await command.begin(), body))


@router.post("/{ref}/refund-bonds")
async def refund_bonds(command: Commanded, body: schemas.Nothing) -> TenderShown:
    """退还保证金及利息."""
    return command.shown(await service.refund_bonds(await command.begin(), body))
