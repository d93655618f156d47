"""What items and offices are called, for pages.

Must never invent a name: what nobody named is shown by its code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.law.fold import Fold
from libs.common.web.language import Language
from libs.common.web.names import Names
from libs.common.worktime import civil_day
from services.approval.case.model import Case
from services.approval.item import repository as items
from services.approval.item.model import ItemVersion
from services.approval.item.policy import holding
from services.approval.office.model import Body


async def of_items(
    session: AsyncSession, known: Names, cases: Sequence[Case], law: Fold, language: Language
) -> Mapping[str, str]:
    """Case number → the item's name in the version that held when the case was received."""
    versions = await items.versions(session, {case.item_code for case in cases})
    return {
        case.case_no: _name(versions.get(case.item_code, []), case, law)
        or known.of(case.item_code)[language]
        for case in cases
    }


def _name(versions: Sequence[ItemVersion], case: Case, law: Fold) -> str | None:
    for row in versions:
        if row.version == case.item_version:
            return row.name
    found = holding([row.seen() for row in versions], civil_day(case.received_at, law.zone))
    return found.content["name"] if found else None


async def of_office(session: AsyncSession, known: Names, code: str, language: Language) -> str:
    """The office's name: the installation's, else the organisation's, else the code."""
    if known.knows(code):
        return known.of(code)[language]
    name = await session.scalar(select(col(Body.name)).where(col(Body.code) == code))
    return name or code
