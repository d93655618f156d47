"""The HTTP face of materials.

An upload is read to disk before a transaction begins: a slow sender must never hold a connection
to the database, and a refused caller never fills the disk. It takes no `Idempotency-Key`, which
would want its body in memory: the same content for the same material is noted once anyway.
"""

from enum import Enum
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text

from libs.common.db.transaction import transaction
from libs.common.files.digest import digest_of
from libs.common.files.disk import DiskStore
from libs.common.files.download import download
from libs.common.files.errors import MEGABYTE
from libs.common.files.store import Store
from libs.common.files.upload import OVERHEAD, received
from libs.common.identity.actor import Acting, Actor, acting
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope
from libs.common.identity.signed import SignedCommandRoute, SignedRoute
from libs.common.web.errors import Invalid, NotFound
from libs.common.web.law import law_of
from libs.common.web.openapi import problems
from libs.common.web.problem import MEDIA_TYPE
from libs.common.web.session import Session, sessions_of
from services.approval.case import repository as cases
from services.approval.case.endpoints import CaseNo
from services.approval.inputs import Label
from services.approval.material import schemas, service
from services.approval.material.errors import NoFileStore
from services.approval.material.model import Material
from services.approval.settings import Settings

TAGS: Final[list[str | Enum]] = ["materials 材料"]
router = APIRouter(prefix="/cases/{case_no}/materials", route_class=SignedCommandRoute, tags=TAGS)
uploads = APIRouter(prefix="/cases/{case_no}/materials", route_class=SignedRoute, tags=TAGS)
Within = Annotated[Scope, Depends(permitted("case.read"))]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
_PATHS: Final = ("/api/approval/v1/cases/*/materials", "/window/cases/*/materials")
_LABEL: Final = TypeAdapter(Label)
_NOW: Final = text("SELECT city_now()")
_FORM: Final = {
    **problems(415),
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "material"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "material": {
                            "type": "string",
                            "description": "code or name on the item's checklist, or another name",
                        },
                    },
                }
            }
        },
    },
}
_GONE: Final = {
    "responses": {
        "410": {
            "description": "Withdrawn",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
}


def body_limits(settings: Settings) -> dict[str, int]:
    """What the edge lets through for uploads: twice a file, so that who sends too much is told."""
    return dict.fromkeys(_PATHS, 2 * settings.file_megabytes * MEGABYTE + OVERHEAD)


def store_of(request: Request) -> Store:
    """The installation's store of files. Raises NoFileStore."""
    folder = request.app.state.settings.files
    if folder is None:
        raise NoFileStore
    return DiskStore(folder)


async def take_in(request: Request, actor: Actor, case_no: str) -> Material:
    """Read the request's upload and note it. Raises what `service.hand_in` and `received` raise."""
    store, sessions = store_of(request), sessions_of(request)
    async with transaction(sessions) as session:
        await service.open_case(session, actor, case_no)
    limit = request.app.state.settings.file_megabytes * MEGABYTE
    law = await law_of(request)
    async with received(request, store, limit=limit) as upload:
        wanted = _wanted(upload.fields)
        await store.keep(upload.draft)
    media_type = upload.kind.media_type
    file = service.Handed(wanted, upload.name, upload.digest, upload.size, media_type)
    async with transaction(sessions) as session:
        return await service.hand_in(session, actor, case_no, file, law=law)


def _wanted(fields: dict[str, str]) -> str:
    """What the file is handed in as: of the list, else as the clerk calls it."""
    listed, other = (fields.get(name, "").strip() for name in ("material", "other"))
    if listed and other:
        message = {
            "zh": "既选了清单上的材料,又填了清单外的名称:请选“清单外”,或不填名称",
            "en": "one of the list is chosen and another is named: choose “Not on the list”, "
            "or name none",
        }
        raise Invalid(errors=[("/other", message)])
    said = listed or other
    try:
        return _LABEL.validate_python(said)
    except ValidationError as error:
        message = {"zh": "请写明是哪一项材料", "en": "say which material it is"}
        raise Invalid(errors=[("/material", message)]) from error


@uploads.post("", status_code=201, openapi_extra=_FORM)
async def hand_in(case_no: CaseNo, request: Request, response: Response) -> schemas.ShownMaterial:
    """收取材料: one file of at most 50 MB (`APPROVAL_FILE_MEGABYTES`), its kind told by content."""
    row = await take_in(request, await acting(request), case_no)
    response.headers["Location"] = f"/api/approval/v1/cases/{case_no}/materials/{row.number}/file"
    return schemas.ShownMaterial.model_validate(row)


@router.get("")
async def listed(case_no: CaseNo, session: Session, scope: Within) -> schemas.Materials:
    """The checklist of the item's version, and what was handed in."""
    case = await cases.find(session, case_no, scope)
    if case is None:
        raise NotFound
    lines = await service.listed(session, case)
    shown = [
        schemas.ShownLine(
            name=line.wanted.name,
            code=line.wanted.code,
            required=line.wanted.required,
            copies=line.wanted.copies,
            listed=line.listed,
            missing=line.missing,
            files=[schemas.ShownMaterial.model_validate(file) for file in line.files],
        )
        for line in lines
    ]
    return schemas.Materials(complete=not any(line.missing for line in lines), items=shown)


@router.get("/{number}/file", response_class=Response, openapi_extra=_GONE)
async def content(
    case_no: CaseNo,
    number: Number,
    *,
    request: Request,
    session: Session,
    actor: Acting,
    scope: Within,
) -> Response:
    """The file, to be saved. Who took it is on record. What was withdrawn is gone (410)."""
    now = (await session.execute(_NOW)).scalar_one()
    row = await service.read(session, actor, scope, case_no, number, now=now)
    return await download(
        request,
        store_of(request),
        digest_of(row.digest),
        name=row.name,
        media_type=row.media_type,
    )


@router.post("/{number}/withdraw")
async def withdraw(
    case_no: CaseNo, number: Number, body: schemas.WithdrawMaterial, session: Session, actor: Acting
) -> schemas.ShownMaterial:
    """撤下材料. The file is kept, and given out to nobody."""
    row = await service.withdraw(session, actor, case_no, number, reason=body.reason)
    return schemas.ShownMaterial.model_validate(row)
