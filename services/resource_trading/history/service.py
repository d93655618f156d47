"""Taking over tenders that another system keeps, some hundreds in a transaction.

An import that broke off is simply done again: what is known already is told no second time. Must
never commit, and must never touch a tender of our own, or one that yet another system keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import emit_recorded
from libs.common.db.writes import write
from libs.common.events import Event, Payload, new_id, payload_data
from libs.common.identity.actor import Actor
from services.resource_trading.history import repository
from services.resource_trading.history.effects import Known
from services.resource_trading.history.folding import ref_of, take
from services.resource_trading.history.repository import Standing
from services.resource_trading.history.told import Fault, History, Outcome, Read, Reject, Told
from services.resource_trading.tender.model import Tender

BATCH: Final = 200
Recorded = Literal["given", "now"]
"""When an event counts as recorded: when the other system wrote it down, or at the import."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where histories come from, and whose they are here.

    `mandatory`: whether all of them are 依法必须进行招标的项目, as whoever imports declares where a
    record does not say so itself; None declares nothing.
    """

    system: str
    region: str
    office: str
    regime: str | None = None
    recorded: Recorded = "given"
    mandatory: bool | None = None


@dataclass(slots=True)
class TenderImport:
    """One import, taken in batches; `outcome` is whole once all are taken and `closed` was called.

    `dry_run` writes nothing and answers the same.
    """

    actor: Actor
    origin: Origin
    read: Read
    dry_run: bool = False
    outcome: Outcome = field(default_factory=Outcome)
    _new: set[int] = field(default_factory=set)
    _faults: dict[int, Fault] = field(default_factory=dict)
    _left_out: Counter[str] = field(default_factory=Counter)

    async def take(self, session: AsyncSession, histories: Sequence[History]) -> None:
        """Take over some of the histories in the session's transaction."""
        now = await repository.begin(session)
        refs = [self._ref(history) for history in histories]
        standing = await repository.standing(session, refs)
        changed = [
            known
            for ref, history in zip(refs, histories, strict=True)
            if (known := self._taken(ref, history, standing, now)) is not None
        ]
        if changed and not self.dry_run:
            await self._write(session, changed, now)

    def closed(self) -> Outcome:
        """The outcome, once everything is taken: each record is counted once."""
        outcome, read = self.outcome, self.read
        outcome.read = read.read
        outcome.accepted = len(self._new)
        outcome.rejects = [
            *read.rejects,
            *(
                self._reject(fault)
                for fault in self._faults.values()
                if fault.record not in self._new
            ),
        ]
        outcome.duplicates = outcome.read - outcome.accepted - len(outcome.rejects)
        outcome.left_out = dict((Counter(read.left_out) + self._left_out).most_common())
        return outcome

    def _ref(self, history: History) -> str:
        return ref_of(self.origin.system, history.number, history.lot)

    def _taken(self, ref: str, history: History, standing: Standing, now: datetime) -> Known | None:
        """What the history changes; None if it changes nothing, or can't be taken."""
        known = self._known(ref, history, standing)
        if known.tender.origin != self.origin.system:
            self._refuse(history, "taken", f"{ref} is a tender that is not kept by this system")
            return None
        if known.tender.region != self.origin.region:
            self._refuse(history, "region", f"{ref} stands under region {known.tender.region}")
            return None
        was = known.tender.version
        take(known, history, now, self.origin.mandatory)
        self._left_out.update(known.left_out)
        for fault in known.faults:
            self._faults.setdefault(fault.record, fault)
        if not known.tender.state or not known.added:
            return None
        self.outcome.created += was == 0
        self.outcome.changed += was > 0
        self.outcome.events += len(known.added)
        self._new.update(told.record for _, told in known.added)
        return known

    def _known(self, ref: str, history: History, standing: Standing) -> Known:
        tender, award = standing.tenders.get(ref) or (self._empty(ref, history), None)
        return Known(tender, award, standing.bids.get(ref, {}))

    def _empty(self, ref: str, history: History) -> Tender:
        origin = self.origin
        return Tender(
            ref=ref,
            tender_no=history.number,
            lot=history.lot,
            region=origin.region,
            office=origin.office,
            kind=None,
            mandatory=None,
            state="",
            version=0,
            documents_from=None,
            documents_until=None,
            bid_deadline=None,
            origin=origin.system,
        )

    def _refuse(self, history: History, code: str, message: str) -> None:
        for told in history.told:
            self._faults.setdefault(told.record, Fault(told.record, code, "", message))

    def _reject(self, fault: Fault) -> Reject:
        file, position, excerpt = self.read.places[fault.record]
        return Reject(file, position, fault.code, fault.field, fault.message, excerpt)

    async def _write(self, session: AsyncSession, changed: Sequence[Known], now: datetime) -> None:
        awards = [known.award for known in changed if known.award is not None]
        bids = [known.bids[number] for known in changed for number in sorted(known.touched)]
        for rows in repository.written([known.tender for known in changed], awards, bids):
            await write(session, rows)
        detail: dict[str, Any] = {"origin": self.origin.system}
        if self.origin.mandatory is not None:
            detail["mandatory"] = self.origin.mandatory
        audits = [
            {"subject": one.tender.subject, "version": one.tender.version, "detail": detail}
            for one in changed
        ]
        await write(session, [repository.audited(self.actor, audits, at=now)])
        told = [event for known in changed for event in self._events(known, now)]
        await emit_recorded(session, told, topic="trading")

    def _events(self, known: Known, now: datetime) -> list[Event]:
        first = known.tender.version - len(known.added) + 1
        return [
            self._event(known.tender, payload, told, first + number, now)
            for number, (payload, told) in enumerate(known.added)
        ]

    def _event(
        self, tender: Tender, payload: Payload, told: Told, sequence: int, now: datetime
    ) -> Event:
        given = self.origin.recorded == "given"
        return Event(
            id=new_id(),
            type=payload.event_type,
            source=f"/{tender.region}/{self.origin.system}",
            subject=tender.subject,
            time=told.time,
            recordedtime=min(told.recorded, now) if given else now,
            sequence=sequence,
            data=payload_data(payload),
            regime=self.origin.regime,
            region=tender.region,
            department=tender.office,
        )
