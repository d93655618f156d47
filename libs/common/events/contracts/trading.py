"""Events of public-resource trading (公共资源交易): the tender and its award."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.events.payload import Code, Codes, Instant, JsonArray, Money, Payload

TradeKind = Annotated[Code, Codes(("works", "goods", "services", "land", "minerals", "property"))]


class TenderPrequalificationPublished(
    Payload, type="cn.sunlight.trading.tender.prequalification-published.v1"
):
    """Prequalification documents were put on sale (资格预审文件发售)."""

    tender_no: Code
    mandatory: bool | None = Field(None, description="依法必须进行招标的项目")
    prequalification_sale_from: Instant
    prequalification_sale_until: Instant
    prequalification_deadline: Instant


class TenderPrequalificationClarified(
    Payload, type="cn.sunlight.trading.tender.prequalification-clarified.v1"
):
    """Prequalification documents were clarified or changed (资格预审文件澄清或修改)."""

    affects_preparation: bool | None = None
    prequalification_deadline: Instant | None = None


class TenderPublished(Payload, type="cn.sunlight.trading.tender.published.v1"):
    """The tender documents were first issued (招标文件开始发出)."""

    tender_no: Code
    lot: Code | None = None
    kind: TradeKind | None = None
    mandatory: bool | None = None
    documents_from: Instant
    documents_until: Instant | None = None
    bid_deadline: Instant
    estimated_price: Money | None = None
    bid_bond: Money | None = None


class TenderClarified(Payload, type="cn.sunlight.trading.tender.clarified.v1"):
    """Tender documents were clarified or changed (招标文件澄清或修改)."""

    affects_preparation: bool | None = Field(
        None, description="the change may affect the preparation of bids"
    )
    bid_deadline: Instant | None = Field(None, description="the deadline after the change")


class TenderObjectionFiled(Payload, type="cn.sunlight.trading.tender.objection-filed.v1"):
    """An objection was received (异议)."""

    objection_no: Code
    against: Annotated[Code, Codes(("prequalification", "documents", "opening", "candidates"))]


class TenderObjectionAnswered(Payload, type="cn.sunlight.trading.tender.objection-answered.v1"):
    """An objection was answered (异议答复)."""

    objection_no: Code


class TenderBidWithdrawn(Payload, type="cn.sunlight.trading.tender.bid-withdrawn.v1"):
    """A bidder withdrew before the deadline; published after opening (撤回投标文件)."""

    bid_no: Code


class TenderBidBondRefunded(Payload, type="cn.sunlight.trading.tender.bid-bond-refunded.v1"):
    """The bond of a withdrawn bid was paid back (退还投标保证金)."""

    bid_no: Code


class TenderOpened(Payload, type="cn.sunlight.trading.tender.opened.v1"):
    """The bids were opened (开标)."""

    bids: Annotated[int, Field(ge=0, le=100_000)] | None = None


class TenderEvaluated(Payload, type="cn.sunlight.trading.tender.evaluated.v1"):
    """The tenderer received the evaluation report (收到评标报告)."""

    lot: Code | None = None


class Candidate(Payload):
    """A candidate as publicised."""

    rank_no: Annotated[int, Field(ge=1, le=1000)]
    party: Code | None = Field(None, description="统一社会信用代码 where known")
    price: Money | None = None


class AwardCandidatesPublicised(Payload, type="cn.sunlight.trading.award.candidates-publicised.v1"):
    """The candidates are publicised for a period (中标候选人公示)."""

    lot: Code | None = None
    publicity_from: Instant
    publicity_until: Instant
    candidates: Annotated[tuple[Candidate, ...], JsonArray] = Field(default=(), max_length=100)


class AwardDecided(Payload, type="cn.sunlight.trading.award.decided.v1"):
    """The winner was determined (确定中标人)."""

    lot: Code | None = None
    winner: Code | None = None
    award_price: Money | None = None


class AwardNoticeIssued(Payload, type="cn.sunlight.trading.award.notice-issued.v1"):
    """The award notice went to the winner (中标通知书)."""

    lot: Code | None = None


class AwardReported(Payload, type="cn.sunlight.trading.award.reported.v1"):
    """The written report went to the supervising department (书面报告)."""


class AwardContractSigned(Payload, type="cn.sunlight.trading.award.contract-signed.v1"):
    """The contract was signed (签订合同)."""

    lot: Code | None = None
    contract_price: Money | None = None
    performance_bond: Money | None = None


class AwardBondsRefunded(Payload, type="cn.sunlight.trading.award.bonds-refunded.v1"):
    """Bid bonds and interest went back to winner and other bidders (退还保证金及利息)."""


class TenderRecorded(Payload, type="cn.sunlight.trading.tender.recorded.v1"):
    """Something else about a tender was recorded; no rule of ours starts or stops on it."""

    stage: Code | None = None


class TenderTerminated(Payload, type="cn.sunlight.trading.tender.terminated.v1"):
    """The tender was ended without an award (终止招标)."""

    ground: Code | None = None
