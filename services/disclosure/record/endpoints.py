"""The HTTP face of records: read by anyone, without login.

Must never decide what is public: what stands in the table is.
"""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from libs.common.web.errors import Invalid, NotFound
from libs.common.web.openapi import ANYONE
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session
from services.disclosure.public import kept
from services.disclosure.record import repository, schemas
from services.disclosure.record.model import Record

router = APIRouter(tags=["records 公开记录"])
Office = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]
Cursor = tuple[datetime, UUID]


def after_key(key: list[Any] | None) -> Cursor | None:
    """The sort key of a cursor: publication and id of the last record shown.

    Raises:
        Invalid: the cursor is not of a list of records.
    """
    match key:
        case None:
            return None
        case [str(at), str(record_id)]:
            try:
                instant = datetime.fromisoformat(at)
                if instant.tzinfo is not None:
                    return instant.astimezone(UTC), UUID(record_id)
            except (ValueError, OverflowError):
                pass
    message = {"zh": "不是有效的游标", "en": "is not a cursor of ours"}
    raise Invalid(errors=[("query:cursor", message)])


def last_key(record: Record) -> tuple[datetime, str]:
    """The sort key of the last record shown; the driver's own UUID type is no JSON value."""
    return record.published_at, str(record.id)


@router.get("/records", response_model=schemas.RecordPage, openapi_extra=ANYONE)
async def records(
    request: Request,
    *,
    session: Session,
    asked: Page,
    kind: Annotated[schemas.Kind | None, Query()] = None,
    office: Office = None,
) -> Response:
    """Records, newest first; `?kind=` and `?office=` narrow them."""
    found = await repository.page(
        session,
        kinds=[kind] if kind else [],
        office=office,
        after=after_key(asked.after),
        limit=asked.limit + 1,
    )
    shown = found[: asked.limit]
    body = schemas.RecordPage(items=[schemas.Record.model_validate(row) for row in shown])
    answer = JSONResponse(body.model_dump(mode="json"))
    if len(found) > asked.limit:
        link_next(request, answer, *last_key(shown[-1]))
    return kept(request, answer)


@router.get(
    "/records/{record_id}",
    response_model=schemas.Record,
    openapi_extra=ANYONE,
    responses={410: {"model": schemas.Tombstone, "description": "withdrawn"}},
)
async def record(request: Request, record_id: UUID, session: Session) -> Response:
    """One record, under its permanent id; 410 with the tombstone of a withdrawn one."""
    found = await repository.find(session, record_id)
    if found is None:
        raise NotFound
    if found.withdrawn_at is not None:
        gone = schemas.Tombstone.model_validate(found).model_dump(mode="json")
        return kept(request, JSONResponse(gone, 410))
    body = schemas.Record.model_validate(found).model_dump(mode="json")
    return kept(request, JSONResponse(body))
