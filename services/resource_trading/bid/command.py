"""The frame of every command on opened bids: ask the table, write, hand the event over.

The tender is locked before (`tender.command.begin`) and its version counts the events, but a bid
leaves the tender's own history alone: no guard of the tender reads it. Must never commit.
"""

from collections.abc import Mapping
from typing import Any

from libs.common.bus.outbox import Draft, emit
from libs.common.db.audit import audit_write
from libs.common.db.writes import Write
from libs.common.events import Payload
from libs.common.identity.actor import Actor
from libs.common.web.errors import Forbidden
from services.resource_trading.bid import policy, repository
from services.resource_trading.bid.errors import BidsSealed, BidStepNotPossible
from services.resource_trading.bid.model import Bid
from services.resource_trading.bid.policy import SEALED_LAW, BidState, Transition
from services.resource_trading.tender.command import Step
from services.resource_trading.tender.model import Tender
from services.resource_trading.tender.policy import State


def require_opened(step: Step) -> None:
    """Raise BidsSealed before the opening, by the city's clock."""
    tender = step.tender
    if policy.sealed(State(tender.state), tender.bid_deadline, step.now):
        raise BidsSealed(law=SEALED_LAW)


def permitted(step: Step, bid: Bid | None, event: type[Payload]) -> Transition:
    """The table's line for a step.

    Raises:
        BidStepNotPossible, Forbidden: there is none from here, or not for this post.
    """
    tender = State(step.tender.state)
    row = policy.transition(None if bid is None else BidState(bid.state), tender, event)
    if row is None:
        action, state = event.event_type.split(".")[-2], "none" if bid is None else bid.state
        raise BidStepNotPossible(action=action, state=state, tender=tender)
    require_duty(step.actor, step.tender, row.who)
    return row


def require_duty(actor: Actor, tender: Tender, who: frozenset[str]) -> None:
    """Raise Forbidden for a post without any of these duties on this tender."""
    duties = actor.duties & who
    # A tenderer acts on its own tenders, the centre on every one of its region.
    if not duties or (duties == {"tenderer"} and actor.office != tender.office):
        raise Forbidden


async def finish(step: Step, row: Transition, bid: Bid, payload: Payload) -> Bid:
    """Write a permitted step: bid, the tender's version, audit row and event in one statement."""
    bid.state = row.to or bid.state
    bid.version = step.tender.version + 1
    await write(step, row.action, payload, {"bid_no": bid.bid_no}, [repository.saved(bid)])
    return bid


async def write(
    step: Step, action: str, payload: Payload, detail: Mapping[str, Any], rows: list[Write]
) -> int:
    """Raise the tender's version with an event of it, an audit row and `rows`; the new version."""
    tender, version = step.tender, step.tender.version + 1
    actor = step.actor
    audited = audit_write(
        actor.post,
        actor.office,
        f"bid.{action}",
        tender.subject,
        version,
        at=step.now,
        detail=detail,
    )
    draft = Draft(
        payload,
        subject=tender.subject,
        sequence=version,
        source=f"/{tender.region}/trading",
        time=step.now,
        regime="招标投标法",
        actor=actor.post,
        region=tender.region,
        department=tender.office,
    )
    beside = [*rows, repository.raised(tender.ref, version), audited]
    await emit(step.session, [draft], now=step.now, beside=beside)
    return version
