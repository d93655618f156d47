"""From how a clock or a check stands to the finding that stands on it. Pure.

A finding proposes; nothing here decides anything about a case. Its id is derived from what it is
about (rule, subject, occurrence), so whoever finds it, and however often, finds the same one.

It is detected at once; a card, and what the public is told, waits until its source's allowance
has passed, since what comes until then may still show that nothing was late.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson

from libs.common.law.clock import Pause, Reading
from libs.common.law.dossier import Check
from libs.common.law.facts import Truth
from libs.common.law.fold import Judged
from libs.common.law.instants import from_micros
from libs.common.law.rule import Deadline, Guard, Minimum, Pattern
from libs.common.law.stage import NOTHING, Awaited, is_awaited, stage_of

NAMESPACE: Final = uuid.UUID("6f6c2a50-7d0b-5f0e-9a54-3f1f3a3c9d11")
SEVERITY_OF_STAGE: Final = {"detected": "info", "yellow": "yellow", "red": "red"}
_CARDS: Final = frozenset({"yellow", "red"})
_LATE: Final = frozenset({"breached", "overdue"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding as it stands now; its `id` is derived from rule, subject and occurrence."""

    id: uuid.UUID = field(init=False)
    rule: str
    rule_version: str
    subject: str
    occurrence: int
    stage: str
    severity: str
    occurred_at: datetime
    evidence: dict[str, Any]
    public: bool

    def __post_init__(self) -> None:
        derived = finding_id(self.rule, self.subject, self.occurrence)
        object.__setattr__(self, "id", derived)

    @property
    def mark(self) -> list[str]:
        """Stage and evidence hash: equal marks mean nothing changed."""
        text = orjson.dumps([self.rule_version, self.evidence], option=orjson.OPT_SORT_KEYS)
        return [self.stage, hashlib.blake2b(text, digest_size=8).hexdigest()]


def finding_id(rule: str, subject: str, occurrence: int) -> uuid.UUID:
    """The id of the finding under `rule` about the `occurrence`-th matter of `subject`."""
    return uuid.uuid5(NAMESPACE, f"{rule}\n{subject}\n{occurrence}")


def of_clock(
    subject: str,
    judged: Judged,
    calendar: str,
    pauses: Sequence[Pause],
    *,
    awaited: Awaited = NOTHING,
    known: datetime | None = None,
) -> Standing | None:
    """The finding that stands on a clock, or None while it is kept, disputed or not to be told.

    What is `awaited` of a deadline beyond `known` gives no card yet (`libs.common.law.stage`).
    """
    reading, rule = judged.reading, judged.rule
    if judged.applies is not Truth.YES or reading is None or reading.state not in _LATE:
        return None
    if isinstance(rule, Deadline):
        if rule.reminds_only:
            return None
        stage = stage_of(rule, reading, reading.over, awaited, known)
        severity = SEVERITY_OF_STAGE[stage]
    else:
        severity = rule.severity
        stage = severity if severity in _CARDS else "detected"
    standing = Standing(
        rule=rule.id,
        rule_version=rule.version,
        subject=subject,
        occurrence=judged.clock.occurrence,
        stage=stage,
        severity=severity,
        occurred_at=_occurred(reading),
        evidence=_evidence(rule, reading, calendar, pauses),
        public=rule.public,
    )
    if is_awaited(awaited, 0, known):
        return _held(standing, awaited[0])
    return standing


def waiting(standing: Standing, until: datetime, known: datetime) -> Standing:
    """A card on what was found at one moment, as it is told before all that belongs to it came."""
    if standing.severity not in _CARDS or known >= until:
        return standing
    return _held(replace(standing, stage="detected", severity="info"), until)


def _held(standing: Standing, until: datetime) -> Standing:
    evidence = {**standing.evidence, "waits_until": until.isoformat()}
    return replace(standing, evidence=evidence, public=False)


def _occurred(reading: Reading) -> datetime:
    if reading.occurred_at is None:
        raise ValueError("a late reading says when it became late")
    return reading.occurred_at


def _evidence(
    rule: Deadline | Minimum, reading: Reading, calendar: str, pauses: Sequence[Pause]
) -> dict[str, Any]:
    """What a person needs to recompute it; what grows by the day is left to the clock itself."""
    evidence: dict[str, Any] = {
        "law": f"{rule.law.text} {rule.law.article}",
        "state": reading.state,
        "unit": reading.unit.value,
        "limit": reading.limit,
        "started": str(reading.started),
        "due": str(reading.due),
        "calendar": calendar,
    }
    if reading.stopped is not None:
        evidence |= {
            "stopped": str(reading.stopped),
            "elapsed": reading.elapsed,
            "over": reading.over,
        }
    if pauses:
        evidence["excluded"] = reading.excluded
        evidence["pauses"] = len(pauses)
    if reading.provisional:
        evidence["provisional"] = True
    return evidence


def of_check(subject: str, check: Check, rule: Guard | Pattern) -> Standing | None:
    """The finding that stands on a guard's or a detector's result."""
    if check.verdict != "violated":
        return None
    return Standing(
        rule=rule.id,
        rule_version=rule.version,
        subject=subject,
        occurrence=check.occurrence,
        stage=rule.severity if rule.severity in _CARDS else "detected",
        severity=rule.severity,
        occurred_at=from_micros(check.at),
        evidence={"law": f"{rule.law.text} {rule.law.article}", "seen": check.evidence},
        public=rule.public,
    )
