"""What a search asks for, as conditions on cases.

Every way of finding has an index: the number's beginning or end, the item's code, the licence, the
applicant's name from its beginning, the mark of the applicant's number. Must never keep or log the
words: they may be a person's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import col

from services.approval.applicant.mark import Marker
from services.approval.applicant.model import ApplicantTable
from services.approval.case.model import CaseTable

Mark = Callable[[str], str]
_number: Final = col(CaseTable.case_no)
_IN_NUMBER: Final = re.compile(r"[0-9-]{4,}")
_NUMBER_OF_WHO: Final = re.compile(r"[0-9A-HJ-NP-Y]{18}")


@dataclass(frozen=True, slots=True)
class Sought:
    """Words to be found, each None where it is not asked for: `any` as any of the others.

    `mark` makes the mark of an applicant's number; without it no number is found.
    """

    any: str | None = None
    applicant: str | None = None
    licence: str | None = None
    mark: Mark | None = None

    @classmethod
    def of(
        cls, marker: Marker | None, *, words: str = "", applicant: str = "", licence: str = ""
    ) -> Sought:
        """What was typed; blanks around it don't count."""
        return cls(
            words.strip() or None,
            applicant.strip() or None,
            licence.strip() or None,
            marker.mark if marker else None,
        )


def within_found(sought: Sought) -> ColumnElement[bool] | None:
    """The condition on a case; None where nothing is asked for."""
    found: list[ColumnElement[bool]] = []
    if sought.any is not None:
        found.append(_number.in_(_any(sought.any, sought.mark)))
    if sought.applicant is not None:
        found.append(_number.in_(_applicant(sought.applicant, sought.mark)))
    if sought.licence is not None:
        found.append(col(CaseTable.licence_no) == sought.licence)
    if not found:
        return None
    first, *others = found
    for other in others:
        first = first & other
    return first


def _any(words: str, mark: Mark | None) -> Any:
    """One look-up for each thing that the words may be: an OR over them would use no index."""
    cases = select(_number)
    ways: list[Select[Any]] = [
        cases.where(col(CaseTable.item_code).startswith(words, autoescape=True)),
        cases.where(col(CaseTable.licence_no) == words),
        _applicant(words, mark),
    ]
    if _IN_NUMBER.fullmatch(words):
        backwards = func.reverse(_number)
        ways.append(cases.where(_number.startswith(words, autoescape=True)))
        ways.append(cases.where(backwards.startswith(words[::-1], autoescape=True)))
    first, *others = ways
    return first.union_all(*others)


def _applicant(words: str, mark: Mark | None) -> Select[Any]:
    named: ColumnElement[bool] = col(ApplicantTable.name).startswith(words, autoescape=True)
    number = words.upper()
    if mark is not None and _NUMBER_OF_WHO.fullmatch(number):
        named = or_(named, col(ApplicantTable.number_mark) == mark(number))
    return select(col(ApplicantTable.case_no)).where(named)
