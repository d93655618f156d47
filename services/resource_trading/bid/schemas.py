"""What requests about bids may say, and what answers show. Money in fen.

A request names marks as they are; an answer says only which kinds are on record. Must never take
a citizen's number for a bidder, and never repeat a mark.
"""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from libs.common.web.inputs import Body, Code
from services.resource_trading.inputs import Money, Number, Party

BondForm = Literal["transfer", "cheque", "cash", "guarantee", "insurance", "exempt"]


class Value(Body):
    """A mark as it is. `shared`: known to serve many, as a hall's own terminal or a guarantor."""

    value: Annotated[str, Field(min_length=1, max_length=200)]
    shared: bool = False


Values = Annotated[list[Value], Field(min_length=1, max_length=50)] | None


class MarkDocuments(Body):
    """File creation ids of the tenderer's own documents: all of them, also those told before."""

    creation_ids: Annotated[list[Value], Field(min_length=1, max_length=50)]


class Marked(Body):
    """What the log of the opening says of a bid's making; a kind that is left out is not known."""

    creation_ids: Values = None
    mac_addresses: Values = None
    disk_serials: Values = None
    cpu_serials: Values = None
    certificates: Values = None
    accounts: Values = None
    bond_accounts: Values = None
    bond_applicant_accounts: Values = None


class Correct(Marked):
    """更正: the whole record of the bid, as it should have been."""

    bidder: Party
    members: Annotated[list[Party], Field(min_length=2, max_length=20)] | None = None
    amount: Money | None = None
    bond_form: BondForm | None = None

    @model_validator(mode="after")
    def _of_one_consortium(self) -> Self:
        if self.members is not None and self.bidder not in self.members:
            raise ValueError("联合体成员应包括投标人 / members include the bidder")
        return self


class Record(Correct):
    """登记开标结果: one bid."""

    bid_no: Number


class Withdraw(Body):
    """The bid on record was none: 撤回 before the deadline, or an error of the record."""

    ground: Literal["before_deadline", "recorded_in_error"]


class EvaluateBid(Body):
    """评标结果 of one bid; a rejected one has a ground."""

    result: Literal["valid", "rejected"]
    ground: Code | None = None
    rank_no: Annotated[int, Field(ge=1, le=10_000)] | None = None
    score: Annotated[int, Field(ge=0, le=100_000)] | None = None

    @model_validator(mode="after")
    def _grounded(self) -> Self:
        if (self.result == "rejected") != (self.ground is not None):
            raise ValueError("否决投标应说明理由 / a rejection, and only one, has a ground")
        return self


class Bid(BaseModel):
    """A bid as shown; `marks` names the kinds on record."""

    model_config = ConfigDict(from_attributes=True)

    bid_no: str
    state: str
    version: int
    bidder: str
    members: list[str] | None
    amount: int | None
    bond_form: str | None
    marks: list[str]
    recorded_at: datetime
    result: str | None
    ground: str | None
    rank_no: int | None
    score: int | None


class BidPage(BaseModel):
    """Bids by number; the next page is in `Link`."""

    items: list[Bid]


class DocumentsMarked(BaseModel):
    """How many ids of the tenderer's documents are known now, and the tender's version."""

    version: int
    creation_ids: int
