"""The HTTP face of clocks: how they stand, and why. Reading only, within the caller's scope."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from libs.common.web.errors import NotFound
from services.e_monitor.clock import reading, schemas
from services.e_monitor.clock.explain import Explanation
from services.e_monitor.context import ClockScope, Law, Reader

router = APIRouter(prefix="/clocks", tags=["clocks 时限"])
Subject = Annotated[str, Path(max_length=500, pattern=r"^[^\x00]+$")]
RuleId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{3,60}$")]
Occurrence = Annotated[int | None, Query(ge=1, le=100_000)]


@router.get("/{subject:path}/{rule}/explanation")
async def explanation(
    subject: Subject,
    rule: RuleId,
    *,
    within: ClockScope,
    reader: Reader,
    law: Law,
    occurrence: Occurrence = None,
) -> schemas.Explained:
    """Why a clock's date is what it is, day by day; without `occurrence` the latest clock."""
    view = await reading.find(reader, within, law, subject)
    found = view.explanations(rule) if view else []
    return schemas.explained(chosen(found, occurrence), law.zone)


def chosen(found: list[Explanation], occurrence: int | None) -> Explanation:
    """The clock with this number, else the latest. Raises NotFound."""
    if occurrence is not None:
        found = [told for told in found if told.occurrence == occurrence]
    if not found:
        raise NotFound
    return found[-1]


@router.get("/{subject:path}")
async def clocks(subject: Subject, within: ClockScope, reader: Reader, law: Law) -> schemas.Clocks:
    """Every clock of a subject as it stands, at the instant to which the data is complete."""
    view = await reading.find(reader, within, law, subject)
    if view is None:
        raise NotFound
    found = [schemas.clock(told) for told in view.explanations()]
    return schemas.Clocks(subject=subject, parked=view.blocked, clocks=found)
