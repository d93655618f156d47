"""The public home page and the page of one record.

Must never show anything that the tables of this service do not hold.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.web.errors import NotFound
from libs.common.web.page import Page, encode_cursor
from libs.common.web.session import Session
from services.disclosure.overdue import repository as overdue
from services.disclosure.overdue.policy import month_of
from services.disclosure.overdue.repository import OfficeCount
from services.disclosure.pages.site import KINDS, address_of, settings_of, shell_of, wording
from services.disclosure.public import KeptRoute
from services.disclosure.record import repository
from services.disclosure.record.endpoints import Office, after_key, last_key
from services.disclosure.tender import repository as tenders

SHOWN: Final = 20
OFFICES: Final = 12
TENDERS: Final = 5
READ: Final = ["GET", "HEAD"]
router = APIRouter(route_class=KeptRoute)


@router.api_route("/", methods=READ)
async def home(
    request: Request,
    session: Session,
    asked: Page,
    kind: Annotated[
        Literal["tender_notice", "candidates", "award", "contract", "decision"] | None, Query()
    ] = None,
    office: Office = None,
) -> Response:
    """Is the city keeping its word: shares and counts, answers, tenders, newest records."""
    now = await repository.now(session)
    zone = settings_of(request).zone_info
    month = month_of(now, zone)
    since = datetime.combine(month, time(), zone)
    counts = await overdue.by_office(session, month)
    found = await repository.page(
        session,
        kinds=[kind] if kind else [],
        office=office,
        after=after_key(asked.after),
        limit=SHOWN + 1,
    )
    behind = [count for count in counts if count.standing or count.occurred or count.waiting]
    records = found[:SHOWN]
    last = records[-1] if len(found) > SHOWN else None
    return shell_of(request).page(
        request,
        "home.html",
        now=now,
        words=wording(request),
        month=f"{month:%Y-%m}",
        on_time=await _on_time(session, counts, month, since),
        total=_total(counts),
        counts=behind[:OFFICES],
        more_offices=max(len(behind) - OFFICES, 0),
        answers=await overdue.latest(session),
        tenders=await tenders.staged(session, now=now, month=since, shown=TENDERS),
        records=records,
        next_cursor=encode_cursor(*last_key(last)) if last else None,
        kinds=KINDS,
        chosen_kind=kind,
        chosen_office=office,
        case_lookup=settings_of(request).case_lookup,
    )


@dataclass(frozen=True, slots=True)
class OnTime:
    """Of `base` cases decided in the month, `part` passed no public limit."""

    part: int
    base: int


async def _on_time(
    session: AsyncSession, counts: list[OfficeCount], month: date, since: datetime
) -> OnTime:
    base = sum(count.handled or 0 for count in counts if count.matter == "approval")
    late = await overdue.late(session, month, since)
    return OnTime(max(base - late, 0), base)


def _total(counts: list[OfficeCount]) -> dict[str, int]:
    """Sums over all offices."""
    return {
        "standing": sum(count.standing for count in counts),
        "occurred": sum(count.occurred for count in counts),
        "waiting": sum(count.waiting for count in counts),
    }


@router.api_route("/records/{record_id}", methods=READ)
async def record(request: Request, record_id: UUID, session: Session) -> Response:
    """One record under its permanent address; 410 with the tombstone of a withdrawn one."""
    found = await repository.find(session, record_id)
    if found is None:
        raise NotFound
    return shell_of(request).page(
        request,
        "record.html" if found.withdrawn_at is None else "tombstone.html",
        now=await repository.now(session),
        status=200 if found.withdrawn_at is None else 410,
        words=wording(request),
        record=found,
        address=f"{address_of(request)}/records/{found.id}",
    )
