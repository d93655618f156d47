"""What requests about awards may say, and what answers show. Money in fen."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from libs.common.web.inputs import Body, Instant
from services.resource_trading.inputs import Money, Party
from services.resource_trading.tender import schemas


class Candidate(Body):
    """A candidate as publicised; `party` is its 统一社会信用代码 where known."""

    rank_no: Annotated[int, Field(ge=1, le=1000)]
    party: Party | None = None
    price: Money | None = None


class PubliciseCandidates(Body):
    """公示中标候选人."""

    publicity_from: Instant
    publicity_until: Instant
    candidates: Annotated[list[Candidate], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.publicity_from >= self.publicity_until:
            raise ValueError("公示结束早于开始 / publicity_until is not after publicity_from")
        return self


class Decide(Body):
    """确定中标人."""

    winner: Party
    award_price: Money


class SignContract(Body):
    """签订合同."""

    contract_price: Money
    performance_bond: Money | None = None


class Nothing(Body):
    """A step that says no more than that it was done."""


class Award(BaseModel):
    """An award as shown."""

    model_config = ConfigDict(from_attributes=True)

    publicity_from: datetime | None
    publicity_until: datetime | None
    candidates: list[Candidate]
    winner: str | None
    award_price: int | None
    decided_at: datetime | None
    notice_at: datetime | None
    reported_at: datetime | None
    signed_at: datetime | None
    contract_price: int | None
    performance_bond: int | None
    refunded_at: datetime | None


class TenderShown(schemas.Tender):
    """A tender with its award, once it has one."""

    award: Award | None = None


class TenderPage(BaseModel):
    """Tenders by number; the next page is in `Link`."""

    items: list[TenderShown]
