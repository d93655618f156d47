"""The frame of every command on a case: lock, ask the policy, write, hand the event over.

Case, audit row and outbox row are written in the caller's transaction. Must never commit. The time
of an event is the city's, read when the lock is held: read earlier, a later event could bear an
earlier time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import Draft, emit
from libs.common.db.audit import audit_write
from libs.common.db.writes import Write
from libs.common.events import Payload
from libs.common.identity.actor import Actor
from libs.common.identity.scope import Scope
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold
from libs.common.law.lawful import Breach, breaches, dossier_of, remembered
from libs.common.web.errors import Forbidden, NotFound
from libs.common.web.etag import Precondition
from libs.common.web.law import require_lawful
from services.approval.case import policy, repository
from services.approval.case.deadline import deadlines, extension_breaches
from services.approval.case.errors import StepNotPossible
from services.approval.case.model import Case
from services.approval.case.policy import State, Transition
from services.approval.metrics import REFUSALS

LICENCE: Final = "行政许可"
_DEADLINES_MOVE: Final = frozenset({"accept", "pause", "resume", "extend", "correct"})


@dataclass(frozen=True, slots=True)
class Step:
    """A command under way: the locked case, its line of the table, and the city's time."""

    session: AsyncSession
    actor: Actor
    case: Case
    line: Transition
    now: datetime
    law: Fold


async def begin(
    session: AsyncSession,
    actor: Actor,
    case_no: str,
    match: Precondition,
    action: str,
    *,
    law: Fold,
) -> Step:
    """Lock the case and make sure that `actor` may do `action` to it now.

    Raises:
        NotFound: no such case in the actor's office and region.
        Forbidden, PreconditionFailed, StepNotPossible: as they say.
    """
    if not actor.duties & policy.who_may(action):
        raise Forbidden
    own = Scope.of(actor.region, actor.office)
    found = await repository.lock(session, case_no, own)
    if found is None:
        raise NotFound
    case, now = found
    match.require(case.version)
    line = line_of(State(case.state), action)
    if not actor.duties & line.who:
        raise Forbidden
    return Step(session, actor, case, line, now, law)


def line_of(state: State | None, action: str) -> Transition:
    """The table's line; raises StepNotPossible when there is none."""
    line = policy.transition(state, action)
    if line is None:
        raise StepNotPossible(action=action, state=state or "none")
    return line


def _lawful(step: Step, found: Sequence[Breach]) -> None:
    require_lawful(found, step.line.action, REFUSALS)


async def finish(
    step: Step,
    payload: Payload,
    *,
    at: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
    beside: Sequence[Write] = (),
) -> Case:
    """Hold the step against the law; then write the case with `changes`, audit row and event.

    `at` is the event's time where it is not now; `detail` goes to the audit row alone; `beside`
    are other rows of the same command.

    Raises:
        LawRefused: a guard of the table or of the rulebook is breached. Nothing was written.
    """
    case = step.case
    time = at or step.now
    data = payload.model_dump(mode="json", exclude_none=True)
    held = step.line.guard(case.standing()) if step.line.guard else None
    _lawful(step, [held] if held else [])
    history = [*case.history, remembered(payload.event_type, time, data)]
    after = _tried(step, history)
    _change(step, after, {"history": history, "last_event_at": time, **(changes or {})})
    audited = audit_write(
        step.actor.post,
        step.actor.office,
        step.line.action,
        case.subject,
        case.version,
        at=step.now,
        detail=detail or {},
    )
    rows = [repository.saved(case), *beside, audited]
    await emit(step.session, [_draft(step, payload, time)], now=step.now, beside=rows)
    return case


def _tried(step: Step, history: Sequence[Sequence[Any]]) -> Dossier:
    """The dossier after the step; raises LawRefused where the law forbids it."""
    case, law = step.case, step.law

    def before() -> Dossier:
        return dossier_of(law, history[:-1], case.region, case.office)

    after = dossier_of(law, history, case.region, case.office)
    # A correction says what was so all along: what that breaks is found, never refused.
    if step.line.action != "correct":
        _lawful(step, breaches(law, before, after, step.now))
    if step.line.action == "extend":
        _lawful(step, extension_breaches(law, before(), after, step.now))
    return after


def _change(step: Step, after: Dossier, changes: Mapping[str, Any]) -> None:
    case = step.case
    case.version += 1
    case.state = step.line.to or case.state
    for name, value in changes.items():
        setattr(case, name, value)
    if step.line.action in _DEADLINES_MOVE:
        rows = deadlines(step.law, after, step.now)
        case.deadlines = [row.as_json() for row in rows]
        case.due_at = rows[0].until if rows else None
    elif case.state != State.ACCEPTED:
        case.due_at = None


def _draft(step: Step, payload: Payload, time: datetime) -> Draft:
    case = step.case
    return Draft(
        payload,
        subject=case.subject,
        sequence=case.version,
        source=f"/{case.region}/approval",
        time=time,
        regime="行政许可法" if case.item_type == LICENCE else None,
        actor=step.actor.post,
        region=case.region,
        department=case.office,
    )
