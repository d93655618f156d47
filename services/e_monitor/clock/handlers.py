"""Events into clocks: what the monitor's worker does with a batch, and when time has passed.

In-order events fold into the subject's row; late ones refold the subject from its observations.
Time is what the horizons say: a clock is judged at the instant to which the topics that could
still stop it are known to be complete, so being behind never makes a finding.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from libs.common.bus import subjects as store
from libs.common.bus.batch import Horizons, Number
from libs.common.bus.protocol import PARTITIONS, TopicPartition
from libs.common.bus.subjects import Subject
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event
from libs.common.law.clock import Clock
from libs.common.law.dossier import Check, Dossier
from libs.common.law.fold import Fold
from libs.common.law.instants import from_micros, to_micros
from libs.common.law.rule import Deadline, Guard, Pattern
from libs.common.law.stage import next_look
from services.e_monitor.apart import Apart
from services.e_monitor.clock import repository
from services.e_monitor.clock.known import Known, Stops
from services.e_monitor.finding import service as finding_service
from services.e_monitor.finding.policy import Standing, finding_id, of_check, of_clock
from services.e_monitor.finding.repository import Found
from services.e_monitor.gap.handlers import sweep_gaps
from services.e_monitor.match.handlers import Joins, sweep_joins

TOPICS: Final = ("approval", "trading", "registry", "disclosure")
SWEEP_PAGE: Final = 2000
BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where nothing is known yet, no time has passed."""


@dataclass(slots=True)
class Gathered:
    """What a batch will write about findings."""

    found: list[Found] = field(default_factory=list)
    gone: list[tuple[uuid.UUID, str]] = field(default_factory=list)


@dataclass
class MonitorEffects:
    """The effects of one batch on clocks, findings and joins."""

    fold: Fold
    known: Known
    joins: Joins
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    traces: dict[str, str] = field(default_factory=dict)

    def apply(self, subject: Subject, event: Event, topic: str) -> None:
        """Fold an event, or mark its subject for refolding when it comes late."""
        name = subject.subject
        self.rows.append(repository.row_of(event, topic))
        if event.traceparent is not None:
            self.traces[name] = event.traceparent
        self.joins.apply(event, topic)
        if name in self.late or not self.fold.concerns(event):
            return
        dossier = self.dossiers.get(name)
        if dossier is None:
            dossier = self.dossiers[name] = Dossier.unpack(subject.state or {})
        order = (to_micros(event.time), *event.order[1:])
        if dossier.last is not None and order < dossier.last:
            self.late.add(name)
        else:
            self.fold.apply(dossier, event)

    def again(self, subject: Subject) -> None:
        """Fold a subject anew from its observations, and judge it."""
        self.dossiers[subject.subject] = Dossier.unpack(subject.state or {})
        self.late.add(subject.subject)

    async def known_ids(
        self, connection: Connection, numbers: Sequence[Number]
    ) -> Mapping[Number, str]:
        """Which event had each number, from the observations."""
        return await repository.ids(connection, numbers)

    async def write(self, connection: Connection, subjects: Mapping[str, Subject]) -> None:
        """Observations, refolds, states, findings, joins."""
        await repository.observe(connection, self.rows)
        gathered = Gathered()
        if self.late:
            await self._refold(connection, gathered)
        for name, dossier in self.dossiers.items():
            self._settle(subjects[name], dossier, gathered)
        await finding_service.settle(connection, gathered.found, gathered.gone)
        await self.joins.write(connection)

    async def _refold(self, connection: Connection, gathered: Gathered) -> None:
        by_subject: dict[str, list[Event]] = {name: [] for name in self.late}
        for event in await repository.events_of(connection, list(self.late)):
            by_subject[event.subject].append(event)
        for name, events in by_subject.items():
            dossier = self.fold.fold(events)
            for rule, occurrence in carry_standing(self.dossiers[name], dossier):
                gathered.gone.append((finding_id(rule, name, occurrence), "no_longer_holds"))
            self.dossiers[name] = dossier

    def _settle(self, subject: Subject, dossier: Dossier, gathered: Gathered) -> None:
        """Judge what is to be looked at now, and compare it with what was last reported."""
        self.fold.survey(dossier)
        for clock in dossier.clocks:
            if clock.look is not None:
                self._look(subject, dossier, clock, gathered)
        for check in dossier.checks:
            rule = self.fold.book.by_key[check.rule]
            if isinstance(rule, Guard | Pattern):
                standing = of_check(subject.subject, check, rule)
                check.standing = self._report(subject, check, standing, gathered)
        subject.state = dossier.pack()
        looks = [clock.look for clock in dossier.clocks if clock.look is not None]
        subject.next_check_at = from_micros(min(looks)) if looks else None

    def _look(self, subject: Subject, dossier: Dossier, clock: Clock, gathered: Gathered) -> None:
        """Judge one clock if its moment has come, and note when to look at it again."""
        rule = self.fold.book.by_key[clock.rule]
        known = self.known.to(rule, subject.partition, subject.sequences) or BEFORE_ALL
        if clock.look is None or clock.look > to_micros(known):
            return
        judged = self.fold.judged_one(dossier, clock, known)
        pauses = dossier.pauses_of(rule.exclude) if isinstance(rule, Deadline) else []
        standing = of_clock(subject.subject, judged, self.fold.calendar.version, pauses)
        clock.standing = self._report(subject, clock, standing, gathered)
        clock.look = None
        if isinstance(judged.rule, Deadline) and judged.reading is not None:
            look = next_look(
                judged.rule,
                judged.reading,
                self.fold.calendar,
                self.fold.zone,
                pauses=pauses,
                after=known,
            )
            clock.look = None if look is None else to_micros(look)

    def _report(
        self, subject: Subject, on: Clock | Check, standing: Standing | None, gathered: Gathered
    ) -> list[str] | None:
        """Gather what changed of the finding on a clock or check; its new mark."""
        if standing is None:
            if on.standing is not None:
                name = on.rule.partition("@")[0]
                found = finding_id(name, subject.subject, on.occurrence)
                gathered.gone.append((found, "no_longer_holds"))
            return None
        if standing.mark != on.standing:
            facts = self.dossiers[subject.subject].facts
            trace = self.traces.get(subject.subject)
            gathered.found.append(
                Found(standing, facts.get("region"), facts.get("department"), trace)
            )
        return standing.mark


def carry_standing(old: Dossier, new: Dossier) -> list[tuple[str, int]]:
    """Take over to a refolded dossier what was reported of the old one.

    The (rule id, occurrence) of what a late event or a changed law made vanish is returned: what
    stood on it no longer holds. Versions of a rule count their occurrences together.
    """
    vanished = []
    heirs: list[Clock | Check] = [*new.clocks, *new.checks]
    found = {(heir.rule.partition("@")[0], heir.occurrence): heir for heir in heirs}
    earlier: list[Clock | Check] = [*old.clocks, *old.checks]
    for reported in earlier:
        if reported.standing is None:
            continue
        place = (reported.rule.partition("@")[0], reported.occurrence)
        heir = found.get(place)
        if heir is None:
            vanished.append(place)
        else:
            heir.standing = reported.standing
    return vanished


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
        await sweep_joins(pool, self.fold, PARTITIONS)
        await sweep_gaps(pool, self.fold, partitions)

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
