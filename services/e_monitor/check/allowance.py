"""How late each source's events may be recorded: a parameter of the rules that mind it. Pure.

The cards of every rule wait as long (`libs.common.law.stage`), by what the rulebook itself holds.
What the settings grant becomes part of the rulebook, so that what stands stays a function of
events, rulebook, calendar and instant: another grant is another rulebook, which is taken up as a
changed law is. Must never be read from anything that changes without that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from libs.common.events import Event, owner
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern, Rule

ALLOWANCE: Final = "allowance_working_days"
"""The parameter: foreign system (the first part of its subjects) → working days."""
IMPORTED: Final = "tender/"
"""Subjects of ours of which another system's history may be imported."""


def allowed(parameters: Mapping[str, Any], subject: str) -> int:
    """How many working days late a subject's events may be recorded; 0 where nothing is said."""
    return int(parameters.get(ALLOWANCE, {}).get(subject.partition("/")[0], 0))


def allowance_of(parameters: Mapping[str, Any], event: Event) -> int | None:
    """How many working days late an event may be recorded.

    None where nobody is held to any: an imported history of a system that was granted none.
    """
    system = imported_from(event)
    if system is None:
        return allowed(parameters, event.subject)
    days: int | None = parameters.get(ALLOWANCE, {}).get(system)
    return days


def imported_from(event: Event) -> str | None:
    """The system whose history of a subject of ours was imported; None for any other event.

    Such an event has our own subject, so that its `source` alone says who recorded it.
    """
    system = event.source.rpartition("/")[2]
    if not system or not event.subject.startswith(IMPORTED) or system == owner(event.type):
        return None
    return system


def allowing(fold: Fold, allowances: Mapping[str, int]) -> Fold:
    """The law with these allowances (system → working days), also in the rules that have the
    parameter.

    They come before what a pack says of the same system.
    """
    if not allowances:
        return fold
    rules = tuple(_granted(rule, allowances) for rule in fold.book.rules)
    return replace(fold, book=replace(fold.book, rules=rules, allowances=dict(allowances)))


def _granted(rule: Rule, allowances: Mapping[str, int]) -> Rule:
    if not isinstance(rule, Pattern) or ALLOWANCE not in rule.parameters:
        return rule
    granted = {**rule.parameters[ALLOWANCE], **allowances}
    return rule.model_copy(update={"parameters": {**rule.parameters, ALLOWANCE: granted}})
