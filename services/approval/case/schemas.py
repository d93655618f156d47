"""What requests about cases may say, and what answers show.

Every value has a type and a limit; an unknown field is refused. Must never take a time of an event
from a clerk, except the day something arrived, with a reason.
"""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

from libs.common.web.inputs import Body, Code, Day, Instant
from services.approval.applicant.schemas import Applicant

ItemType = Literal[
    "行政许可",
    "行政确认",
    "行政给付",
    "行政奖励",
    "行政裁决",
    "行政征收",
    "行政检查",
    "公共服务",
    "其他行政权力",
]
Channel = Literal["window", "online", "terminal", "post"]
Unit = Literal["working_day", "calendar_day", "hour", "month", "year"]
Ground = Literal[
    "hearing",
    "tender",
    "auction",
    "inspection",
    "testing",
    "quarantine",
    "appraisal",
    "expert_review",
]
Outcome = Literal["granted", "refused", "partly"]
CorrectionReason = Literal["typing_error", "wrong_item", "misread_document"]
ApproverLevel = Literal["office_head", "government_head", "other"]

Reason = Annotated[
    str, Field(min_length=2, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]+$")
]
Days = Annotated[int, Field(ge=1, le=3660)]


class Arrival(Body):
    """Something that may have arrived before it was entered (补录): the day, and why so late."""

    received_on: Day | None = None
    received_on_reason: Reason | None = None

    @model_validator(mode="after")
    def _explained(self) -> Self:
        if (self.received_on is None) != (self.received_on_reason is None):
            raise ValueError("补录须同时写明日期和原因 / received_on and its reason go together")
        return self


class Receive(Arrival):
    """收件: an application for one item, and who makes it.

    Type, limits, `immediate` and `delivers_document` are those of the item's version that holds on
    the day of receipt: what is sent and contradicts it is refused. Where no list of items was
    imported at all, they are what is sent, and `item_type` is required.
    """

    item_code: Code
    item_type: ItemType | None = None
    channel: Channel = "window"
    window: Code | None = None
    immediate: bool = False
    joint: bool = False
    lead_office: Code | None = None
    delivers_document: bool | None = None
    limit_set_by_law: bool = False
    statutory_limit: Days | None = None
    statutory_unit: Unit | None = None
    promised_limit: Days | None = None
    promised_unit: Unit | None = None
    applicant: Applicant | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.joint and self.lead_office is None:
            raise ValueError("并联审批须有牵头部门 / a joint case needs lead_office")
        if (self.statutory_limit is None) != (self.statutory_unit is None):
            raise ValueError("法定时限须有单位 / statutory_limit and its unit go together")
        if (self.promised_limit is None) != (self.promised_unit is None):
            raise ValueError("承诺时限须有单位 / promised_limit and its unit go together")
        if self.limit_set_by_law and self.statutory_limit is None:
            raise ValueError("另有法定时限的须写明 / limit_set_by_law wants statutory_limit")
        return self


class RequestSupplement(Body):
    """补正告知: what is missing, all of it at once."""

    notice_no: Code
    materials: Annotated[list[Code], Field(min_length=1, max_length=200)]
    supplement_defective: bool = False


class ReceiveSupplement(Arrival):
    """补正收件."""

    notice_no: Code


class PreCheck(Body):
    """网上申请预审: what a look at the materials has shown, and the number of the voucher."""

    precheck_passed: bool
    notice_no: Code | None = None


class Accept(Body):
    """受理. `tolerance_limit`: working days for materials that are tolerated as missing."""

    tolerant: bool = False
    tolerance_limit: Days | None = None
    on_commitment: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.tolerance_limit is not None and not self.tolerant:
            raise ValueError("容缺补齐期限只用于容缺受理 / tolerance_limit wants tolerant")
        return self


class Refuse(Body):
    """不予受理: the ground, and where the applicant may turn."""

    ground: Code
    remedy: Code


class IssueReceipt(Body):
    """受理/不予受理通知书."""

    document_no: Code
    sealed: bool
    dated: bool


class Pause(Body):
    """中止计时: the ground of art. 45 and the written notice to the applicant."""

    ground: Ground
    notice_no: Code
    noticed_length: Days | None = None
    noticed_unit: Unit | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.noticed_length is None) != (self.noticed_unit is None):
            raise ValueError("告知的时间须有单位 / noticed_length and its unit go together")
        return self


class Extend(Body):
    """延期: by how much, who approved, when the applicant was told."""

    extension_length: Annotated[int, Field(ge=1, le=365)]
    approver_level: ApproverLevel
    told_at: Instant


class Decide(Body):
    """办结."""

    outcome: Outcome
    delivers_document: bool
    licence_no: Code | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.outcome == "refused" and self.licence_no is not None:
            raise ValueError("不予决定没有证件编号 / a refusal has no licence_no")
        return self


class StartStep(Body):
    """环节开始: one of the item's steps, where its version lists them; then its limit holds."""

    step: Code


class EndStep(Body):
    """环节结束: a step that has begun."""

    step: Code


class Correct(Body):
    """更正登记: the right values of what was entered wrong at the receipt, and why.

    What is left out stays. `without_promise` and `without_statutory_limit` take back a limit that
    should not have been entered. When something arrived is never corrected.
    """

    reason_code: CorrectionReason
    reason: Reason
    item_code: Code | None = None
    item_type: ItemType | None = None
    channel: Channel | None = None
    immediate: bool | None = None
    delivers_document: bool | None = None
    limit_set_by_law: bool | None = None
    statutory_limit: Days | None = None
    statutory_unit: Unit | None = None
    without_statutory_limit: bool = False
    promised_limit: Days | None = None
    promised_unit: Unit | None = None
    without_promise: bool = False


class Nothing(Body):
    """A step that says no more than that it was done."""


class Due(BaseModel):
    """When a decision is due: last day (none for hours), first instant past it, and why."""

    rule: str
    version: str
    title: dict[str, str]
    law: str
    day: date | None
    until: datetime
    provisional: bool


class Case(BaseModel):
    """A case as shown. `due` is the earliest of `deadlines`; none while paused or undecidable."""

    model_config = ConfigDict(from_attributes=True)

    case_no: str
    version: int
    state: str
    region: str
    office: str
    item_code: str
    item_version: int | None
    item_type: str
    received_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    receipt_no: str | None
    licence_no: str | None
    deadlines: list[Due]

    @computed_field
    def due(self) -> Due | None:
        """The first of the deadlines."""
        return self.deadlines[0] if self.deadlines else None


class ReceivedCase(Case):
    """A new case, with the code that the applicant asks by. The code is told here alone."""

    query_code: str


class FoundCase(Case):
    """A case as read. `applicant`: the name, masked; none where none was given."""

    applicant: str | None = None


class CasePage(BaseModel):
    """Cases by number; the next page is in `Link`."""

    items: list[FoundCase]
