"""The law this service applies, and the question put to it before each step: would that be lawful?

A step is tried on the subject's own history under the rulebook of this process, with the same fold
the monitor uses from outside. Pure. Must never decide what the packs leave open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


def breaches(law: Fold, before: Dossier, after: Dossier, at: datetime) -> list[Breach]:
    """What the step from `before` to `after` breaks: guards, and plans that are too short.

    Only verified rules refuse, and only a breach does: what is disputed, or can't be told from the
    facts, is for people. Rules of severity info tell and never refuse.
    """
    known = {(check.rule, check.at) for check in before.checks}
    found = [
        breach(law.book.by_key[check.rule], check.evidence)
        for check in after.checks
        if check.verdict == "violated" and (check.rule, check.at) not in known
        if _refuses(law.book.by_key[check.rule])
    ]
    short = _short(law, before, at)
    return found + [
        breach(rule, {}) for key, rule in _short(law, after, at).items() if key not in short
    ]


def breach(rule: RuleBase, seen: Mapping[str, Any]) -> Breach:
    """A breach of `rule`, in the words of its own plain sentence."""
    plain = rule.law.plain
    return Breach(rule.id, plain.zh, plain.en, f"{rule.law.text} {rule.law.article}", seen)


def _short(law: Fold, dossier: Dossier, at: datetime) -> dict[tuple[str, int], Minimum]:
    """The minimum periods of a dossier that are breached, by rule and occurrence."""
    return {
        (row.clock.rule, row.clock.occurrence): row.rule
        for row in law.judged(dossier, at)
        if isinstance(row.rule, Minimum) and _refuses(row.rule)
        if row.reading is not None and row.reading.state == "breached"
    }


def _refuses(rule: RuleBase) -> bool:
    stern = isinstance(rule, Guard | Minimum) and rule.severity != "info"
    return stern and rule.status == "verified"
