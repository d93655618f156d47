"""The HTTP face of the progress query, for anyone who has a case's number and its query code.

Both come in the body or in headers, never in the address: addresses are kept in logs and
histories. Must never ask who is asking.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response

from libs.common.db.transaction import transaction
from libs.common.law.instants import from_micros
from libs.common.web.openapi import ANYONE, problems
from libs.common.web.session import sessions_of
from services.approval.office import repository as offices
from services.approval.office.model import Body
from services.approval.progress import schemas, service

_OPEN: Final = {**ANYONE, **problems(429)}
router = APIRouter(prefix="/progress", tags=["progress 进度"])
Number = Annotated[str, Header(alias="Case-Number", min_length=1, max_length=60)]
Code = Annotated[str, Header(alias="Query-Code", min_length=1, max_length=60)]


@router.post("", openapi_extra=_OPEN)
async def ask(body: schemas.Asked, request: Request, response: Response) -> schemas.Progress:
    """How a case stands, by its number and query code."""
    return await _shown(request, response, body.case_no, body.query_code)


@router.get("", openapi_extra=_OPEN)
async def read(
    request: Request, response: Response, case_no: Number, query_code: Code
) -> schemas.Progress:
    """The same, with number and code in headers."""
    return await _shown(request, response, case_no, query_code)


async def _shown(request: Request, response: Response, number: str, code: str) -> schemas.Progress:
    response.headers["Cache-Control"] = "no-store"
    sessions = sessions_of(request)
    case = await service.asked_for(sessions, number, code)
    # Not before: a request that holds one connection must not wait for another.
    async with transaction(sessions) as session:
        body = await offices.find(session, Body, case.office)
    office = schemas.Office(
        code=case.office,
        name=body.name if body else case.office,
        telephone=body.telephone if body else None,
        address=body.address if body else None,
    )
    done = [
        schemas.Done(step=kind.rsplit(".", 2)[-2], at=from_micros(at))
        for kind, at, _ in case.history
    ]
    names = schemas.Progress.model_fields.keys() - {"office", "done"}
    known = {name: getattr(case, name) for name in names}
    return schemas.Progress.model_validate({**known, "office": office, "done": done})
