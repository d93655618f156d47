"""`/window/cases/{case_no}/receipt`: the notice to the applicant, as page and as PDF."""

from __future__ import annotations

from fastapi import APIRouter, Response

from libs.common.web.errors import NotFound
from services.approval.applicant import repository as applicants
from services.approval.case import repository
from services.approval.case.endpoints import CaseNo
from services.approval.case.policy import serves
from services.approval.pages.paper import Paper, paper
from services.approval.pages.pdf import as_pdf
from services.approval.pages.site import Here, Site

router = APIRouter()


class NoNotice(NotFound):
    """404: the application has been neither accepted nor refused."""

    code = "no_notice"
    zh = "该办件尚未受理,也未作出不予受理的决定,还没有通知书"
    en = "The application has been neither accepted nor refused, so there is no notice yet"


@router.get("/window/cases/{case_no}/receipt")
async def receipt(case_no: CaseNo, here: Here) -> Response:
    """The notice to read and print."""
    return here.page("receipt.html", paper=await _notice(here, case_no))


@router.get("/window/cases/{case_no}/receipt.pdf")
async def receipt_pdf(case_no: CaseNo, here: Here) -> Response:
    """The notice with the same words as PDF."""
    content = as_pdf(await _notice(here, case_no), language=here.words.language)
    shown = {
        "Content-Disposition": f'inline; filename="receipt-{case_no}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/pdf", headers=shown)


async def _notice(here: Site, case_no: str) -> Paper:
    case = await repository.find(here.session, case_no, here.scope)
    # It names the applicant and the query code: for the office that hands it out.
    if case is None or not serves(here.actor.office, here.actor.duties, case.office):
        raise NotFound
    names = await here.item_names([case])
    office = await here.office_name(case.office)
    found = paper(
        case,
        law=here.law,
        say=here.words,
        office=office,
        item=names[case.case_no],
        applicant=await applicants.of_case(here.session, case_no),
    )
    if found is None:
        raise NoNotice
    return found
