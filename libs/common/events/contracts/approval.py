"""Events of administrative approval (行政审批): the case (办件) from receipt to delivery."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.events.payload import Code, Codes, Days, Instant, JsonArray, Payload, TimeUnit

ItemType = Annotated[
    Code,
    Codes(
        (
            "行政许可",
            "行政确认",
            "行政给付",
            "行政奖励",
            "行政裁决",
            "行政征收",
            "行政检查",
            "公共服务",
            "其他行政权力",
        )
    ),
]
Channel = Annotated[Code, Codes(("window", "online", "terminal", "post"))]
PauseGround = Annotated[
    Code,
    Codes(
        (
            "hearing",
            "tender",
            "auction",
            "inspection",
            "testing",
            "quarantine",
            "appraisal",
            "expert_review",
        )
    ),
]
"""The eight grounds of 行政许可法 art. 45: 听证, 招标, 拍卖, 检验, 检测, 检疫, 鉴定, 专家评审."""
Outcome = Annotated[Code, Codes(("granted", "refused", "partly"))]


class CaseReceived(Payload, type="cn.sunlight.approval.case.received.v1"):
    """An application arrived (收件)."""

    case_no: Code
    item_code: Code | None = None
    item_version: int | None = Field(
        None, ge=1, description="the version of the item that held on the day of receipt"
    )
    item_type: ItemType | None = None
    channel: Channel | None = None
    window: Code | None = None
    immediate: bool | None = Field(None, description="即办件: can be decided on the spot")
    joint: bool | None = Field(None, description="并联审批: several bodies or sections, one lead")
    lead_office: Code | None = None
    delivers_document: bool | None = None
    limit_set_by_law: bool | None = Field(
        None, description="another law sets this item's limit in place of the general 20 days"
    )
    statutory_limit: Days | None = None
    statutory_unit: TimeUnit | None = None
    promised_limit: Days | None = None
    promised_unit: TimeUnit | None = None


class CasePreChecked(Payload, type="cn.sunlight.approval.case.pre-checked.v1"):
    """The applicant was told what a look at materials sent online has shown (网上申请预审)."""

    precheck_passed: bool = Field(description="complete and in form, as far as can be seen online")
    notice_no: Code | None = Field(None, description="of the electronic voucher")


class CaseSupplementRequested(Payload, type="cn.sunlight.approval.case.supplement-requested.v1"):
    """The office asked for missing or wrong materials (补正告知)."""

    notice_no: Code
    materials: Annotated[tuple[Code, ...], JsonArray] = Field(default=(), max_length=200)
    supplement_defective: bool | None = Field(
        None, description="the earlier supplement itself was defective"
    )


class CaseSupplementReceived(Payload, type="cn.sunlight.approval.case.supplement-received.v1"):
    """The applicant handed in what was asked for (补正收件)."""

    notice_no: Code


class CaseAccepted(Payload, type="cn.sunlight.approval.case.accepted.v1"):
    """The application was accepted (受理), by the office or by law (视为受理)."""

    deemed: bool = False
    tolerant: bool | None = Field(None, description="容缺受理: some materials may follow")
    tolerance_limit: Days | None = None
    on_commitment: bool | None = Field(None, description="告知承诺")
    item_type: ItemType | None = None
    immediate: bool | None = None
    joint: bool | None = None


class CaseRefused(Payload, type="cn.sunlight.approval.case.refused.v1"):
    """The application was not accepted (不予受理), with ground and remedy."""

    ground: Code
    remedy: Code | None = None


class CaseReceiptIssued(Payload, type="cn.sunlight.approval.case.receipt-issued.v1"):
    """The written receipt of acceptance or refusal was issued (受理/不予受理通知书)."""

    document_no: Code | None = None
    sealed: bool | None = None
    dated: bool | None = None


class CaseMaterialsCompleted(Payload, type="cn.sunlight.approval.case.materials-completed.v1"):
    """The materials tolerated as missing at acceptance arrived (容缺补齐)."""


class CaseCommitmentSigned(Payload, type="cn.sunlight.approval.case.commitment-signed.v1"):
    """The applicant signed the commitment that stands for materials (告知承诺书)."""


class CaseStepStarted(Payload, type="cn.sunlight.approval.case.step-started.v1"):
    """A step of the flow began (环节开始)."""

    step: Code
    step_limit: Days | None = None
    step_unit: TimeUnit | None = None


class CasePreliminaryAccepted(Payload, type="cn.sunlight.approval.case.preliminary-accepted.v1"):
    """A lower body accepted a matter it examines first (下级机关受理初审)."""


class CasePreliminarySent(Payload, type="cn.sunlight.approval.case.preliminary-sent.v1"):
    """The lower body sent its opinion and the materials up (初审意见报送)."""


class CasePaused(Payload, type="cn.sunlight.approval.case.paused.v1"):
    """The clock was stopped on a ground (中止计时)."""

    ground: PauseGround
    notice_no: Code | None = Field(None, description="the written notice to the applicant")
    noticed_length: Days | None = None
    noticed_unit: TimeUnit | None = None


class CaseResumed(Payload, type="cn.sunlight.approval.case.resumed.v1"):
    """The clock goes on (恢复计时)."""


class CaseExtended(Payload, type="cn.sunlight.approval.case.extended.v1"):
    """The limit was extended, by whom and told when (延期)."""

    extension_length: Days
    extension_unit: TimeUnit = "working_day"
    approver_level: Annotated[Code, Codes(("office_head", "government_head", "other"))]
    told_at: Instant | None = Field(None, description="when the applicant was told the reason")


class CaseStepRecorded(Payload, type="cn.sunlight.approval.case.step-recorded.v1"):
    """Something else was done on the case; no rule of ours starts or stops on it."""

    step: Code | None = None


class CaseStepEnded(Payload, type="cn.sunlight.approval.case.step-ended.v1"):
    """A step of the flow ended (环节结束)."""

    step: Code


class CaseDecided(Payload, type="cn.sunlight.approval.case.decided.v1"):
    """The decision was made (办结: 准予/不予/部分准予)."""

    outcome: Outcome | None = None
    licence_no: Code | None = None
    delivers_document: bool | None = None


class CaseDelivered(Payload, type="cn.sunlight.approval.case.delivered.v1"):
    """The licence or document reached the applicant (颁发、送达)."""


class CaseClosed(Payload, type="cn.sunlight.approval.case.closed.v1"):
    """Nothing remains to be done on the case (归档)."""


class CaseWithdrawn(Payload, type="cn.sunlight.approval.case.withdrawn.v1"):
    """The applicant withdrew the application (撤回申请)."""


class CaseCorrected(Payload, type="cn.sunlight.approval.case.corrected.v1"):
    """An entry of the receipt was wrong (更正); here are the right values.

    The law judges the case as if they had been said at the event that is corrected. When
    something happened is never corrected.
    """

    corrects: int = Field(ge=1, le=10**18, description="sequence of the event that was wrong")
    reason_code: Annotated[Code, Codes(("typing_error", "wrong_item", "misread_document"))]
    removed: Annotated[tuple[Code, ...], JsonArray] = Field(
        default=(), max_length=20, description="fields that should not have been filled in"
    )
    item_code: Code | None = None
    item_version: int | None = Field(None, ge=1)
    item_type: ItemType | None = None
    channel: Channel | None = None
    immediate: bool | None = None
    delivers_document: bool | None = None
    limit_set_by_law: bool | None = None
    statutory_limit: Days | None = None
    statutory_unit: TimeUnit | None = None
    promised_limit: Days | None = None
    promised_unit: TimeUnit | None = None
