"""Surveys: detectors that look at all that was gathered of a subject, each time anew.

A detector looks at one event and adds what it finds; a survey replaces what it found before, so a
correction takes a lead back. Its leads name their own occurrence, derived from what they are about.
Nothing here may depend on the order in which events came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from libs.common.events.envelope import Event
from libs.common.law.dossier import Check, Dossier
from libs.common.law.facts import Truth, decide
from libs.common.law.rule import Pattern


@dataclass(frozen=True, slots=True)
class Lead:
    """One matter that a survey found: `at` in microseconds, evidence as JSON values."""

    occurrence: int
    at: int
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something was found, whatever else may be missing."""

    leads: tuple[Lead, ...]


@dataclass(frozen=True, slots=True)
class Clear:
    """All that had to be known is known, and nothing was found."""


@dataclass(frozen=True, slots=True)
class Undetermined:
    """Nothing was found, but these facts are missing."""

    missing: tuple[str, ...]


Outcome = Finding | Clear | Undetermined


@dataclass(frozen=True, slots=True)
class Survey:
    """`gather` keeps what an event says in the subject's rows, as often as it is told;
    `evaluate` judges the rows under a rule's parameters."""

    gather: Callable[[dict[str, Any], Event], None]
    evaluate: Callable[[Mapping[str, Any], Mapping[str, Any]], Outcome]


def surveyed(survey: Survey, rule: Pattern, dossier: Dossier) -> Outcome:
    """How a subject stands under a rule; undetermined where it can't be told to apply."""
    truth, missing = decide(rule.applies_when, dossier.facts)
    if truth is Truth.YES:
        return survey.evaluate(dossier.rows, rule.parameters)
    return Clear() if truth is Truth.NO else Undetermined(missing)


def renew(dossier: Dossier, rule: Pattern, outcome: Outcome, at: int) -> None:
    """Put the checks of an outcome in the place of the rule's earlier ones."""
    ours: list[Check] = []
    others: list[Check] = []
    for check in dossier.checks:
        (ours if check.rule.partition("@")[0] == rule.id else others).append(check)
    told = {check.occurrence: check.standing for check in ours if check.standing is not None}
    made = []
    if isinstance(outcome, Finding):
        for lead in outcome.leads:
            standing = told.pop(lead.occurrence, None)
            made.append(
                Check(rule.key, lead.occurrence, "violated", lead.at, lead.evidence, standing)
            )
    elif isinstance(outcome, Undetermined):
        made.append(Check(rule.key, 0, "undetermined", at, {"missing": list(outcome.missing)}))
    # What was reported and no longer holds stays as clear, until the report has been taken back.
    made += [Check(rule.key, number, "clear", at, {}, told[number]) for number in sorted(told)]
    dossier.checks = others + made
