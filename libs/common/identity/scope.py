"""Which rows a post may see: those of its office, or of its region and the regions within it.

Must never widen by accident: without a well-formed region and office a scope covers nothing, and
a row that names none belongs to nobody's.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, and_, false, func

_REGION: Final = re.compile(r"\d{6}|\d{9}|\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows whose region begins with `prefix`, and of one office unless `office` is None.

    `prefix` is None for a scope that covers nothing.
    """

    prefix: str | None
    office: str | None = None

    @classmethod
    def of(cls, region: str, office: str | None = None) -> Self:
        """The scope of a region (and an office). A malformed region or no office: nothing."""
        prefix = area(region)
        return cls(None) if prefix is None or office == "" else cls(prefix, office)

    def covers(self, region: str | None, office: str | None) -> bool:
        """Whether a row of this region and office lies within."""
        if self.prefix is None or region is None or not region.startswith(self.prefix):
            return False
        return self.office is None or self.office == office

    def where(self, region: ColumnElement[Any], office: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition on a row's columns, for SQLAlchemy."""
        if self.prefix is None:
            return false()
        within: ColumnElement[bool] = func.starts_with(region, self.prefix)
        return within if self.office is None else and_(within, office == self.office)

    def sql(self, region: str, office: str, *, first: int = 1) -> tuple[str, list[str]]:
        """The condition as text with its values, for asyncpg.

        `region` and `office` are column expressions of our own; values are `$first` and on.
        """
        if self.prefix is None:
            return "false", []
        within = f"starts_with({region}, ${first})"
        if self.office is None:
            return within, [self.prefix]
        return f"{within} AND {office} = ${first + 1}", [self.prefix, self.office]


NOTHING: Final = Scope(None)


def area(region: str) -> str | None:
    """The digits that every region within shares: 990100 is 9901, 990000 is 99.

    None for anything but a code of 6, 9 or 12 digits, and for one that would take in the country.
    """
    if not _REGION.fullmatch(region):
        return None
    code = region
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    if len(code) == 6:
        code = re.sub(r"(00){1,2}$", "", code)
    return None if code == "00" else code
