"""The materials on a case's page, and its forms to take one in and to withdraw one.

Both work without a script; with one, what is wrong with an upload stands beside its form. Must
never read a file before it is known who sends it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from libs.common.files.errors import MEGABYTE
from libs.common.files.kinds import KINDS
from libs.common.identity.actor import Acting, acting
from libs.common.identity.csrf import HEADER
from libs.common.identity.forms import OwnForm
from libs.common.identity.pages import account_of
from libs.common.identity.refusals import CsrfRefused
from libs.common.web.errors import DomainError, in_language
from libs.common.web.language import language_of
from libs.common.web.law import Law
from libs.common.web.session import Session
from services.approval.case.endpoints import CaseNo
from services.approval.case.model import Case
from services.approval.case.policy import State
from services.approval.material import service
from services.approval.material.endpoints import Number, take_in
from services.approval.material.model import Material
from services.approval.material.policy import OPEN, Line
from services.approval.material.schemas import WithdrawMaterial
from services.approval.pages import addresses
from services.approval.pages.site import Site
from services.approval.pages.steps import Field, filled
from services.approval.pages.upload_route import UploadRoute

router = APIRouter()
uploads = APIRouter(route_class=UploadRoute)
_ACCEPT: Final = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)
_REASON: Final = (Field("reason", "words", required=True),)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a case's materials.

    `clerk`: who looks may take in and withdraw; `open`: and the case still takes materials in.
    `store`: files can be stored. `limit` in megabytes.
    """

    lines: Sequence[Line]
    clerk: bool
    open: bool
    store: bool
    limit: int
    accept: str = _ACCEPT

    @property
    def listed(self) -> bool:
        """Whether the item has a checklist."""
        return any(line.listed for line in self.lines)

    @property
    def required(self) -> int:
        """How many materials the checklist requires."""
        return sum(line.listed and line.wanted.required for line in self.lines)

    @property
    def there(self) -> int:
        """How many of these are there."""
        return sum(line.listed and line.wanted.required and line.there for line in self.lines)

    @property
    def next(self) -> str | None:
        """The first that is still to come."""
        return next((line.wanted.key for line in self.lines if line.missing), None)

    def size(self, file: Material) -> str:
        """How long a file is, in kB or MB."""
        if file.size >= MEGABYTE:
            return f"{file.size / MEGABYTE:.1f} MB"
        return f"{max(1, round(file.size / 1024))} kB"


async def shown(here: Site, case: Case) -> Shown:
    """The materials of a case for who looks at its page."""
    settings = here.request.app.state.settings
    clerk = "window" in here.actor.duties and here.actor.office == case.office
    return Shown(
        lines=await service.listed(here.session, case),
        clerk=clerk,
        open=clerk and State(case.state) in OPEN,
        store=settings.files is not None,
        limit=settings.file_megabytes,
    )


@uploads.post("/window/cases/{case_no}/materials")
async def hand_in(case_no: CaseNo, request: Request) -> Response:
    """Take a file in; then the case's page anew, or why not."""
    actor = await acting(request)
    await _own_page(request)
    script = "hx-request" in request.headers
    try:
        await take_in(request, actor, case_no)
    except DomainError as error:
        if error.status >= 500 or not script:
            raise
        # With a status of its own the script would throw the sentence away.
        return HTMLResponse(_sentence(error, request))
    if script:
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return _back(case_no)


@router.post("/window/cases/{case_no}/materials/{number}/withdraw")
async def withdraw(
    case_no: CaseNo, number: Number, *, form: OwnForm, session: Session, actor: Acting, law: Law
) -> Response:
    """Withdraw a material; then the case's page."""
    body = filled(WithdrawMaterial, _REASON, form, law.zone)
    await service.withdraw(session, actor, case_no, number, reason=body.reason)
    return _back(case_no)


def _back(case_no: str) -> Response:
    return RedirectResponse(f"{addresses.case(case_no)}#materials", status_code=303)


async def _own_page(request: Request) -> None:
    """Raise CsrfRefused unless one of our pages sent it, as forms without files are asked."""
    account = await account_of(request)
    token = request.headers.get(HEADER, "")
    if account is None or not hmac.compare_digest(token.encode(), account.csrf_token.encode()):
        raise CsrfRefused


def _sentence(error: DomainError, request: Request) -> Markup:
    language = language_of(request.scope)
    told = [error.detail(language), *(in_language(one.message, language) for one in error.errors)]
    return Markup("<p><strong>{}</strong></p>").format(" ".join(dict.fromkeys(map(str, told))))
