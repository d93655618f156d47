"""The HTTP face of cases.

Each command is a POST to the case's address and its name; it wants `If-Match` and takes
`Idempotency-Key`. It asks for its session, actor and law itself: solving a dependency takes FastAPI
longer than that. Must never decide anything.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.identity.actor import Acting, Actor, acting
from libs.common.identity.permissions import permitted
from libs.common.identity.scope import Scope
from libs.common.identity.signed import SignedCommandRoute
from libs.common.law.fold import Fold
from libs.common.law.instants import to_micros
from libs.common.web.errors import NotFound
from libs.common.web.etag import IfMatch, Precondition, set_etag
from libs.common.web.law import law_of
from libs.common.web.page import Page, link_next
from libs.common.web.session import Session, begun_session
from services.approval.applicant import repository as applicants
from services.approval.applicant.schemas import ShownApplicant
from services.approval.case import repository, schemas, service
from services.approval.case.command import Step, begin
from services.approval.case.correcting import correct_case
from services.approval.case.model import Case
from services.approval.case.policy import State, serves
from services.approval.case.sought import Sought

router = APIRouter(prefix="/cases", route_class=SignedCommandRoute, tags=["cases 办件"])
CaseNo = Annotated[str, Path(pattern=r"^\d{2,12}-\d{8}-\d{8,18}$", max_length=40)]
Within = Annotated[Scope, Depends(permitted("case.read"))]
Words = Annotated[str, Query(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _shown(case: Case, response: Response) -> schemas.Case:
    set_etag(response, case.version)
    return schemas.Case.model_validate(case)


@router.post("", status_code=201)
async def receive(
    body: schemas.Receive, request: Request, response: Response
) -> schemas.ReceivedCase:
    """收件. Answers with the case number and, here alone, the query code."""
    actor, law = await acting(request), await law_of(request)
    case = await service.receive_case(
        begun_session(request), actor, body, law=law, marker=request.app.state.marker
    )
    response.headers["Location"] = f"/api/approval/v1/cases/{case.case_no}"
    set_etag(response, case.version)
    return schemas.ReceivedCase.model_validate(case)


@router.get("")
async def page(
    request: Request,
    response: Response,
    *,
    session: Session,
    scope: Within,
    asked: Page,
    state: Annotated[State | None, Query()] = None,
    order: Annotated[Literal["number", "due"], Query()] = "number",
    q: Words = "",
    applicant: Words = "",
    licence: Words = "",
) -> schemas.CasePage:
    """The cases within the caller's scope by number; `?state=` for one state.

    `?order=due`: those that have a date for the decision, soonest first, as the queue shows them.
    `?q=` any of: beginning or end of the number, beginning of the item's code, licence, applicant;
    `?applicant=` beginning of the name, or the whole number; `?licence=` the whole number.
    """
    sought = Sought.of(request.app.state.marker, words=q, applicant=applicant, licence=licence)
    wanted: dict[str, Any] = {"state": state, "sought": sought, "limit": asked.limit + 1}
    if order == "due":
        cases = await repository.by_due(session, scope, after=asked.after_instant(), **wanted)
    else:
        cases = await repository.page(session, scope, after=asked.after_text(), **wanted)
    shown = cases[: asked.limit]
    if len(cases) > asked.limit:
        last = shown[-1]
        due = [to_micros(last.due_at)] if order == "due" and last.due_at else []
        link_next(request, response, *due, last.case_no)
    return schemas.CasePage(items=await _found(session, shown))


@router.get("/{case_no}")
async def get(
    case_no: CaseNo, session: Session, scope: Within, response: Response
) -> schemas.FoundCase:
    """One case, with its ETag."""
    case = await repository.find(session, case_no, scope)
    if case is None:
        raise NotFound
    set_etag(response, case.version)
    (found,) = await _found(session, [case])
    return found


@router.get("/{case_no}/applicant")
async def applicant(
    case_no: CaseNo, session: Session, actor: Acting, scope: Within, response: Response
) -> ShownApplicant:
    """Who applied, for the clerks and approvers of the case's office alone."""
    case = await repository.find(session, case_no, scope)
    if case is None or not serves(actor.office, actor.duties, case.office):
        raise NotFound
    who = await applicants.of_case(session, case_no)
    if who is None:
        raise NotFound
    response.headers["Cache-Control"] = "no-store"
    return ShownApplicant.model_validate(who)


async def _found(session: AsyncSession, cases: list[Case]) -> list[schemas.FoundCase]:
    """The cases as read, with their applicants masked."""
    names = await applicants.of_cases(session, [case.case_no for case in cases])
    return [
        schemas.FoundCase.model_validate(case).model_copy(
            update={"applicant": names[case.case_no].name_masked if case.case_no in names else None}
        )
        for case in cases
    ]


