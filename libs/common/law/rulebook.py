"""The rulebook: all rules that bind, indexed by the event types they look at.

Immutable, and the only thing the fold asks; it must never read a file (that is `pack`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from libs.common.law.rule import (
    Deadline,
    Duty,
    ExclusionSet,
    Guard,
    Minimum,
    Pattern,
    Rule,
)


@dataclass(frozen=True)
class Rulebook:
    """All rules that bind, indexed for the fold.

    `allowances`: foreign system → working days that its events may be recorded late.
    """

    rules: tuple[Rule, ...]
    exclusions: Mapping[str, ExclusionSet] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    allowances: Mapping[str, int] = field(default_factory=dict)

    def allowance(self, subject: str) -> int:
        """How many working days late the events of a subject may be recorded."""
        return self.allowances.get(subject.partition("/")[0], 0) if self.allowances else 0

    @cached_property
    def version(self) -> str:
        """Short hash over every rule and allowance: which law this process applies."""
        granted = [f"{system}={days}" for system, days in self.allowances.items()]
        rules = [rule.model_dump_json(by_alias=True) for rule in self.rules]
        text = "\n".join(sorted([*rules, *granted]))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def by_key(self) -> Mapping[str, Rule]:
        """Rule key (`id@version`) → rule."""
        return {rule.key: rule for rule in self.rules}

    @cached_property
    def by_id(self) -> Mapping[str, tuple[Rule, ...]]:
        """Rule id → its versions, oldest first."""
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            found[rule.id].append(rule)
        return {
            name: tuple(sorted(rules, key=lambda rule: (rule.effective.from_, rule.revision)))
            for name, rules in found.items()
        }

    @cached_property
    def successor(self) -> Mapping[str, Rule]:
        """Rule key → the next version of the same rule in the same region, where there is one."""
        found = {}
        for versions in self.by_id.values():
            for place, rule in enumerate(versions):
                later = [other for other in versions[place + 1 :] if other.region == rule.region]
                if later:
                    found[rule.key] = later[0]
        return found

    @cached_property
    def starting(self) -> Mapping[str, tuple[Deadline | Minimum, ...]]:
        """Event type → rules whose clock it starts."""
        return _index(
            (kind, rule)
            for rule in self.rules
            if isinstance(rule, Deadline | Minimum)
            for kind in (rule.start if isinstance(rule, Deadline) else rule.plan)
        )

    @cached_property
    def stopping(self) -> Mapping[str, tuple[Deadline | Minimum, ...]]:
        """Event type → rules whose clock it stops."""
        return _index(
            (kind, rule)
            for rule in self.rules
            if isinstance(rule, Deadline | Minimum)
            for kind in _stops(rule)
        )

    @cached_property
    def voiding(self) -> Mapping[str, tuple[Deadline, ...]]:
        """Event type → rules whose running clock it makes void."""
        return _index(
            (kind, rule) for rule in self.rules if isinstance(rule, Deadline) for kind in rule.void
        )

    @cached_property
    def extending(self) -> Mapping[str, tuple[Deadline, ...]]:
        """Event type → rules whose clock it may lengthen."""
        return _index(
            (rule.extension.on, rule)
            for rule in self.rules
            if isinstance(rule, Deadline) and rule.extension
        )

    @cached_property
    def checking(self) -> Mapping[str, tuple[Guard | Pattern, ...]]:
        """Event type → guards and patterns that look at it."""
        return _index(
            (kind, rule)
            for rule in self.rules
            if isinstance(rule, Guard | Pattern)
            for kind in rule.on
        )

    @cached_property
    def pausing(self) -> Mapping[str, tuple[str, ...]]:
        """Event type → exclusion sets it opens or ends."""
        return _index(
            (kind, name)
            for name, shape in self.exclusions.items()
            for kind in (shape.pause, shape.resume)
        )

    @cached_property
    def counted(self) -> frozenset[str]:
        """Event types that a guard counts."""
        return frozenset(
            rule.count for rule in self.rules if isinstance(rule, Guard) and rule.count
        )

    @cached_property
    def facts(self) -> frozenset[str]:
        """Names of the facts that any rule reads."""
        return frozenset(name for rule in self.rules for name in facts_of(rule) if name)

    @cached_property
    def minds_beginning(self) -> bool:
        """Whether a rule's version depends on when its subject began: any event may tell."""
        return any(rule.transition == "subject_start" for rule in self.rules)

    @cached_property
    def watched(self) -> frozenset[str]:
        """Every event type that any rule looks at."""
        return frozenset(
            kind
            for index in (
                self.starting,
                self.stopping,
                self.voiding,
                self.extending,
                self.checking,
                self.pausing,
            )
            for kind in index
        )


def _index(pairs: Iterable[tuple[str, Any]]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for kind, rule in pairs:
        if rule not in found[kind]:
            found[kind].append(rule)
    return {kind: tuple(rules) for kind, rules in found.items()}


def _stops(rule: Deadline | Minimum) -> tuple[str, ...]:
    if isinstance(rule, Deadline):
        return rule.stop
    return (rule.end.stop,) if rule.end.stop else ()


def event_types(rule: Rule) -> list[str]:
    """Every event type a rule names."""
    match rule:
        case Deadline():
            more = [rule.extension.on] if rule.extension else []
            return [*rule.start, *rule.stop, *rule.void, *more]
        case Minimum():
            return [*rule.plan, *_stops(rule)]
        case Guard():
            return [*rule.on, *([rule.count] if rule.count else [])]
        case Pattern():
            return list(rule.on)
        case Duty():
            return [rule.done_by]


def facts_of(rule: Rule) -> Iterable[str | None]:
    """The names of the subject's facts that a rule reads, with None where it leaves one out."""
    yield from rule.applies_when
    match rule:
        case Deadline():
            if not isinstance(rule.length, int):
                yield from (rule.length.fact, rule.length.unit_fact)
        case Minimum():
            yield from (rule.start.fact, rule.end.fact)
        case Guard():
            for demand in rule.require:
                yield from (demand.fact, demand.of, demand.before)
            yield from rule.disputed_when
        case Pattern():
            yield from rule.reads
        case _:
            pass
