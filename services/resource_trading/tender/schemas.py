"""What requests about tenders may say, and what answers show.

Must never show a bid before the opening, nor how many there are.
"""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from libs.common.web.inputs import Body, Code, Instant
from services.resource_trading.inputs import Lot, Money, Number

Kind = Literal["works", "goods", "services", "land", "minerals", "property"]
Against = Literal["prequalification", "documents", "opening", "candidates"]


class Publish(Body):
    """发出招标文件: plan of the tender. `mandatory`: 依法必须进行招标的项目."""

    tender_no: Number
    lot: Lot | None = None
    kind: Kind
    mandatory: bool
    documents_from: Instant
    documents_until: Instant | None = None
    bid_deadline: Instant
    estimated_price: Money | None = None
    bid_bond: Money | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.documents_from <= (self.documents_until or self.documents_from):
            raise ValueError("发售截止早于开始 / documents_until is before documents_from")
        if self.documents_from >= self.bid_deadline:
            raise ValueError("投标截止早于文件发出 / bid_deadline is not after documents_from")
        return self


class Clarify(Body):
    """澄清、修改: whether bids are affected, and the new deadline."""

    affects_preparation: bool
    bid_deadline: Instant | None = None


class FileObjection(Body):
    """提出异议."""

    objection_no: Code
    against: Against


class AnswerObjection(Body):
    """答复异议."""

    objection_no: Code


class Open(Body):
    """开标: how many bids were opened."""

    bids: Annotated[int, Field(ge=0, le=100_000)]


class Evaluate(Body):
    """收到评标报告."""


class Terminate(Body):
    """终止招标."""

    ground: Code


class Tender(BaseModel):
    """A tender as shown. Money in fen. `origin` names the system that an imported one is kept in,
    and only of such a one may the plan be unknown."""

    model_config = ConfigDict(from_attributes=True)

    ref: str
    tender_no: str
    lot: str | None
    version: int
    state: str
    region: str
    office: str
    kind: str | None
    mandatory: bool | None
    documents_from: datetime | None
    documents_until: datetime | None
    bid_deadline: datetime | None
    estimated_price: int | None
    bid_bond: int | None
    objections: dict[str, str]
    origin: str | None
