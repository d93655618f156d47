"""Which rows a post may see: those of its office, or of its region and the regions within it.

Must never widen by accident: without a well-formed region and office a scope covers nothing, and
a row that names none belongs to nobody's. The whole of a database is nobody's by a role: only the
composition gives it, in words.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, and_, false, func, true
from sqlalchemy.orm import Mapped

from libs.common.identity.area import area

Column = ColumnElement[Any] | Mapped[Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows whose region begins with `prefix`, and of one office unless `office` is None.

    `prefix` is None for a scope that covers nothing; `whole`: every row, also one that names
    neither region nor office.
    """

    prefix: str | None
    office: str | None = None
    whole: bool = False

    @classmethod
    def of(cls, region: str, office: str | None = None) -> Self:
        """The scope of a region (and an office). A malformed region or no office: nothing."""
        prefix = area(region)
        return cls(None) if prefix is None or office == "" else cls(prefix, office)

    @classmethod
    def everything(cls) -> Self:
        """Every row. For the installation's own parts and a kept recording, never for a role."""
        return cls("", whole=True)

    def covers(self, region: str | None, office: str | None) -> bool:
        """Whether a row of this region and office lies within."""
        if self.whole:
            return True
        if self.prefix is None or region is None or not region.startswith(self.prefix):
            return False
        return self.office is None or self.office == office

    def where(self, region: Column, office: Column) -> ColumnElement[bool]:
        """The condition on a row's columns, for SQLAlchemy."""
        if self.whole:
            return true()
        if self.prefix is None:
            return false()
        within: ColumnElement[bool] = func.starts_with(region, self.prefix)
        return within if self.office is None else and_(within, office == self.office)

    def sql(self, region: str, office: str, *, first: int = 1) -> tuple[str, list[str]]:
        """The condition as text with its values, for asyncpg.

        `region` and `office` are column expressions of our own; values are `$first` and on.
        """
        if self.whole:
            return "true", []
        if self.prefix is None:
            return "false", []
        within = f"starts_with({region}, ${first})"
        if self.office is None:
            return within, [self.prefix]
        return f"{within} AND {office} = ${first + 1}", [self.prefix, self.office]

    def named(self, region: str, office: str) -> tuple[str, dict[str, str]]:
        """As `sql`, with the named values `:within_region` and `:within_office`, for `text()`."""
        if self.whole:
            return "true", {}
        if self.prefix is None:
            return "false", {}
        values = {"within_region": self.prefix}
        condition = f"starts_with({region}, :within_region)"
        if self.office is None:
            return condition, values
        return f"{condition} AND {office} = :within_office", values | {"within_office": self.office}


NOTHING: Final = Scope(None)
