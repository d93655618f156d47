"""What a progress query sends and is answered. Must never show who applied, nor anyone's name."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.common.web.inputs import Body
from services.approval.case.schemas import Due

Typed = Annotated[str, Field(min_length=1, max_length=60)]


class Asked(Body):
    """Case number and query code."""

    model_config = ConfigDict(hide_input_in_errors=True)

    case_no: Typed
    query_code: Typed = Field(repr=False)


class Done(BaseModel):
    """Something that happened: the last word of its event's type, and when."""

    step: str
    at: datetime


class Office(BaseModel):
    """Whom to ask: a body's public name, and its telephone and address where it gives them."""

    code: str
    name: str
    telephone: str | None
    address: str | None


class Progress(BaseModel):
    """How a case stands. `deadlines`: when the decision is due; none while it is paused."""

    case_no: str
    state: str
    item_code: str
    item_type: str
    office: Office
    received_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    deadlines: list[Due]
    done: list[Done]
