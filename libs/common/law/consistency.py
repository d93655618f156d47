"""What a single rule can't tell of itself: whether the rules of a rulebook fit together.

Only looks and tells; it must never change or drop a rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Final

from libs.common.events.registry import CONTRACTS
from libs.common.law.facts import unknown_operators
from libs.common.law.rule import Deadline, ExclusionSet, Guard, Minimum, Pattern, Rule
from libs.common.law.rulebook import event_types, facts_of

DERIVED: Final = frozenset(
    {"region", "department", "before_due", "told_before_due", "extension_unit"}
)
"""Facts that no event's data hold: of its envelope, and what the fold says of an extension."""


def inconsistencies(
    rules: list[Rule],
    exclusions: Mapping[str, ExclusionSet],
    origins: Mapping[str, str],
    detectors: Collection[str] | None = None,
) -> list[str]:
    """One line (file:line: field: what is wrong) for each name that nothing answers to.

    `detectors` are the names of those there are; None: not known here, so none is wrong.
    """
    deadlines = {rule.id for rule in rules if isinstance(rule, Deadline)}
    guards = {rule.id for rule in rules if isinstance(rule, Guard)}
    faults = []
    for rule in rules:
        told = [
            *_strange_types(event_types(rule)),
            *_strange_operators(rule),
            *_strange_facts(rule),
        ]
        match rule:
            case Deadline():
                told += _deadline(rule, exclusions, guards)
            case Minimum():
                told += _fields(rule.plan, rule.start.data, "from.data")
                told += _fields(rule.plan, rule.end.data, "to.data")
            case Guard():
                strange = [name for name in rule.none_open if name not in deadlines]
                told += [f"none_open: {name!r} is no deadline" for name in strange]
            case Pattern() if detectors is not None and rule.detector not in detectors:
                told.append(
                    f"detector: no detector {rule.detector!r}{near(rule.detector, detectors)}"
                )
            case _:
                pass
        faults += [f"{origins[rule.key]}: {fault}" for fault in told]
    for name, shape in exclusions.items():
        where = origins[f"exclusions.{name}"]
        told = _strange_types([shape.pause, shape.resume])
        faults += [f"{where}: exclusions.{name}: {fault}" for fault in told]
    return faults


def overlaps(rules: list[Rule], origins: Mapping[str, str]) -> list[str]:
    """One line for each two versions of a rule that bind a region on the same day."""
    faults = []
    seen: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        faults += [
            f"{origins[rule.key]}: effective: {rule.key} overlaps {other.key} "
            f"({origins[other.key]})"
            for other in seen[rule.id, rule.region]
            if _both(rule, other)
        ]
        seen[rule.id, rule.region].append(rule)
    return faults


def _both(one: Rule, other: Rule) -> bool:
    last = date.max
    return one.effective.from_ <= (other.effective.to or last) and other.effective.from_ <= (
        one.effective.to or last
    )


def _strange_types(kinds: list[str]) -> list[str]:
    return [
        f"{kind}: no contract declares this event type" for kind in kinds if kind not in CONTRACTS
    ]


def _strange_operators(rule: Rule) -> Iterator[str]:
    for field in ("applies_when", "start_when", "stop_when", "plan_when", "disputed_when"):
        for name in unknown_operators(getattr(rule, field, None) or {}):
            yield f"{field}.{name}: no such operator"


def _strange_facts(rule: Rule) -> Iterator[str]:
    """Names that no event can ever say: such a condition would stay undetermined for ever."""
    known = {*DERIVED, *(name for model in CONTRACTS.values() for name in model.model_fields)}
    for name in sorted({name for name in facts_of(rule) if name} - known):
        field = "applies_when." if name in rule.applies_when else ""
        yield f"{field}{name}: no event says this fact{near(name, known)}"
    for field, types in (("start_when", "start"), ("stop_when", "stop"), ("plan_when", "plan")):
        wanted = getattr(rule, field, None) or {}
        own = {
            name
            for kind in (getattr(rule, types) if wanted else ())
            if kind in CONTRACTS
            for name in CONTRACTS[kind].model_fields
        }
        for name in sorted(wanted.keys() - own):
            yield f"{field}.{name}: no {types} event has this field{near(name, own)}"


def near(name: str, known: Collection[str]) -> str:
    """The known name that was probably meant, as a question in brackets; empty without one."""
    found = get_close_matches(name, sorted(known), 1)
    return f" ({found[0]}?)" if found else ""


def _deadline(
    rule: Deadline, exclusions: Mapping[str, ExclusionSet], guards: set[str]
) -> Iterator[str]:
    if rule.exclude and rule.exclude not in exclusions:
        yield f"exclude: {rule.exclude!r} is no exclusion set"
    if rule.extension and rule.extension.guard not in guards:
        yield f"extension.guard: {rule.extension.guard!r} is no guard"
    yield from _fields(rule.start, rule.key_field, "key_field")


def _fields(kinds: tuple[str, ...], name: str | None, field: str) -> Iterator[str]:
    for kind in kinds:
        if name and kind in CONTRACTS and name not in CONTRACTS[kind].model_fields:
            yield f"{field}: {kind} has no field {name!r}"
