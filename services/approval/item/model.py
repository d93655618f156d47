"""The table of items: every version there ever was.

Append-only also for the service's role: a version is superseded, must never be changed.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.approval.item.policy import Version
from services.approval.tables import Table

DETAILS: Final = (
    "delivery",
    "materials",
    "material_count",
    "legal_basis",
    "applicants",
    "visits",
    "steps",
)
"""What a version says and nobody searches for: kept together in `details`."""


class ItemVersion(Table, table=True):
    """A version (事项版本). `version` is the sequence of its event and the item's ETag.

    It holds from `first_day`; from a `withdrawn` one's first day the item can't be applied for.
    """

    __tablename__ = "item_version"
    __table_args__ = (
        Index("item_version_of_body", "body", "code"),
        Index("item_version_of_type", "item_type", "code"),
        {"comment": "append-only"},
    )

    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    first_day: date
    withdrawn: bool
    name: str
    item_type: str
    body: str
    region: str
    statutory_limit: int | None = None
    statutory_unit: str | None = None
    promised_limit: int | None = None
    promised_unit: str | None = None
    limit_set_by_law: bool
    immediate: bool
    delivers_document: bool | None = None
    flow: str | None = None
    details: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))

    def content(self) -> dict[str, Any]:
        """Everything it says of the item, in the form of `ItemContent`."""
        known = {"code", "version", "first_day", "withdrawn", "details"}
        # Versions from before there were steps have none.
        return {**self.model_dump(exclude=known), "steps": [], **self.details}

    def seen(self) -> Version:
        """As the policy sees it."""
        return Version(self.version, self.first_day, None if self.withdrawn else self.content())


def version_row(
    code: str, version: int, first_day: date, content: dict[str, Any], *, withdrawn: bool = False
) -> ItemVersion:
    """The row of a version that says `content`, in the form of `ItemContent`."""
    columns = {name: value for name, value in content.items() if name not in DETAILS}
    details = {name: content[name] for name in DETAILS}
    return ItemVersion(
        code=code,
        version=version,
        first_day=first_day,
        withdrawn=withdrawn,
        details=details,
        **columns,
    )
