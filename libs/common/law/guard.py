"""Guards: what the law demands at the moment of a step.

The same function refuses a command in a service and finds a breach in the monitor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.common.law.facts import Truth, compare, decide
from libs.common.law.instants import fact_micros
from libs.common.law.rule import Guard, Requirement


@dataclass(frozen=True, slots=True)
class Verdict:
    """`clear`, `violated`, `disputed` or `undetermined`, with what was seen."""

    state: str
    seen: dict[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def check(
    guard: Guard, facts: Mapping[str, Any], *, count: int = 0, open_clocks: int = 0
) -> Verdict:
    """Hold facts against a guard.

    `count` is how many events of the guard's counted type there are, this one included;
    `open_clocks` how many clocks of the deadlines in its `none_open` still run.
    """
    missing: list[str] = []
    seen: dict[str, Any] = {}
    violated = False
    if guard.at_most is not None:
        seen["count"] = count
        violated = count > guard.at_most
    if guard.none_open:
        seen["open_clocks"] = open_clocks
        violated = violated or open_clocks > 0
    for demand in guard.require:
        held = _holds(demand, facts)
        seen[demand.fact] = facts.get(demand.fact)
        if held is None:
            needed = _facts_of(demand)
            missing += [name for name in needed if facts.get(name) is None] or needed
        elif not held:
            violated = True
    if violated:
        disputed = bool(guard.disputed_when) and decide(guard.disputed_when, facts)[0] is Truth.YES
        return Verdict("disputed" if disputed else "violated", seen)
    if missing:
        return Verdict("undetermined", seen, tuple(missing))
    return Verdict("clear", seen)


def _facts_of(demand: Requirement) -> list[str]:
    return [name for name in (demand.fact, demand.of, demand.before) if name]


def _holds(demand: Requirement, facts: Mapping[str, Any]) -> bool | None:
    """Whether the demand is met; None where a fact it needs is missing."""
    value = facts.get(demand.fact)
    if demand.present is not None:
        return (value is not None and value is not False) == demand.present
    if value is None:
        return None
    if demand.of is not None:
        return _within_percent(value, demand.at_most_percent or 0, facts.get(demand.of))
    if demand.before is not None:
        return _before(value, facts.get(demand.before))
    return _matches(demand, value)


def _matches(demand: Requirement, value: Any) -> bool | None:
    if demand.one_of is not None:
        return value in demand.one_of
    if demand.at_most is not None:
        return compare(value, at_most=demand.at_most)
    if demand.at_least is not None:
        return compare(value, at_least=demand.at_least)
    return bool(value == demand.equals)


def _within_percent(value: Any, percent: int, whole: Any) -> bool | None:
    if not isinstance(value, int) or not isinstance(whole, int):
        return None
    return value * 100 <= whole * percent


def _before(value: Any, limit: Any) -> bool | None:
    one, other = fact_micros(value), fact_micros(limit)
    return None if one is None or other is None else one < other
