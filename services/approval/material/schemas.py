"""What requests about materials may say, and what answers show.

Must never show where a file lies.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from libs.common.web.inputs import Body
from services.approval.case.schemas import Reason


class WithdrawMaterial(Body):
    """撤下材料: why it does not count. It is kept all the same, and given out to nobody."""

    reason: Reason


class ShownMaterial(BaseModel):
    """A file that was handed in; `digest` is its SHA-256, `size` in bytes."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    wanted: str
    name: str
    digest: str
    size: int
    media_type: str
    handed_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class ShownLine(BaseModel):
    """A material of the checklist (`listed`), or one beside it."""

    name: str
    code: str | None
    required: bool
    copies: int | None
    listed: bool
    missing: bool
    files: list[ShownMaterial]


class Materials(BaseModel):
    """A case's materials, by the checklist of its item's version. `complete`: none is missing."""

    complete: bool
    items: list[ShownLine]
