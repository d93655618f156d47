"""Events of the organisation (机构) and of the catalogue of items (事项), on approval's topic.

Each event carries the whole state that others keep a projection of. Must never carry a person:
who holds a post stays in the approval service, and a post is told only as held or vacant.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from libs.common.events.contracts.approval import ItemType
from libs.common.events.payload import Code, Codes, Days, JsonArray, Payload, TimeUnit

Level = Annotated[Code, Codes(("province", "city", "county", "township"))]
Role = Annotated[Code, Codes(("holder", "substitute"))]
Name = Annotated[str, Field(min_length=1, max_length=200)]
"""The official name of a body, a hall, a window, a post or an item; never of a person."""
CivilDay = Annotated[Code, Field(description="a civil day, YYYY-MM-DD")]


class Hours(Payload):
    """Opening hours of one weekday."""

    weekday: Annotated[int, Field(ge=1, le=7, description="1 Monday to 7 Sunday (ISO 8601)")]
    opens: Annotated[Code, Field(description="HH:MM, local time")]
    closes: Annotated[Code, Field(description="HH:MM, local time")]


OfficeHours = Annotated[tuple[Hours, ...], JsonArray]


class BodyState(Payload):
    """What the organisation says of a government body."""

    body: Code = Field(description="统一社会信用代码")
    name: Name
    region_code: Code = Field(description="行政区划代码, 12 digits")
    level: Level
    superior: Code | None = Field(None, description="the body above it")
    office_hours: OfficeHours = Field(default=(), max_length=28)
    first_day: CivilDay
    last_day: CivilDay | None = None


class BodyEstablished(BodyState, type="cn.sunlight.approval.body.established.v1"):
    """A government body was entered in the organisation (设立机构)."""


class BodyChanged(BodyState, type="cn.sunlight.approval.body.changed.v1"):
    """What the organisation says of a body changed; with a last day it ends (机构变更、撤销)."""


class WindowState(Payload):
    """What the organisation says of a window."""

    window: Code
    name: Name
    hall: Code
    body: Code = Field(description="the body that the window works for")
    region_code: Code = Field(description="行政区划代码 of the body, 12 digits")
    first_day: CivilDay
    last_day: CivilDay | None = None


class WindowOpened(WindowState, type="cn.sunlight.approval.window.opened.v1"):
    """A window of a hall was opened (设立窗口)."""


class WindowChanged(WindowState, type="cn.sunlight.approval.window.changed.v1"):
    """A window changed; with a last day it closes (窗口调整、撤销)."""


class PostState(Payload):
    """What the organisation says of a post."""

    post: Code
    name: Name
    body: Code
    region_code: Code = Field(description="行政区划代码 of the body, 12 digits")
    duties: Annotated[tuple[Code, ...], JsonArray] = Field(
        default=(), max_length=10, description="what it may do: window, approver, registrar, …"
    )
    window: Code | None = None
    superior: Code | None = Field(None, description="the post that leads it")
    first_day: CivilDay
    last_day: CivilDay | None = None


class PostCreated(PostState, type="cn.sunlight.approval.post.created.v1"):
    """A post was created in a body (设立岗位)."""


class PostChanged(PostState, type="cn.sunlight.approval.post.changed.v1"):
    """A post changed; with a last day it is abolished (岗位调整、撤销)."""


class PostFilled(Payload, type="cn.sunlight.approval.post.filled.v1"):
    """Someone holds the post, or stands in as its AB substitute, from a day on (到岗、AB岗)."""

    post: Code
    body: Code
    role: Role
    first_day: CivilDay
    last_day: CivilDay | None = None


class PostVacated(Payload, type="cn.sunlight.approval.post.vacated.v1"):
    """The last day of who held the post, or stood in, was set (离岗)."""

    post: Code
    body: Code
    role: Role
    first_day: CivilDay = Field(description="of the tenure that ends")
    last_day: CivilDay


class ItemPublished(Payload, type="cn.sunlight.approval.item.published.v1"):
    """A version of an item holds from its first day on (事项发布、变更)."""

    item_code: Code
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    first_day: CivilDay
    name: Name
    item_type: ItemType
    body: Code = Field(description="the responsible body")
    region_code: Code = Field(description="行政区划代码, 12 digits")
    statutory_limit: Days | None = None
    statutory_unit: TimeUnit | None = None
    promised_limit: Days | None = None
    promised_unit: TimeUnit | None = None
    limit_set_by_law: bool | None = Field(
        None, description="another law sets this item's limit in place of the general 20 days"
    )
    immediate: bool | None = Field(None, description="即办件: can be decided on the spot")
    delivers_document: bool | None = None
    delivery: Annotated[tuple[Code, ...], JsonArray] = Field(
        default=(), max_length=10, description="channels by which the result reaches the applicant"
    )
    material_count: Annotated[int, Field(ge=0, le=1000)] | None = None
    flow: Code | None = Field(None, description="the flow's version")


class ItemWithdrawn(Payload, type="cn.sunlight.approval.item.withdrawn.v1"):
    """The item can't be applied for from a day on (事项取消)."""

    item_code: Code
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    first_day: CivilDay = Field(description="the first day without it")
    body: Code
