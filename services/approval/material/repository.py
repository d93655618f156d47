"""Every query on materials.

Must never commit: the edge does. Must never be asked for a case whose reader was not checked.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from libs.common.db.writes import found_row
from libs.common.files.digest import Digest
from services.approval.case.model import Case
from services.approval.material.model import Material

_CHECKLIST: Final = "SELECT details->'materials' FROM item_version WHERE code = $1 AND version = $2"


async def checklist(session: AsyncSession, case: Case) -> list[dict[str, Any]]:
    """The materials that the item's version of a case lists; none for a case without a version."""
    if case.item_version is None:
        return []
    row = await found_row(session, _CHECKLIST, case.item_code, case.item_version)
    return (row[0] or []) if row else []


async def of_case(session: AsyncSession, case_no: str) -> Sequence[Material]:
    """What was handed in for a case, by number, withdrawn ones included."""
    wanted = select(Material).where(col(Material.case_no) == case_no)
    return (await session.scalars(wanted.order_by(col(Material.number)))).all()


async def one(session: AsyncSession, case_no: str, number: int) -> Material | None:
    """One file of a case."""
    return await session.get(Material, (case_no, number))


async def referred(session: AsyncSession, digests: Collection[Digest]) -> Sequence[Digest]:
    """Which of these contents a row refers to: `libs.common.files.orphans` asks."""
    among = col(Material.digest) == func.any(bindparam("digests", list(digests)))
    found = await session.scalars(select(col(Material.digest)).where(among).distinct())
    return [Digest(digest) for digest in found]
