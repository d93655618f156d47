"""What records and requests about the organisation may say, and what answers show.

An unknown field is refused. Only `Tenure` shows a person, and only to that body's own staff.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from libs.common.web.inputs import Body, Code
from services.approval.inputs import CivilDay, CreditCode, Label, Parts, RegionCode, region_of
from services.approval.office.policy import LEVELS, Opening, Term, are_sound, openings

Role = Literal["holder", "substitute"]
_ROLES = {"主岗": "holder", "A岗": "holder", "副岗": "substitute", "B岗": "substitute"}


def _hours(value: Any) -> Any:
    return [vars_of(one) for one in openings(value)] if isinstance(value, str) else value


def vars_of(one: Opening) -> dict[str, Any]:
    """An opening as requests and events write it."""
    return {"weekday": one.weekday, "opens": one.opens, "closes": one.closes}


Telephone = Annotated[str, Field(pattern=r"^[0-9][0-9 -]{2,28}[0-9]$")]
"""A public number: an office's, never a person's."""


class Hours(Body):
    """Open on one weekday: 1 Monday to 7 Sunday, HH:MM."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    opens: Annotated[str, Field(pattern=r"^\d\d:\d\d$")]
    closes: Annotated[str, Field(pattern=r"^\d\d:\d\d$")]


def _sound(value: list[Hours]) -> list[Hours]:
    if not are_sound([Opening(one.weekday, one.opens, one.closes) for one in value]):
        raise ValueError(
            "办公时间前后颠倒或互相重叠 / office hours end before they begin, or overlap"
        )
    return value


OfficeHours = Annotated[
    list[Hours], Field(max_length=28), BeforeValidator(_hours), AfterValidator(_sound)
]


class Termed(Body):
    """Something that exists for a term; without a first day, from the day it is entered."""

    first_day: CivilDay | None = None
    last_day: CivilDay | None = None

    @model_validator(mode="after")
    def _term_is_sound(self) -> Self:
        first = self.first_day or date.min
        if not Term(first, self.last_day).is_sound:
            raise ValueError("结束日早于开始日 / last_day is before first_day")
        return self


class BodyEntry(Termed):
    """A government body (机构)."""

    code: CreditCode
    name: Label
    region: RegionCode
    superior: CreditCode | None = None
    office_hours: OfficeHours = Field(default_factory=list)
    telephone: Telephone | None = None
    address: Label | None = None

    @property
    def level(self) -> str:
        """省市县乡, from its region."""
        return str(region_of(self.region).level)

    @model_validator(mode="after")
    def _has_a_level(self) -> Self:
        if region_of(self.region).level not in LEVELS:
            raise ValueError(
                "机构只到乡级,不到村 / a body is of a township at least, not a village"
            )
        return self


class WindowEntry(Termed):
    """A window (窗口) of a hall."""

    code: Code
    name: Label
    hall: Code
    body: CreditCode


class PostEntry(Termed):
    """A post (岗位); `superior` is the post that leads it."""

    code: Code
    name: Label
    body: CreditCode
    duties: Annotated[list[Code], Field(max_length=10), Parts] = Field(default_factory=list)
    window: Code | None = None
    superior: Code | None = None


class TenureEntry(Body):
    """Who stands at a post, and when (任职); `substitute` is the AB post's B."""

    post: Code
    role: Annotated[Role, BeforeValidator(lambda value: _ROLES.get(value, value))] = "holder"
    staff_no: Code
    name: Label
    first_day: CivilDay
    last_day: CivilDay | None = None
    certificate_no: Code | None = None
    certificate_until: CivilDay | None = None

    @model_validator(mode="after")
    def _term_is_sound(self) -> Self:
        if not Term(self.first_day, self.last_day).is_sound:
            raise ValueError("结束日早于开始日 / last_day is before first_day")
        return self


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    version: int
    name: str
    first_day: date
    last_day: date | None


def _rows(rows: list[list[Any]]) -> list[dict[str, Any]]:
    return [vars_of(Opening(*row)) for row in rows]


class ShownBody(_Shown):
    """A body as shown."""

    region: str
    level: str
    superior: str | None
    office_hours: Annotated[list[Hours], BeforeValidator(_rows)]
    telephone: str | None
    address: str | None


class ShownWindow(_Shown):
    """A window as shown."""

    hall: str
    body: str


class ShownPost(_Shown):
    """A post as shown: what it is, never who."""

    body: str
    duties: list[str]
    window: str | None
    superior: str | None


class ShownTenure(BaseModel):
    """Who stands at a post, and when: for the body's own staff."""

    model_config = ConfigDict(from_attributes=True)

    role: str
    staff_no: str
    name: str
    first_day: date
    last_day: date | None
    certificate_no: str | None
    certificate_until: date | None


class BodyPage(BaseModel):
    """Bodies by code; the next page is in `Link`."""

    items: list[ShownBody]


class WindowPage(BaseModel):
    """Windows by code; the next page is in `Link`."""

    items: list[ShownWindow]


class PostPage(BaseModel):
    """Posts by code; the next page is in `Link`."""

    items: list[ShownPost]


class Leader(BaseModel):
    """One post of a chain of leaders."""

    model_config = ConfigDict(from_attributes=True)

    post: str
    name: str
    body: str
    region: str


class LeaderChain(BaseModel):
    """Who leads a post, nearest first."""

    post: str
    leaders: list[Leader]


class TenureList(BaseModel):
    """Everyone who stood at a post, newest first."""

    items: list[ShownTenure]
