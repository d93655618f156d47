"""How a batch's subjects stand now, held against what was last reported of them.

Judges only what is to be looked at, and gathers what changed; must never write it, nor look
further than what is known.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from libs.common.bus.subjects import Subject
from libs.common.law.clock import Clock
from libs.common.law.dossier import Check, Dossier
from libs.common.law.fold import Fold, Judged
from libs.common.law.instants import from_micros, to_micros
from libs.common.law.rule import Deadline, Guard, Minimum, Pattern, Rule
from libs.common.law.stage import NOTHING, awaited, next_look, reminded_of, waits_until
from services.e_monitor.clock.known import Known
from services.e_monitor.finding.policy import (
    Standing,
    finding_id,
    of_check,
    of_clock,
    waiting,
)
from services.e_monitor.finding.repository import Found
from services.e_monitor.notice.policy import passed, why_withdrawn
from services.e_monitor.notice.reminders import Reminder

BEFORE_ALL: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Where nothing is known yet, no time has passed."""


@dataclass(slots=True)
class Gathered:
    """What a batch will write about findings and reminders."""

    found: list[Found] = field(default_factory=list)
    gone: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    reminded: list[Reminder] = field(default_factory=list)
    withdrawn: list[tuple[uuid.UUID, str]] = field(default_factory=list)


def why_gone(subject: str, corrected: Collection[str]) -> str:
    """Why a finding of a subject no longer holds."""
    return "entry_corrected" if subject in corrected else "no_longer_holds"


@dataclass(frozen=True, slots=True)
class Settling:
    """One subject's dossier being settled; what changed goes to `gathered`."""

    fold: Fold
    known: Known
    gathered: Gathered
    subject: Subject
    dossier: Dossier
    corrected: Collection[str]
    traces: Mapping[str, str]

    def settle(self) -> None:
        """Judge what is to be looked at now, and compare it with what was last reported."""
        self.fold.survey(self.dossier)
        for clock in self.dossier.clocks:
            if clock.look is not None:
                self._look(clock)
        looks = [clock.look for clock in self.dossier.clocks if clock.look is not None]
        for check in self.dossier.checks:
            look = self._look_at_check(check)
            if look is not None:
                looks.append(look)
        self.subject.state = self.dossier.pack()
        self.subject.next_check_at = from_micros(min(looks)) if looks else None

    def _look(self, clock: Clock) -> None:
        """Judge one clock if its moment has come, and note when to look at it again."""
        fold, rule = self.fold, self.fold.book.by_key[clock.rule]
        known = self._known(rule)
        if clock.look is None or clock.look > to_micros(known):
            return
        judged = fold.judged_one(self.dossier, clock, known)
        pauses = self.dossier.pauses_of(rule.exclude) if isinstance(rule, Deadline) else []
        waits, look = NOTHING, None
        if isinstance(judged.rule, Deadline) and judged.reading is not None:
            counting = (judged.rule, judged.reading, fold.calendar, fold.zone)
            allowance = fold.book.allowance(self.subject.subject)
            waits = awaited(*counting, pauses=pauses, allowance=allowance)
            look = next_look(*counting, pauses=pauses, after=known, awaited=waits)
        clock.look = None if look is None else to_micros(look)
        standing = of_clock(
            self.subject.subject, judged, fold.calendar.version, pauses, awaited=waits, known=known
        )
        if isinstance(judged.rule, Minimum):
            standing, clock.look = self._waiting(standing, clock.start, known)
        else:
            self._remind(judged, known)
        clock.standing = self._report(clock, standing)

    def _remind(self, judged: Judged, known: datetime) -> None:
        """Gather the reminder of a clock that has come, or that its limit ends soon no more."""
        clock, rule, reading = judged.clock, judged.rule, judged.reading
        ends = None
        if isinstance(rule, Deadline) and reading is not None:
            ends = reminded_of(rule, reading, self.fold.calendar, self.fold.zone, known)
        mark = None if ends is None else to_micros(ends)
        if mark == clock.reminded or (mark is None and passed(judged)):
            return
        subject, facts = self.subject.subject, self.dossier.facts
        name = finding_id(rule.id, subject, clock.occurrence)
        if ends is None:
            self.gathered.withdrawn.append((name, why_withdrawn(judged)))
        else:
            place = (clock.occurrence, facts.get("region"), facts.get("department"))
            self.gathered.reminded.append(Reminder(name, rule.id, subject, *place, ends))
        clock.reminded = mark

    def _look_at_check(self, check: Check) -> int | None:
        """Tell what a guard or detector found; when to look again, where its card waits."""
        rule = self.fold.book.by_key[check.rule]
        if not isinstance(rule, Guard | Pattern):
            return None
        standing = of_check(self.subject.subject, check, rule)
        standing, look = self._waiting(standing, check.at, self._known(rule))
        check.standing = self._report(check, standing)
        return look

    def _waiting(
        self, standing: Standing | None, at: int, known: datetime
    ) -> tuple[Standing | None, int | None]:
        """A card on what was found at one moment, held until the allowance from it has passed."""
        allowance = self.fold.book.allowance(self.subject.subject)
        if standing is None or not allowance:
            return standing, None
        until = waits_until(from_micros(at), allowance, self.fold.calendar, self.fold.zone)
        told = waiting(standing, until, known)
        return told, None if told is standing else to_micros(until)

    def _known(self, rule: Rule) -> datetime:
        return self.known.to(rule, self.subject.partition, self.subject.sequences) or BEFORE_ALL

    def _report(self, on: Clock | Check, standing: Standing | None) -> list[str] | None:
        """Gather what changed of the finding on a clock or check; its new mark."""
        subject = self.subject.subject
        if standing is None:
            if on.standing is not None:
                found = finding_id(on.rule.partition("@")[0], subject, on.occurrence)
                self.gathered.gone.append((found, why_gone(subject, self.corrected)))
            return None
        if standing.mark != on.standing:
            facts, trace = self.dossier.facts, self.traces.get(subject)
            place = (facts.get("region"), facts.get("department"))
            self.gathered.found.append(Found(standing, *place, trace))
        return standing.mark
