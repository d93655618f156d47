"""The frame of every command on a tender or its award: lock, ask, write, hand the event over.

Tender, award, audit row and outbox row are written in the caller's transaction. Must never commit.
The time of an event is the city's, read when the lock is held: read earlier, a later event could
bear an earlier time.
"""

from collections.abc import Callable, Mapping, Sequence
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
from services.resource_trading.award.model import Award
from services.resource_trading.award.policy import TRANSITIONS as AWARD_TRANSITIONS
from services.resource_trading.metrics import REFUSALS
from services.resource_trading.tender import policy, repository
from services.resource_trading.tender.errors import KeptElsewhere, StepNotPossible, TenderExists
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import TRANSITIONS, Standing, State, Transition

_ROWS: Final = (*TRANSITIONS, *AWARD_TRANSITIONS)
_BY_STEP: Final = {(source, row.event): row for row in _ROWS for source in row.sources}


@dataclass(slots=True)
class Step:
    """A command under way: the locked tender with its award, and the city's time."""

    session: AsyncSession
    actor: Actor
    tender: Tender
    award: Award | None
    now: datetime
    law: Fold

    def due_award(self) -> Award:
        """The tender's award, begun now if there is none."""
        if self.award is None:
            self.award = Award(ref=self.tender.ref)
        return self.award


async def begin(
    session: AsyncSession, actor: Actor, ref: str, match: Precondition, *, law: Fold
) -> Step:
    """Lock a tender of the actor's region at a version that the caller knows.

    Raises:
        NotFound: no such tender in the actor's region or those within it.
        PreconditionFailed: someone was faster.
        KeptElsewhere: the tender is imported; it is kept, and goes on, in another system.
    """
    found = await repository.lock(session, ref, Scope.of(actor.region))
    if found is None:
        raise NotFound
    tender, award, now = found
    match.require(tender.version)
    if tender.origin is not None:
        raise KeptElsewhere(ref=ref, origin=tender.origin)
    return Step(session, actor, tender, award, now, law)


async def finish(
    step: Step,
    payload: Payload,
    *,
    change: Callable[[Step], None] = lambda step: None,
    detail: Mapping[str, Any] | None = None,
) -> Step:
    """Hold the step that `payload` tells of against table and law; then write it.

    `change` sets what the step changes beside state and version, and runs only once all agree;
    `detail` goes to the audit row alone.

    Raises:
        StepNotPossible, Forbidden: the table has no such step from here, or not for this post.
        LawRefused: a guard of the table or of the rulebook is breached. Nothing was written.
    """
    tender, data = step.tender, payload.model_dump(mode="json", exclude_none=True)
    row = _row(step, payload)
    _lawful(row, policy.breaches(row, _standing(step, data)))
    history = [*tender.history, remembered(payload.event_type, step.now, data)]
    _lawful(row, _forbidden(step, history))
    change(step)
    tender.state = row.to or tender.state
    tender.history = history
    tender.version += 1
    audited = audit_write(
        step.actor.post,
        step.actor.office,
        row.action,
        tender.subject,
        tender.version,
        at=step.now,
        detail=detail or {},
    )
    beside = [*await _saved(step), audited]
    await emit(step.session, [_draft(step, payload)], now=step.now, beside=beside)
    return step


def _row(step: Step, payload: Payload) -> Transition:
    state = State(step.tender.state) if step.tender.version else None
    row = _BY_STEP.get((state, type(payload)))
    if row is None:
        raise StepNotPossible(action=payload.event_type.split(".")[-2], state=state or "none")
    duties = step.actor.duties & row.who
    # A tenderer acts on its own tenders, the centre on every one of its region.
    if not duties or (duties == {"tenderer"} and step.actor.office != step.tender.office):
        raise Forbidden
    return row


def _lawful(row: Transition, found: Sequence[Breach]) -> None:
    require_lawful(found, row.action, REFUSALS)


def _forbidden(step: Step, history: Sequence[Sequence[Any]]) -> list[Breach]:
    region, office = step.tender.region, step.tender.office

    def before() -> Dossier:
        return dossier_of(step.law, history[:-1], region, office)

    after = dossier_of(step.law, history, region, office)
    return breaches(step.law, before, after, step.now)


def _standing(step: Step, data: Mapping[str, Any]) -> Standing:
    tender, award = step.tender, step.award
    return Standing(
        state=State(tender.state),
        now=step.now,
        mandatory=bool(tender.mandatory),
        bid_deadline=tender.bid_deadline,
        objections=tender.objections,
        publicity_until=award.publicity_until if award else None,
        candidates=frozenset(
            row["party"] for row in (award.candidates if award else ()) if row.get("party")
        ),
        reported=award is not None and award.reported_at is not None,
        refunded=award is not None and award.refunded_at is not None,
        data=data,
    )


async def _saved(step: Step) -> list[Write]:
    """What is still to be written; a new tender is in already, so that its number is known free."""
    tender = step.tender
    if tender.version > 1:
        return repository.saved(tender, step.award)
    if not await repository.add(step.session, tender):
        raise TenderExists(ref=tender.ref)
    return []


def _draft(step: Step, payload: Payload) -> Draft:
    tender = step.tender
    return Draft(
        payload,
        subject=tender.subject,
        sequence=tender.version,
        source=f"/{tender.region}/trading",
        time=step.now,
        regime="招标投标法",
        actor=step.actor.post,
        region=tender.region,
        department=tender.office,
    )
