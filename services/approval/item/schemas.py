"""What records and requests about items may say, and what answers show.

Each limit has its own unit. An unknown field is refused.
"""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from libs.common.codes import CodeError, parse_task_code
from libs.common.web.inputs import Body, Code
from services.approval.inputs import CivilDay, CreditCode, Label, Parts, RegionCode, YesNo
from services.approval.item.policy import promise_exceeds

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
Unit = Literal["working_day", "calendar_day", "hour", "month", "year"]
Channel = Literal["window", "online", "terminal", "post"]
UNITS: Final = {
    "工作日": "working_day",
    "自然日": "calendar_day",
    "日历日": "calendar_day",
    "天": "calendar_day",
    "小时": "hour",
    "月": "month",
    "个月": "month",
    "年": "year",
}
CHANNELS: Final = {"窗口": "window", "网上": "online", "自助终端": "terminal", "邮寄": "post"}
_STEP: Final = re.compile(rf"(.{{1,80}}?)[\s:\uff1a]*(\d{{1,4}})\s*({'|'.join(sorted(UNITS))})")
Length = Annotated[int, Field(ge=1, le=3660)]
LimitUnit = Annotated[Unit, BeforeValidator(lambda value: UNITS.get(value, value))]


def _task_code(value: str) -> str:
    try:
        return parse_task_code(value).value
    except CodeError as error:
        raise ValueError(f"应为事项编码 / {error}") from error


def _channels(value: Any) -> Any:
    return [CHANNELS.get(one, one) for one in value] if isinstance(value, list) else value


def _materials(value: Any) -> Any:
    """Names alone, as a cell of a file gives them, are materials that are required."""
    if not isinstance(value, list):
        return value
    return [{"name": one} if isinstance(one, str) else one for one in value]


def _basis(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [{"law": one} if isinstance(one, str) else one for one in value]


TaskCode = Annotated[str, Field(max_length=40), AfterValidator(_task_code)]
"""事项编码 of 31 or 33 characters, its credit code checked."""


class Material(Body):
    """A document of the checklist (申请材料)."""

    name: Label
    code: Code | None = None
    required: bool = True
    copies: Annotated[int, Field(ge=0, le=100)] | None = None


class LegalBasis(Body):
    """A law and its article (设定依据)."""

    law: Label
    article: Code | None = None


class FlowStep(Body):
    """A step of the flow (流程环节); `limit` where it has one of its own."""

    name: Code
    limit: Length | None = None
    unit: LimitUnit | None = None

    @model_validator(mode="after")
    def _limit_is_whole(self) -> Self:
        if (self.limit is None) != (self.unit is None):
            raise ValueError("环节时限须有单位 / limit and its unit go together")
        return self


def _steps(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [_step(one) if isinstance(one, str) else one for one in value]


def _step(text: str) -> dict[str, Any]:
    """A step as a cell of a file gives it: `审查 5 工作日`, or its name alone."""
    found = _STEP.fullmatch(text.strip())
    if found is None:
        return {"name": text.strip()}
    return {"name": found[1], "limit": int(found[2]), "unit": found[3]}


def _told_apart(value: list[FlowStep]) -> list[FlowStep]:
    if len({one.name for one in value}) < len(value):
        raise ValueError("环节名称重复 / two steps have one name")
    return value


class ItemContent(Body):
    """Everything a version says of an item, but its number and when it holds."""

    name: Label
    item_type: ItemType
    body: CreditCode
    region: RegionCode
    statutory_limit: Length | None = None
    statutory_unit: LimitUnit | None = None
    promised_limit: Length | None = None
    promised_unit: LimitUnit | None = None
    limit_set_by_law: YesNo = False
    immediate: YesNo = False
    delivers_document: YesNo | None = None
    delivery: Annotated[list[Channel], Field(max_length=10), BeforeValidator(_channels), Parts] = (
        Field(default_factory=list)
    )
    flow: Code | None = None
    materials: Annotated[
        list[Material], Field(max_length=200), BeforeValidator(_materials), Parts
    ] = Field(default_factory=list)
    material_count: Annotated[int, Field(ge=0, le=1000)] | None = None
    legal_basis: Annotated[
        list[LegalBasis], Field(max_length=100), BeforeValidator(_basis), Parts
    ] = Field(default_factory=list)
    applicants: Annotated[list[Code], Field(max_length=30), Parts] = Field(default_factory=list)
    visits: Annotated[int, Field(ge=0, le=100)] | None = None
    steps: Annotated[
        list[FlowStep],
        Field(max_length=50),
        BeforeValidator(_steps),
        Parts,
        AfterValidator(_told_apart),
    ] = Field(default_factory=list)

    @property
    def statutory(self) -> tuple[int, str] | None:
        """The statutory limit: length and unit."""
        return _limit(self.statutory_limit, self.statutory_unit)

    @property
    def promised(self) -> tuple[int, str] | None:
        """The promised limit: length and unit."""
        return _limit(self.promised_limit, self.promised_unit)

    @model_validator(mode="after")
    def _limits_are_whole(self) -> Self:
        if (self.statutory_limit is None) != (self.statutory_unit is None):
            raise ValueError("法定时限须有单位 / statutory_limit and its unit go together")
        if (self.promised_limit is None) != (self.promised_unit is None):
            raise ValueError("承诺时限须有单位 / promised_limit and its unit go together")
        if promise_exceeds(self.statutory, self.promised):
            raise ValueError("承诺时限长于法定时限 / the promise is above the statutory limit")
        if self.limit_set_by_law and self.statutory_limit is None:
            raise ValueError("另有法定时限的须写明 / limit_set_by_law wants statutory_limit")
        if self.materials and self.material_count not in {None, len(self.materials)}:
            raise ValueError("材料份数与清单不符 / material_count is not that of materials")
        return self


def _limit(length: int | None, unit: str | None) -> tuple[int, str] | None:
    return None if length is None or unit is None else (length, unit)


class ItemEntry(ItemContent):
    """A version of an item as handed in; without `first_day` it holds from today, if new."""

    code: TaskCode
    first_day: CivilDay | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_files_write_it(cls, data: Any) -> Any:
        """A code begins with its body's; a number under `materials` is how many there are."""
        if not isinstance(data, dict):
            return data
        said = dict(data)
        if "body" not in said and isinstance(said.get("code"), str):
            said["body"] = said["code"].strip()[:18]
        if isinstance(said.get("materials"), str) and said["materials"].isdecimal():
            said["material_count"] = said.pop("materials")
        return said


class ShownItem(ItemContent):
    """A version as shown, with the number that is its ETag."""

    model_config = ConfigDict(strict=False, extra="ignore")

    code: str
    version: int
    first_day: date
    withdrawn: bool


class Withdraw(Body):
    """取消事项: the first day without it."""

    first_day: CivilDay


class ItemPage(BaseModel):
    """Items by code, each in the version that holds on the day; the next page is in `Link`."""

    on: date
    items: list[ShownItem]


class VersionList(BaseModel):
    """Every version of an item, newest first."""

    items: list[ShownItem]
