"""What one event does to the clocks of one rule: starts a clock, stops it, plans a period.

Knows neither calendar nor present time, so it can tell nothing about being late.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from libs.common.events.envelope import Event
from libs.common.events.registry import CONTRACTS
from libs.common.law.clock import Clock
from libs.common.law.dossier import Dossier
from libs.common.law.facts import Truth, decide
from libs.common.law.instants import fact_micros, to_micros
from libs.common.law.rule import Deadline, FactLength, Minimum, Moment


def stop(dossier: Dossier, rule: Deadline | Minimum, event: Event, at: int) -> None:
    """Stop the clocks of a rule that this event ends; `at` is its time in microseconds."""
    if isinstance(rule, Minimum):
        for clock in dossier.clocks_of(rule.key):
            clock.end = at if clock.end is None else clock.end
            clock.look = 0
        return
    if rule.stop_when and decide(rule.stop_when, event.data)[0] is not Truth.YES:
        return
    if rule.pairing == "once":
        dossier.stops.setdefault(rule.key, at)
    key = _key(rule, event)
    for clock in dossier.open_clocks(rule.key):
        # Where either side does not say which lot it means, the stop serves them all.
        if key is None or clock.key is None or clock.key == key:
            clock.stop = at
            clock.look = 0


def started(rule: Deadline, event: Event, dossier: Dossier) -> Clock | None:
    """The clock that this event starts; None where one runs already."""
    known = dossier.clocks_of(rule.key)
    if known and rule.pairing == "once":
        return None
    key = _key(rule, event)
    if any(clock.key == key and clock.stop is None and not clock.voided for clock in known):
        return None
    stop = dossier.stops.get(rule.key) if rule.pairing == "once" else None
    stated = None if isinstance(rule.length, int) else _stated(rule.length, event) or None
    at = to_micros(event.time)
    return Clock(rule.key, dossier.next_occurrence(rule.id), at, stop=stop, key=key, stated=stated)


def _stated(length: FactLength, event: Event) -> dict[str, Any]:
    """The facts of a length that the start event itself speaks of, said or left out."""
    own = fields_of(event.type)
    names = (length.fact, length.unit_fact)
    return {name: event.data.get(name) for name in names if name and name in own}


def planned(rule: Minimum, event: Event, dossier: Dossier) -> Clock | None:
    """The period that this event announces; None where it only moves one that is there."""
    start = _moment(rule.start, event, dossier)
    known = dossier.clocks_of(rule.key)
    if start is None:
        return None
    # An announcement that gives its own times is a period of its own; one that only shifts
    # a shared fact re-judges the periods there are.
    if rule.start.fact is not None and known:
        known[-1].start = start
        known[-1].look = 0
        return None
    end = None if rule.end.fact else _moment(rule.end, event, dossier)
    # Announced anew with the same times it is the same period, which is judged once.
    if any((clock.start, clock.end) == (start, end) for clock in known):
        return None
    return Clock(rule.key, dossier.next_occurrence(rule.id), start, end=end)


def _moment(moment: Moment, event: Event, dossier: Dossier) -> int | None:
    if moment.event:
        return to_micros(event.time)
    if moment.data:
        return fact_micros(event.data.get(moment.data))
    if moment.fact:
        return fact_micros(dossier.facts.get(moment.fact))
    return None


def _key(rule: Deadline, event: Event) -> str | None:
    value = event.data.get(rule.key_field) if rule.key_field else None
    return None if value is None else str(value)


@cache
def fields_of(kind: str) -> frozenset[str]:
    """The fields that the contract of an event type has; none of a type that nobody declared."""
    model = CONTRACTS.get(kind)
    return frozenset(model.model_fields) if model else frozenset()


def own_facts(dossier: Dossier, event: Event) -> dict[str, Any]:
    """What a demand at this event is held against.

    Its own fields speak of it alone: what an earlier event said in one of them is no answer here.
    """
    fields = fields_of(event.type)
    facts = {name: value for name, value in dossier.facts.items() if name not in fields}
    return {**facts, **event.data}
