"""Events of public-resource trading (公共资源交易): the tender, its bids once opened, its award.

What identifies a file, a machine, a certificate or an account never travels: only a keyed hash of
it, which tells equal from different, and a masked form that people recognise.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.events.payload import Code, Codes, Instant, JsonArray, Money, Payload

TradeKind = Annotated[Code, Codes(("works", "goods", "services", "land", "minerals", "property"))]


class Mark(Payload):
    """What identifies a file, a machine, a certificate or an account, without saying what it is."""

    hash: Code = Field(description="<id of the key>:<keyed hash>; equal hashes are equal marks")
    shown: Code | None = Field(None, description="masked: its last characters")
    shared: bool = Field(
        False, description="known to serve many who have nothing to do with each other"
    )


Marks = Annotated[tuple[Mark, ...], JsonArray, Field(max_length=50)] | None
"""None: not known, which is not the same as having none."""
BondForm = Annotated[
    Code, Codes(("transfer", "cheque", "cash", "guarantee", "insurance", "exempt"))
]


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


class TenderDocumentsMarked(Payload, type="cn.sunlight.trading.tender.documents-marked.v1"):
    """Which file creation ids (文件创建标识码) the tenderer's own documents and forms carry."""

    lot: Code | None = None
    creation_ids: Marks = None


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


class OpenedBid(Payload):
    """A bid as it was opened, with what the trading platform's log says of its making."""

    bid_no: Code
    lot: Code | None = None
    bidder: Code = Field(description="统一社会信用代码; of a consortium, its lead member")
    members: Annotated[tuple[Code, ...], JsonArray] | None = Field(
        None, max_length=20, description="all members of a consortium (联合体); None: not known"
    )
    amount: Money | None = Field(None, description="as read out; none where the price is a rate")
    creation_ids: Marks = Field(None, description="文件创建标识码")
    mac_addresses: Marks = Field(None, description="网卡地址")
    disk_serials: Marks = Field(None, description="硬盘序列号")
    cpu_serials: Marks = Field(None, description="处理器序列号")
    certificates: Marks = Field(None, description="CA 数字证书")
    accounts: Marks = Field(None, description="交易平台账号")
    bond_form: BondForm | None = None
    bond_accounts: Marks = Field(None, description="the account that the bond was paid from")
    bond_applicant_accounts: Marks = Field(
        None, description="of a guarantee: the applicant's account that paid for it"
    )


class BidRecorded(OpenedBid, type="cn.sunlight.trading.bid.recorded.v1"):
    """An opened bid was put on record (开标记录)."""


class BidCorrected(OpenedBid, type="cn.sunlight.trading.bid.corrected.v1"):
    """The record of a bid was wrong or not whole; this replaces all of it (更正)."""


class BidWithdrawn(Payload, type="cn.sunlight.trading.bid.withdrawn.v1"):
    """A bid on record was none: withdrawn before the deadline (撤回), or recorded in error.

    Revoking a bid after the deadline (撤销) is no withdrawal: the bid was made.
    """

    bid_no: Code
    lot: Code | None = None
    ground: Annotated[Code, Codes(("before_deadline", "recorded_in_error"))]


class BidEvaluated(Payload, type="cn.sunlight.trading.bid.evaluated.v1"):
    """What the evaluation committee made of a bid (评标结果)."""

    bid_no: Code
    lot: Code | None = None
    result: Annotated[Code, Codes(("valid", "rejected"))]
    ground: Code | None = Field(None, description="why it was rejected (否决投标), as a code")
    rank_no: Annotated[int, Field(ge=1, le=10_000)] | None = None
    score: Annotated[int, Field(ge=0, le=100_000)] | None = Field(
        None, description="hundredths of a point"
    )


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
    award_no: Code | None = Field(
        None, description="as the system that keeps it numbers it, where a tender has several"
    )
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
    contract_no: Code | None = Field(None, description="as the system that keeps it numbers it")
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
