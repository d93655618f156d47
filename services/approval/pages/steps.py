"""The steps of a case as forms: their fields, and a filled-in form as the API's own body.

Must never decide whether a step may be taken: the transition table and the law do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from libs.common.identity.actor import Actor
from libs.common.law.lawful import Breach
from libs.common.web.inputs import Body
from libs.common.web.validation import refused
from services.approval.applicant.schemas import Kind
from services.approval.case import schemas, service
from services.approval.case.command import Step
from services.approval.case.correcting import correct_case
from services.approval.case.model import Case
from services.approval.case.policy import TRANSITIONS, State
from services.approval.item.policy import TERMS


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    `kind`: text, words, number, day, moment, choice, yes_no, tick or list; `codes` are a choice's
    values, named by the texts of `group`. `applicant.name` is the value `name` of `applicant`.
    """

    name: str
    kind: str = "text"
    required: bool = False
    codes: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A step: the body it wants, its use case, and the fields of its form."""

    body: type[Body]
    do: Callable[[Step, Any], Awaitable[Case]]
    fields: tuple[Field, ...] = ()


def _choice(name: str, codes: Any, group: str, *, required: bool = True) -> Field:
    return Field(name, "choice", required, get_args(codes), group)


_LATE: Final = (Field("received_on", "day"), Field("received_on_reason", "words"))
_UNIT: Final = schemas.Unit

ACTS: Final[Mapping[str, Act]] = {
    "accept": Act(
        schemas.Accept,
        service.accept_case,
        (
            Field("tolerant", "tick"),
            Field("tolerance_limit", "number"),
            Field("on_commitment", "tick"),
        ),
    ),
    "pre-check": Act(
        schemas.PreCheck,
        service.pre_check,
        (Field("precheck_passed", "yes_no", required=True), Field("notice_no")),
    ),
    "request-supplement": Act(
        schemas.RequestSupplement,
        service.request_supplement,
        (
            Field("notice_no", required=True),
            Field("materials", "list", required=True),
            Field("supplement_defective", "tick"),
        ),
    ),
    "receive-supplement": Act(
        schemas.ReceiveSupplement,
        service.receive_supplement,
        (Field("notice_no", required=True), *_LATE),
    ),
    "refuse": Act(
        schemas.Refuse,
        service.refuse_case,
        (Field("ground", required=True), Field("remedy", required=True)),
    ),
    "issue-receipt": Act(
        schemas.IssueReceipt,
        service.issue_receipt,
        (Field("document_no", required=True), Field("sealed", "tick"), Field("dated", "tick")),
    ),
    "pause": Act(
        schemas.Pause,
        service.pause_case,
        (
            _choice("ground", schemas.Ground, "ground"),
            Field("notice_no", required=True),
            Field("noticed_length", "number"),
            _choice("noticed_unit", _UNIT, "unit", required=False),
        ),
    ),
    "resume": Act(schemas.Nothing, service.resume_case),
    "extend": Act(
        schemas.Extend,
        service.extend_case,
        (
            Field("extension_length", "number", required=True),
            _choice("approver_level", schemas.ApproverLevel, "approver_level"),
            Field("told_at", "moment", required=True),
        ),
    ),
    "correct": Act(
        schemas.Correct,
        correct_case,
        (
            _choice("reason_code", schemas.CorrectionReason, "reason_code"),
            Field("reason", "words", required=True),
            Field("item_code"),
            _choice("item_type", schemas.ItemType, "item_type", required=False),
            _choice("channel", schemas.Channel, "channel", required=False),
            Field("immediate", "yes_no"),
            Field("delivers_document", "yes_no"),
            Field("promised_limit", "number"),
            _choice("promised_unit", _UNIT, "unit", required=False),
            Field("without_promise", "tick"),
            Field("limit_set_by_law", "yes_no"),
            Field("statutory_limit", "number"),
            _choice("statutory_unit", _UNIT, "unit", required=False),
            Field("without_statutory_limit", "tick"),
        ),
    ),
    "start-step": Act(schemas.StartStep, service.start_step, (Field("step", required=True),)),
    "end-step": Act(schemas.EndStep, service.end_step, (Field("step", required=True),)),
    "decide": Act(
        schemas.Decide,
        service.decide_case,
        (
            _choice("outcome", schemas.Outcome, "outcome"),
            Field("delivers_document", "tick"),
            Field("licence_no"),
        ),
    ),
    "deliver": Act(schemas.Nothing, service.deliver_case),
    "close": Act(schemas.Nothing, service.close_case),
    "withdraw": Act(schemas.Nothing, service.withdraw_case),
}
APPLICANT: Final = (
    _choice("applicant.kind", Kind, "applicant_kind", required=False),
    Field("applicant.name"),
    Field("applicant.number"),
    Field("applicant.phone"),
)
RECEIVE: Final = (
    Field("item_code", required=True),
    _choice("item_type", schemas.ItemType, "item_type"),
    _choice("channel", schemas.Channel, "channel"),
    Field("window"),
    Field("immediate", "tick"),
    Field("delivers_document", "yes_no"),
    Field("promised_limit", "number"),
    _choice("promised_unit", _UNIT, "unit", required=False),
    Field("statutory_limit", "number"),
    _choice("statutory_unit", _UNIT, "unit", required=False),
    Field("limit_set_by_law", "tick"),
    Field("joint", "tick"),
    Field("lead_office"),
    *APPLICANT,
    *_LATE,
)
"""The form of a new case."""
RECEIVE_LISTED: Final = tuple(field for field in RECEIVE if field.name not in {*TERMS, "item_code"})
"""The form of a new case of an item that was chosen, and whose version says the rest."""


def offered(case: Case, actor: Actor) -> tuple[list[str], list[tuple[str, Breach]]]:
    """What `actor` may do to the case now, and what only a guard of the table still holds back."""
    open_to = [
        line
        for line in TRANSITIONS
        if State(case.state) in line.sources and line.who & actor.duties
    ]
    held = {
        line.action: found
        for line in open_to
        if line.guard is not None and (found := line.guard(case.standing())) is not None
    }
    free = [line.action for line in open_to if line.action in ACTS and line.action not in held]
    return free, [(action, found) for action, found in held.items() if action != "issue-receipt"]


def filled(
    shape: type[Body], fields: tuple[Field, ...], form: Mapping[str, str], zone: ZoneInfo
) -> Any:
    """The body that a form says. A field that the form does not have is refused as unknown.

    Raises:
        Invalid: a value is wrong or missing; names it.
    """
    kinds = {field.name: field.kind for field in fields}
    said = {name: _value(kinds.get(name, "text"), text, zone) for name, text in form.items()}
    # A box that is not ticked is not sent, and means no.
    said |= {name: False for name, kind in kinds.items() if kind == "tick" and name not in form}
    try:
        return shape.model_validate(_nested(said))
    except ValidationError as error:
        raise refused(error) from error


def _nested(said: Mapping[str, Any]) -> dict[str, Any]:
    """`a.b` as the value `b` of `a`."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        outer, _, inner = name.partition(".")
        if inner:
            found.setdefault(outer, {})[inner] = value
        else:
            found[name] = value
    return found


def _value(kind: str, text: str, zone: ZoneInfo) -> Any:
    match kind:
        case "number":
            return int(text) if text.isdecimal() and len(text) < 10 else text
        case "tick" | "yes_no":
            return {"true": True, "false": False}.get(text, text)
        case "list":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "moment":
            return _moment(text, zone)
    return text


def _moment(text: str, zone: ZoneInfo) -> str:
    """A local time as browsers send it, in the city's zone; other text as it is."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if value.tzinfo else value.replace(tzinfo=zone).isoformat()
