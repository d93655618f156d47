"""The public home page and the page of one record.

Must never show anything that the tables of `record` do not hold.
"""

from datetime import datetime, time
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from libs.common.web.errors import NotFound
from libs.common.web.page import Page, encode_cursor
from libs.common.web.session import Session
from services.disclosure.pages.site import KINDS, address_of, settings_of, shell_of, wording
from services.disclosure.public import kept
from services.disclosure.record import repository
from services.disclosure.record.endpoints import Office, after_key, last_key
from services.disclosure.record.overdue import month_of
from services.disclosure.record.repository import OfficeCount

SHOWN: Final = 20
OFFICES: Final = 12
READ: Final = ["GET", "HEAD"]
router = APIRouter()


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
    """Overdue now by office, newest records, feeds and open data."""
    now = await repository.now(session)
    zone = settings_of(request).zone_info
    month = month_of(now, zone)
    since = datetime.combine(month, time(), zone)
    counts = await repository.overdue_by_office(session, month)
    found = await repository.page(
        session,
        kinds=[kind] if kind else [],
        office=office,
        after=after_key(asked.after),
        limit=SHOWN + 1,
    )
    records = found[:SHOWN]
    last = records[-1] if len(found) > SHOWN else None
    page = shell_of(request).page(
        request,
        "home.html",
        now=now,
        words=wording(request),
        month=f"{month:%Y-%m}",
        published=await repository.published_since(session, since),
        records=records,
        next_cursor=encode_cursor(*last_key(last)) if last else None,
        kinds=KINDS,
        chosen_kind=kind,
        chosen_office=office,
        counts=counts[:OFFICES],
        more_offices=max(len(counts) - OFFICES, 0),
        total=_total(counts),
    )
    return kept(request, page)


def _total(counts: list[OfficeCount]) -> dict[str, int]:
    """Sums over all offices."""
    return {
        "standing": sum(count.standing for count in counts),
        "occurred": sum(count.occurred for count in counts),
    }


@router.api_route("/records/{record_id}", methods=READ)
async def record(request: Request, record_id: UUID, session: Session) -> Response:
    """One record under its permanent address."""
    found = await repository.find(session, record_id)
    if found is None:
        raise NotFound
    page = shell_of(request).page(
        request,
        "record.html",
        now=await repository.now(session),
        words=wording(request),
        record=found,
        address=f"{address_of(request)}/records/{found.id}",
    )
    return kept(request, page)