@dataclass(frozen=True, slots=True)
class Command:
    """What every command on a case comes with."""

    case_no: str
    session: AsyncSession
    actor: Actor
    match: Precondition
    law: Fold
    response: Response

    async def begin(self, action: str) -> Step:
        """Lock the case for `action`."""
        return await begin(self.session, self.actor, self.case_no, self.match, action, law=self.law)

    def shown(self, case: Case) -> schemas.Case:
        """The answer: the case after the command, with its new ETag."""
        return _shown(case, self.response)


async def commanded(
    case_no: CaseNo, request: Request, response: Response, match: IfMatch
) -> Command:
    """The request's command."""
    actor, law = await acting(request), await law_of(request)
    return Command(case_no, begun_session(request), actor, match, law, response)


Commanded = Annotated[Command, Depends(commanded, scope="function")]


@router.post("/{case_no}/pre-check")
async def pre_check(command: Commanded, body: schemas.PreCheck) -> schemas.Case:
    """网上申请预审: tell the result of the look at what was sent online, once."""
    step = await command.begin("pre-check")
    return command.shown(await service.pre_check(step, body))


@router.post("/{case_no}/request-supplement")
async def request_supplement(command: Commanded, body: schemas.RequestSupplement) -> schemas.Case:
    """补正告知: everything that is missing, once."""
    step = await command.begin("request-supplement")
    return command.shown(await service.request_supplement(step, body))


@router.post("/{case_no}/receive-supplement")
async def receive_supplement(command: Commanded, body: schemas.ReceiveSupplement) -> schemas.Case:
    """补正收件."""
    step = await command.begin("receive-supplement")
    return command.shown(await service.receive_supplement(step, body))


@router.post("/{case_no}/accept")
async def accept(command: Commanded, body: schemas.Accept) -> schemas.Case:
    """受理. The answer says what is due when, under which rule."""
    step = await command.begin("accept")
    return command.shown(await service.accept_case(step, body))


@router.post("/{case_no}/refuse")
async def refuse(command: Commanded, body: schemas.Refuse) -> schemas.Case:
    """不予受理."""
    step = await command.begin("refuse")
    return command.shown(await service.refuse_case(step, body))


@router.post("/{case_no}/issue-receipt")
async def issue_receipt(command: Commanded, body: schemas.IssueReceipt) -> schemas.Case:
    """出具受理或不予受理凭证."""
    step = await command.begin("issue-receipt")
    return command.shown(await service.issue_receipt(step, body))


@router.post("/{case_no}/pause")
async def pause(command: Commanded, body: schemas.Pause) -> schemas.Case:
    """中止计时."""
    step = await command.begin("pause")
    return command.shown(await service.pause_case(step, body))


@router.post("/{case_no}/resume")
async def resume(command: Commanded, body: schemas.Nothing) -> schemas.Case:
    """恢复计时."""
    step = await command.begin("resume")
    return command.shown(await service.resume_case(step, body))


@router.post("/{case_no}/extend")
async def extend(command: Commanded, body: schemas.Extend) -> schemas.Case:
    """延期."""
    step = await command.begin("extend")
    return command.shown(await service.extend_case(step, body))


@router.post("/{case_no}/start-step")
async def start_step(command: Commanded, body: schemas.StartStep) -> schemas.Case:
    """环节开始."""
    step = await command.begin("start-step")
    return command.shown(await service.start_step(step, body))


@router.post("/{case_no}/end-step")
async def end_step(command: Commanded, body: schemas.EndStep) -> schemas.Case:
    """环节结束."""
    step = await command.begin("end-step")
    return command.shown(await service.end_step(step, body))


@router.post("/{case_no}/correct")
async def correct(command: Commanded, body: schemas.Correct) -> schemas.Case:
    """更正登记: what was entered wrong at the receipt. Dates are counted anew."""
    step = await command.begin("correct")
    return command.shown(await correct_case(step, body))


@router.post("/{case_no}/decide")
async def decide(command: Commanded, body: schemas.Decide) -> schemas.Case:
    """办结."""
    step = await command.begin("decide")
    return command.shown(await service.decide_case(step, body))


@router.post("/{case_no}/deliver")
async def deliver(command: Commanded, body: schemas.Nothing) -> schemas.Case:
    """送达."""
    step = await command.begin("deliver")
    return command.shown(await service.deliver_case(step, body))


@router.post("/{case_no}/close")
async def close(command: Commanded, body: schemas.Nothing) -> schemas.Case:
    """归档."""
    step = await command.begin("close")
    return command.shown(await service.close_case(step, body))


@router.post("/{case_no}/withdraw")
async def withdraw(command: Commanded, body: schemas.Nothing) -> schemas.Case:
    """撤回申请."""
    step = await command.begin("withdraw")
    return command.shown(await service.withdraw_case(step, body))
