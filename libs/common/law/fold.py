"""Folding events into dossiers, and telling how a dossier stands.

The standing set is a function of the events, the rulebook, the calendar and an instant: whatever
order events arrive in, folding them in their own order (`Event.order`) gives the same dossier.
Time never moves by an event, only by the instant passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from libs.common.events.contracts.disclosure import RecordPublished, RecordWithdrawn
from libs.common.events.envelope import Event
from libs.common.law.clock import Clock, NoLimit, Reading, due, judge
from libs.common.law.correction import CORRECTIONS, corrections_of, righted
from libs.common.law.dossier import Check, Dossier
from libs.common.law.effects import own_facts, planned, started, stop
from libs.common.law.facts import Truth, decide
from libs.common.law.guard import check
from libs.common.law.instants import day_of, from_micros, to_micros
from libs.common.law.minimum import judge_minimum
from libs.common.law.rule import Deadline, Guard, Minimum, Pattern, Rule
from libs.common.law.rulebook import Rulebook
from libs.common.law.survey import Survey, renew, surveyed
from libs.common.worktime import Calendar, civil_day

ABOUT_RECORDS: Final = frozenset({RecordPublished.event_type, RecordWithdrawn.event_type})
"""Events on a subject that speak of a record of it, with field names of their own."""
Detector = Callable[["PatternView", Mapping[str, Any]], Check | None]


@dataclass(frozen=True, slots=True)
class PatternView:
    """What a detector sees: the event, the dossier after it, and the means to count."""

    fold: Fold
    rule: Pattern
    dossier: Dossier
    event: Event


class Judged(NamedTuple):
    """A clock with its rule, whether the rule applies, and how it stands.

    Where the rule does not apply, or can't be told to (`missing` names the facts), there is no
    reading.
    """

    clock: Clock
    rule: Deadline | Minimum
    applies: Truth
    missing: tuple[str, ...]
    reading: Reading | None


@dataclass(frozen=True)
class Fold:
    """The law applied to subjects: one rulebook, one calendar, one zone."""

    book: Rulebook
    calendar: Calendar
    zone: ZoneInfo
    detectors: Mapping[str, Detector | Survey] = field(default_factory=dict)

    def concerns(self, event: Event) -> bool:
        """Whether any rule can read anything out of this event, if only when its subject began."""
        book = self.book
        return (
            event.type in book.watched
            or book.minds_beginning
            or not book.facts.isdisjoint(event.data)
            or event.type in CORRECTIONS
        )

    def fold(self, events: Iterable[Event]) -> Dossier:
        """A dossier from scratch, whatever order the events come in."""
        ordered = sorted(events, key=lambda event: event.order)
        dossier = Dossier(corrections=corrections_of(ordered))
        for event in ordered:
            self.apply(dossier, event)
        self.survey(dossier)
        return dossier

    def apply(self, dossier: Dossier, event: Event) -> None:
        """Fold one event that comes after all others in the dossier (`Event.order`).

        An event that tells no rule anything leaves no mark, so that it may come at any time. A
        correction leaves none either: what it corrects is folded anew with all others (`fold`).
        """
        corrected = dossier.corrections or event.type in CORRECTIONS
        said = righted(event, dossier.corrections) if corrected else event
        if said is None or not self.concerns(said):
            return
        event = said
        at = to_micros(event.time)
        if dossier.first is None:
            dossier.first = at
        dossier.last = (at, event.order[1], event.sequence)
        self._learn(dossier, event)
        book, kind = self.book, event.type
        if kind not in book.watched:
            return
        if kind in book.counted:
            dossier.counts[kind] = dossier.counts.get(kind, 0) + 1
        for name in book.pausing.get(kind, ()):
            self._pause(dossier, name, event, at)
        for voided in book.voiding.get(kind, ()):
            for clock in dossier.open_clocks(voided.key):
                clock.voided = kind
                clock.look = 0
        day = day_of(at, self.zone)
        for extended in book.extending.get(kind, ()):
            self._extend(dossier, extended, event, day)
        for ending in book.stopping.get(kind, ()):
            stop(dossier, ending, event, at)
        for beginning in book.starting.get(kind, ()):
            self._start(dossier, beginning, event, day)
        for looking in book.checking.get(kind, ()):
            self._check(dossier, looking, event, day)

    def survey(self, dossier: Dossier) -> None:
        """Let the surveys look at what was gathered since they last did, before checks are read.

        Once for many events: what a survey finds depends on all that is gathered, not on one.
        """
        for name in sorted(dossier.surveys):
            key, at = dossier.surveys[name]
            rule = self.book.by_key.get(key)
            survey = self.detectors.get(rule.detector) if isinstance(rule, Pattern) else None
            if isinstance(rule, Pattern) and isinstance(survey, Survey):
                renew(dossier, rule, surveyed(survey, rule, dossier), at)
        dossier.surveys = {}

    def judged(
        self, dossier: Dossier, at: datetime | Callable[[Deadline], datetime]
    ) -> list[Judged]:
        """Every clock of a dossier with how it stands at `at` (one instant, or one a rule)."""
        return [self.judged_one(dossier, clock, at) for clock in dossier.clocks]

    def _learn(self, dossier: Dossier, event: Event) -> None:
        known, changed = dossier.facts, False
        # A record's kind is no kind of tender: what is said of a record is no fact of its subject.
        said = {} if event.type in ABOUT_RECORDS else event.data
        for name, value in said.items():
            if value is not None and name in self.book.facts:
                changed = changed or known.get(name) != value
                known[name] = value
        if changed:
            for clock in dossier.clocks:
                clock.look = 0
        if event.region is not None:
            known["region"] = event.region
        if event.department is not None:
            known["department"] = event.department

    def _binds(self, rule: Rule, dossier: Dossier, day: date) -> bool:
        """Whether the rule is in force for what starts on `day`.

        A law change binds what starts from its first day on; one with `subject_start` leaves
        subjects that began before it under the version that it replaces.
        """
        if not rule.in_region(dossier.facts.get("region")):
            return False
        began = day if dossier.first is None else day_of(dossier.first, self.zone)
        starts = began if rule.transition == "subject_start" else day
        later = self.book.successor.get(rule.key)
        ends = began if later is not None and later.transition == "subject_start" else day
        last = rule.effective.to
        return rule.effective.from_ <= starts and (last is None or ends <= last)

    def _pause(self, dossier: Dossier, name: str, event: Event, at: int) -> None:
        shape = self.book.exclusions[name]
        pauses = dossier.pauses.setdefault(name, [])
        for clock in dossier.clocks:
            rule = self.book.by_key[clock.rule]
            if clock.stop is None and isinstance(rule, Deadline) and rule.exclude == name:
                clock.look = 0
        held = bool(pauses) and pauses[-1][1] is None
        if event.type == shape.pause:
            ground = str(event.data.get("ground") or "")
            if not held and (not shape.grounds or ground in shape.grounds):
                pauses.append([at, self._ended_before(dossier, name, at), ground])
        elif held:
            pauses[-1][1] = at
        elif shape.same_day:
            dossier.stops[name] = at

    def _ended_before(self, dossier: Dossier, name: str, at: int) -> int | None:
        """The end of a pause that was noted before its beginning: `at` itself, or None.

        Where a recording knows only days, the order within a day is chance.
        """
        ended = dossier.stops.pop(name, None)
        if ended is None or day_of(ended, self.zone) != day_of(at, self.zone):
            return None
        return at

    def _extend(self, dossier: Dossier, rule: Deadline, event: Event, day: date) -> None:
        for clock in dossier.open_clocks(rule.key):
            if clock.extra:
                continue
            facts = self._extension_facts(dossier, rule, clock, event)
            guards = self.book.by_id[rule.extension.guard] if rule.extension else ()
            for guard in guards:
                if facts is None or not isinstance(guard, Guard):
                    continue
                if self._binds(guard, dossier, day) and check(guard, facts).state == "clear":
                    clock.extra = int(event.data.get("extension_length") or 0)
                    clock.look = 0

    def _extension_facts(
        self, dossier: Dossier, rule: Deadline, clock: Clock, event: Event
    ) -> dict[str, Any] | None:
        """What the guard of an extension is held against; None if the subject states no limit."""
        stated = clock.stated or {}
        try:
            limit = due(
                rule,
                from_micros(clock.start),
                self.calendar,
                self.zone,
                facts={**dossier.facts, **stated},
                pauses=dossier.pauses_of(rule.exclude),
            )
        except NoLimit:
            return None
        told = event.data.get("told_at")
        return {
            "extension_unit": "working_day",
            **own_facts(dossier, event),
            "before_due": _by(event.time, limit, self.zone),
            "told_before_due": isinstance(told, str)
            and _by(datetime.fromisoformat(told), limit, self.zone),
        }

    def _start(self, dossier: Dossier, rule: Deadline | Minimum, event: Event, day: date) -> None:
        wanted = rule.start_when if isinstance(rule, Deadline) else rule.plan_when
        truth, unknown = decide(wanted, event.data)
        if truth is Truth.NO or not self._binds(rule, dossier, day):
            return
        if isinstance(rule, Minimum):
            clock = planned(rule, event, dossier)
        else:
            clock = started(rule, event, dossier)
        if clock is not None:
            clock.unknown = list(unknown) or None
            dossier.clocks.append(clock)

    def _check(self, dossier: Dossier, rule: Guard | Pattern, event: Event, day: date) -> None:
        if isinstance(rule, Pattern):
            survey = self.detectors.get(rule.detector)
            if isinstance(survey, Survey):
                self._survey(dossier, rule, survey, event, day)
                return
        if not self._binds(rule, dossier, day):
            return
        if decide(rule.applies_when, dossier.facts)[0] is not Truth.YES:
            return
        found = (
            self._guarded(dossier, rule, event)
            if isinstance(rule, Guard)
            else self._detected(dossier, rule, event)
        )
        if found is not None:
            same = (other.rule.partition("@")[0] == rule.id for other in dossier.checks)
            found.occurrence = sum(same) + 1
            dossier.checks.append(found)

    def _survey(
        self, dossier: Dossier, rule: Pattern, survey: Survey, event: Event, day: date
    ) -> None:
        # Gathered also where the rule does not bind yet: it may, once more is known.
        survey.gather(dossier.rows, event)
        if self._binds(rule, dossier, day):
            dossier.surveys[rule.id] = (rule.key, to_micros(event.time))

    def _guarded(self, dossier: Dossier, rule: Guard, event: Event) -> Check | None:
        if rule.quiet:
            return None
        verdict = check(
            rule,
            own_facts(dossier, event),
            count=dossier.counts.get(rule.count or "", 0),
            open_clocks=self._open(dossier, rule.none_open) if rule.none_open else 0,
        )
        if verdict.state == "clear":
            return None
        return Check(rule.key, 1, verdict.state, to_micros(event.time), verdict.seen)

    def _open(self, dossier: Dossier, rules: tuple[str, ...]) -> int:
        """How many clocks of these rules still run and surely apply."""
        return sum(
            not clock.unknown and decide(rule.applies_when, dossier.facts)[0] is Truth.YES
            for name in rules
            for rule in self.book.by_id[name]
            for clock in dossier.open_clocks(rule.key)
        )

    def _detected(self, dossier: Dossier, rule: Pattern, event: Event) -> Check | None:
        detector = self.detectors.get(rule.detector)
        if detector is None or isinstance(detector, Survey):
            return None
        return detector(PatternView(self, rule, dossier, event), rule.parameters)

    def judged_one(
        self, dossier: Dossier, clock: Clock, at: datetime | Callable[[Deadline], datetime]
    ) -> Judged:
        """One clock with how it stands at `at`."""
        rule = self._current(clock, at)
        truth, missing = decide(rule.applies_when, dossier.facts)
        if truth is Truth.YES and clock.unknown:
            truth, missing = Truth.UNDETERMINED, tuple(clock.unknown)
        if truth is not Truth.YES:
            return Judged(clock, rule, truth, missing, None)
        if isinstance(rule, Minimum):
            reading = judge_minimum(rule, clock, self.calendar, self.zone, facts=dossier.facts)
            return Judged(clock, rule, truth, (), reading)
        try:
            reading = judge(
                rule,
                clock,
                self.calendar,
                self.zone,
                facts=dossier.facts,
                pauses=dossier.pauses_of(rule.exclude) if dossier.pauses else (),
                at=at if isinstance(at, datetime) else at(rule),
            )
        except NoLimit as error:
            return Judged(clock, rule, Truth.UNDETERMINED, (str(error),), None)
        return Judged(clock, rule, truth, (), reading)

    def _current(
        self, clock: Clock, at: datetime | Callable[[Deadline], datetime]
    ) -> Deadline | Minimum:
        """The version that judges a clock: the one it started under, or a later one that by its
        `at_once` also takes over the clocks that were open when it came into force."""
        rule = self.book.by_key[clock.rule]
        later = self.book.successor.get(clock.rule)
        while later is not None and later.transition == "at_once":
            if isinstance(later, Deadline):
                end = at if isinstance(at, datetime) else at(later)
                until = from_micros(clock.stop) if clock.stop is not None else end
                if civil_day(until, self.zone) < later.effective.from_:
                    break
            rule, later = later, self.book.successor.get(later.key)
        if not isinstance(rule, Deadline | Minimum):
            raise TypeError(f"{clock.rule} has no clock")
        return rule


def _by(instant: datetime, limit: date | datetime | None, zone: ZoneInfo) -> bool:
    """Whether `instant` is not past the due day; a limit in hours knows no extension."""
    if limit is None:
        return True
    return not isinstance(limit, datetime) and civil_day(instant, zone) <= limit
