"""Kinds of values that requests carry, each with its limits.

Must never convert: text stays text, numbers numbers, and an instant has its offset.
"""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        # pydantic tells a ValueError to the caller, and lets a TypeError through as a fault.
        raise ValueError("应为文本 / should be text (RFC 3339)")  # noqa: TRY004
    return value


def _this_century(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2099:
        raise ValueError("年份应在 2000 至 2099 之间 / the year should be 2000 to 2099")
    return value


Code = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")
]
Day = Annotated[date, Field(strict=False), BeforeValidator(_text)]
Instant = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_text), AfterValidator(_this_century)
]


class Body(BaseModel):
    """Base of request bodies: no conversions, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
