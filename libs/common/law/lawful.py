"""The question that a service puts to the law before each step: would that be lawful?

A step is tried on the subject's own history under the rulebook of this process, with the same fold
the monitor uses from outside. Pure. Must never decide what the packs leave open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from libs.common.events import Event
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold
from libs.common.law.instants import from_micros, to_micros
from libs.common.law.rule import Guard, Minimum, RuleBase


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a step is not lawful: a sentence in both languages, and the article."""

    rule: str
    zh: str
    en: str
    law: str
    seen: Mapping[str, Any] = field(default_factory=dict)


def remembered(event_type: str, time: datetime, data: Mapping[str, Any]) -> list[Any]:
    """What a subject's history keeps of an event."""
    return [event_type, to_micros(time), dict(data)]


def dossier_of(law: Fold, history: Iterable[Sequence[Any]], region: str, office: str) -> Dossier:
    """The dossier that a history makes under today's rulebook."""
    return law.fold(
        Event(
            id="",
            type=event_type,
            source="",
            subject="",
            time=from_micros(time),
            recordedtime=from_micros(time),
            sequence=number,
            data=data,
            region=region,
            department=office,
        )
        for number, (event_type, time, data) in enumerate(history, start=1)
    )


def breaches(
    law: Fold, before: Callable[[], Dossier], after: Dossier, at: datetime
) -> list[Breach]:
    """What the step from `before` to `after` breaks: guards, and plans that are too short.

    `before` is asked only where something is broken. Only verified rules refuse, and only a breach
    does: what is disputed, or can't be told from the facts, is for people. Rules of severity info
    tell and never refuse.
    """
    broken = _broken(law, after, at)
    if not broken:
        return []
    known = _broken(law, before(), at)
    return [found for key, found in broken.items() if key not in known]


def breach(rule: RuleBase, seen: Mapping[str, Any]) -> Breach:
    """A breach of `rule`, in the words of its own plain sentence."""
    plain = rule.law.plain
    return Breach(rule.id, plain.zh, plain.en, f"{rule.law.text} {rule.law.article}", seen)


def _broken(law: Fold, dossier: Dossier, at: datetime) -> dict[tuple[str, int], Breach]:
    """What is broken in a dossier: guards by rule and instant, periods by occurrence."""
    rules = law.book.by_key
    found = {
        (check.rule, check.at): breach(rules[check.rule], check.evidence)
        for check in dossier.checks
        if check.verdict == "violated" and _refuses(rules[check.rule])
    }
    for row in law.judged(dossier, at):
        short = row.reading is not None and row.reading.state == "breached"
        if short and isinstance(row.rule, Minimum) and _refuses(row.rule):
            found[row.clock.rule, row.clock.occurrence] = breach(row.rule, {})
    return found


def _refuses(rule: RuleBase) -> bool:
    stern = isinstance(rule, Guard | Minimum) and rule.severity != "info"
    return stern and rule.status == "verified"
