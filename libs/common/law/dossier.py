"""What is known of one subject: the compact state that events fold into.

A dossier holds facts, pauses, clocks and checks, never a verdict: how things stand is always
computed from it, the rulebook, the calendar and an instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.common.law.clock import Clock, Pause


@dataclass(slots=True)
class Check:
    """What a guard or a pattern found at one event."""

    rule: str
    occurrence: int
    verdict: str
    at: int
    evidence: dict[str, Any]
    standing: list[str] | None = None

    def pack(self) -> list[Any]:
        """The check as a short JSON list."""
        return [self.rule, self.occurrence, self.verdict, self.at, self.evidence, self.standing]


@dataclass(slots=True)
class Dossier:
    """The state of one subject.

    `last` is the order of the last event applied (microseconds, life-cycle rank, sequence);
    `first` the instant of the first; `counts` how many of each counted event type came; `rows`
    what surveys gather, `surveys` those still to look at it: rule id → rule key and since when;
    `corrections` the right values of wrong entries (`libs.common.law.correction`).
    """

    facts: dict[str, Any] = field(default_factory=dict)
    clocks: list[Clock] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    pauses: dict[str, list[list[Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    stops: dict[str, int] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    surveys: dict[str, tuple[str, int]] = field(default_factory=dict)
    corrections: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    last: tuple[int, int, int] | None = None
    first: int | None = None

    def pack(self) -> dict[str, Any]:
        """The dossier as JSON values; empty parts are left out."""
        body: dict[str, Any] = {"l": self.last, "f": self.first}
        if self.facts:
            body["a"] = self.facts
        if self.clocks:
            body["c"] = [clock.pack() for clock in self.clocks]
        if self.checks:
            body["k"] = [check.pack() for check in self.checks]
        if self.pauses:
            body["p"] = self.pauses
        if self.counts:
            body["n"] = self.counts
        if self.stops:
            body["s"] = self.stops
        if self.rows:
            body["r"] = self.rows
        if self.surveys:
            body["v"] = self.surveys
        if self.corrections:
            body["x"] = self.corrections
        return body

    @classmethod
    def unpack(cls, body: dict[str, Any]) -> Dossier:
        """The dossier back from its JSON values."""
        last = body.get("l")
        return cls(
            facts=body.get("a") or {},
            clocks=[Clock.unpack(values) for values in body.get("c") or ()],
            checks=[Check(*values) for values in body.get("k") or ()],
            pauses=body.get("p") or {},
            counts=body.get("n") or {},
            stops=body.get("s") or {},
            rows=body.get("r") or {},
            surveys={name: (key, at) for name, (key, at) in (body.get("v") or {}).items()},
            corrections=body.get("x") or {},
            last=(last[0], last[1], last[2]) if last else None,
            first=body.get("f"),
        )

    def pauses_of(self, exclusion: str | None) -> list[Pause]:
        """The pauses of one exclusion set, oldest first."""
        if exclusion is None:
            return []
        return [(opened, ended, ground) for opened, ended, ground in self.pauses.get(exclusion, ())]

    def open_clocks(self, key: str) -> list[Clock]:
        """The clocks of one rule version that nothing has stopped or voided."""
        return [
            clock
            for clock in self.clocks
            if clock.rule == key and clock.stop is None and not clock.voided
        ]

    def next_occurrence(self, rule_id: str) -> int:
        """The number of the next clock of a rule, counted over all its versions: together with
        rule and subject it identifies a finding."""
        return 1 + sum(clock.rule.partition("@")[0] == rule_id for clock in self.clocks)

    def clocks_of(self, rule: str) -> list[Clock]:
        """The clocks of one rule, by occurrence."""
        return [clock for clock in self.clocks if clock.rule == rule]
