"""Every query on applicants.

Must never commit: the edge does. Must never be asked for a case whose reader was not checked.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.writes import Write, insert_sql
from services.approval.applicant.mark import ApplicantKeyMissing, Marker
from services.approval.applicant.model import Applicant, ApplicantTable
from services.approval.applicant.schemas import Applicant as Given

_TABLE: Final = ApplicantTable.metadata.tables["applicant"]
_INSERT: Final = insert_sql("applicant", tuple(_TABLE.c.keys()))
_OF: Final = select(
    _TABLE.c.case_no, _TABLE.c.kind, _TABLE.c.name, _TABLE.c.number_masked, _TABLE.c.phone
).where(col(ApplicantTable.case_no) == func.any(bindparam("numbers")))


def added(case_no: str, given: Given, marker: Marker | None) -> Write:
    """The row of a new case's applicant. Raises ApplicantKeyMissing."""
    if given.number is not None and marker is None:
        raise ApplicantKeyMissing
    mark = marker.mark(given.number) if marker and given.number is not None else None
    masked = given.number_masked
    return Write(_INSERT, (case_no, given.kind, given.name, masked, mark, given.phone))


async def of_cases(session: AsyncSession, numbers: Collection[str]) -> dict[str, Applicant]:
    """Case number → its applicant, of those that name one."""
    if not numbers:
        return {}
    rows = await session.execute(_OF, {"numbers": list(numbers)})
    return {case_no: Applicant(*rest) for case_no, *rest in rows}


async def of_case(session: AsyncSession, case_no: str) -> Applicant | None:
    """The applicant of a case, if one was given."""
    return (await of_cases(session, [case_no])).get(case_no)
