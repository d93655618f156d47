"""Events into clocks: what the monitor's worker does with a batch, and when time has passed.

In-order events fold into the subject's row; late ones and corrections refold the subject from its
observations.
Time is what the horizons say: a clock is judged at the instant to which the topics that could
still stop it are known to be complete, so being behind never makes a finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from libs.common.bus import subjects as store
from libs.common.bus.batch import Horizons, Number
from libs.common.bus.protocol import PARTITIONS, TopicPartition
from libs.common.bus.subjects import Subject
from libs.common.db.engine import Connection, Pool
from libs.common.directory.projection import Heard
from libs.common.events import Event
from libs.common.law.correction import CORRECTIONS
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold
from libs.common.law.instants import to_micros
from services.e_monitor.apart import Apart
from services.e_monitor.clock import repository
from services.e_monitor.clock.carry import carry_reminders, carry_standing
from services.e_monitor.clock.known import Known, Stops
from services.e_monitor.clock.settling import BEFORE_ALL, Gathered, Settling, why_gone
from services.e_monitor.finding import service as finding_service
from services.e_monitor.finding.policy import finding_id
from services.e_monitor.gap.handlers import sweep_gaps
from services.e_monitor.match.handlers import Joins, sweep_joins
from services.e_monitor.notice import reminders

TOPICS: Final = ("approval", "trading", "registry", "disclosure")
SWEEP_PAGE: Final = 2000


@dataclass
class MonitorEffects:
    """The effects of one batch on clocks, findings and joins."""

    fold: Fold
    known: Known
    joins: Joins
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    traces: dict[str, str] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Fold an event, or mark its subject for refolding: it comes late, or corrects another."""
        name = subject.subject
        self.rows.append(repository.row_of(event, topic))
        if event.traceparent is not None:
            self.traces[name] = event.traceparent
        self.joins.apply(event, topic)
        self.heard.hear(event)
        if name in self.late or not self.fold.concerns(event):
            return
        dossier = self.dossiers.get(name)
        if dossier is None:
            dossier = self.dossiers[name] = Dossier.unpack(subject.state or {})
        order = (to_micros(event.time), *event.order[1:])
        if event.type in CORRECTIONS:
            self.corrected.add(name)
            self.late.add(name)
        elif dossier.last is not None and order < dossier.last:
            self.late.add(name)
        else:
            self.fold.apply(dossier, event)

    def again(self, subject: Subject) -> None:
        """Fold a subject anew from its observations, and judge it."""
        self.dossiers[subject.subject] = Dossier.unpack(subject.state or {})
        self.late.add(subject.subject)
        self.joins.again.append(subject.subject)

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """Which event had each number, from the observations."""
        return await repository.ids(connection, numbers)

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Observations, refolds, states, findings, joins."""
        await repository.observe(connection, self.rows)
        await self.heard.write(connection)
        gathered = Gathered()
        if self.late:
            await self._refold(connection, gathered)
        for name, dossier in self.dossiers.items():
            Settling(
                self.fold,
                self.known,
                gathered,
                subjects[name],
                dossier,
                self.corrected,
                self.traces,
            ).settle()
        await finding_service.settle(connection, gathered.found, gathered.gone)
        await reminders.settle(connection, gathered.reminded, gathered.withdrawn)
        await self.joins.write(connection)

    async def _refold(self, connection: Connection, gathered: Gathered) -> None:
        by_subject: dict[str, list[Event]] = {name: [] for name in self.late}
        for event in await repository.events_of(connection, list(self.late)):
            by_subject[event.subject].append(event)
        for name, events in by_subject.items():
            dossier = self.fold.fold(events)
            for rule, occurrence in carry_standing(self.dossiers[name], dossier):
                found = finding_id(rule, name, occurrence)
                gathered.gone.append((found, why_gone(name, self.corrected)))
            for rule, occurrence in carry_reminders(self.dossiers[name], dossier):
                gathered.withdrawn.append((finding_id(rule, name, occurrence), "void"))
            self.dossiers[name] = dossier


class MonitorHandler:
    """What the monitor does with events, and each time its horizon has moved."""

    topics: Sequence[str] = TOPICS

    def __init__(self, fold: Fold) -> None:
        self.fold = fold
        self.apart = Apart()
        self._stops = Stops(fold.book)

    def begin(self, horizons: Horizons) -> MonitorEffects:
        """Start a batch."""
        return MonitorEffects(self.fold, Known(self._stops, horizons), Joins(self.fold))

    async def sweep(self, pool: Pool, held: frozenset[TopicPartition]) -> None:
        """Fire the timers that the horizons have passed, page by page.

        A subject that can't be judged is set aside; the others are judged all the same.
        """
        partitions = sorted({place.partition for place in held})
        after = (BEFORE_ALL, "")
        while True:
            async with store.acquired(pool) as connection:
                known = Known(self._stops, await store.horizons(connection))
                upto = known.furthest(TOPICS, partitions)
                page = await repository.due(connection, partitions, upto, after, SWEEP_PAGE)
            if page:
                after = page[-1]
                await self.apart.each(pool, [name for _, name in page], self._judge)
            if len(page) < SWEEP_PAGE:
                break
        await sweep_joins(pool, self.fold, PARTITIONS, self.apart)
        await sweep_gaps(pool, self.fold, partitions, self.apart)

    async def _judge(self, connection: Connection, names: Sequence[str]) -> None:
        """Judge subjects, but those that someone else has at hand or that are set aside."""
        effects = self.begin(await store.horizons(connection))
        rows = {one.subject: one for one in await repository.free(connection, names)}
        for name, subject in rows.items():
            effects.dossiers[name] = Dossier.unpack(subject.state or {})
        await effects.write(connection, rows)
        await store.save(connection, rows.values())

    async def fold_anew(self, connection: Connection, names: Sequence[str]) -> None:
        """Fold subjects anew from their observations, under the law in force now."""
        effects = self.begin(await store.horizons(connection))
        rows = {one.subject: one for one in await repository.locked(connection, names)}
        for subject in rows.values():
            effects.again(subject)
        await effects.write(connection, rows)
        await store.save(connection, rows.values())
