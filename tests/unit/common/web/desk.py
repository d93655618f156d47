"""A small service that answers every way a service can, for the tests of the edge."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from libs.common.web.app import ServiceAPI, create_app
from libs.common.web.errors import Conflict, NotFound, Refused
from libs.common.web.etag import IfMatch, set_etag
from libs.common.web.idempotency import CommandRoute
from libs.common.web.page import Page, link_next

PRIVATE = "13800138000 lives here"
ROWS = list(range(1, 8))


class CaseUnknown(NotFound):
    code = "case_unknown"
    zh = "没有编号为 {number} 的办件"
    en = "There is no case {number}"


class NewCase(BaseModel):
    item: Annotated[str, Field(min_length=3)]
    copies: Annotated[int, Field(ge=1)]
    day: date | None = None


def desk_app(**options: int) -> ServiceAPI:
    """The service, named `approval`."""
    return create_app("approval", title="Desk", routers=[_router()], **options)  # type: ignore[arg-type]


def _router() -> APIRouter:
    router = APIRouter(route_class=CommandRoute)

    @router.post("/cases")
    async def create(case: NewCase) -> dict[str, str]:
        return {"item": case.item}

    @router.get("/cases")
    async def cases(request: Request, response: Response, page: Page) -> list[int]:
        rows = [row for row in ROWS if page.after is None or row > page.after[0]]
        if len(rows) > page.limit:
            link_next(request, response, rows[page.limit - 1])
        return rows[: page.limit]

    @router.get("/cases/{number}")
    async def case(number: str, response: Response) -> dict[str, str]:
        if number == "0":
            raise CaseUnknown(number=number)
        if number == "closed":
            raise Conflict
        set_etag(response, 3)
        return {"number": number}

    @router.put("/cases/{number}")
    async def change(number: str, expected: IfMatch) -> dict[str, str]:
        expected.require(3)
        return {"number": number}

    @router.delete("/cases/{number}")
    async def refuse(number: str) -> None:
        raise Refused(
            errors=[("/number", {"zh": "已受理", "en": "already accepted"})],
            law={"zh": "行政许可法第三十二条", "en": "Administrative Licensing Law art. 32"},
        )

    @router.get("/broken")
    async def broken() -> None:
        raise ValueError(PRIVATE)

    @router.get("/away")
    async def away() -> None:
        raise ConnectionRefusedError(PRIVATE)

    return router
