"""What may be done to the award of a tender. Must never decide whether an act is possible."""

from typing import Final

from services.resource_trading.award import schemas, service
from services.resource_trading.tender.acts import Act

ACTS: Final = (
    Act(
        "publicise-candidates",
        "公示中标候选人.",
        schemas.PubliciseCandidates,
        service.publicise_candidates,
    ),
    Act("decide", "确定中标人.", schemas.Decide, service.decide_winner),
    Act("issue-notice", "发出中标通知书.", schemas.Nothing, service.issue_notice),
    Act("report", "提交书面报告.", schemas.Nothing, service.report_award),
    Act("sign-contract", "签订合同.", schemas.SignContract, service.sign_contract),
    Act("refund-bonds", "退还保证金及利息.", schemas.Nothing, service.refund_bonds),
)
