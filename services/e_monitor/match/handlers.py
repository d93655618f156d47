"""Cross-subject joins: a licence and the case it must come from.

Both sides write the same row, so the second sees the first whatever the order of their
transactions. Nothing here ever concludes that something is missing; only the sweep does, once
every topic involved is complete past the moment in question, and nothing set aside by us could be
what is missed.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from itertools import groupby
from typing import Final

from libs.common.bus import subjects as store
from libs.common.db.engine import Connection, Pool
from libs.common.events import Event, owner
from libs.common.law.facts import Truth, decide
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from libs.common.worktime import civil_day
from services.e_monitor.apart import Apart
from services.e_monitor.finding import service as finding_service
from services.e_monitor.finding.policy import Standing, finding_id
from services.e_monitor.finding.repository import Found
from services.e_monitor.match import repository
from services.e_monitor.match.repository import Claim, Key

DETECTOR: Final = "licence_without_case"
CLAIMS_ON: Final = "registry"
DECIDED: Final = "cn.sunlight.approval.case.decided.v1"
REFUSED: Final = "refused"
KEYS: Final = ("licence_no", "case_no")
PAGE: Final = 1000
AGAIN: Final = timedelta(minutes=1)
"""When to look again at a claim whose ground may be among the parked events."""


@dataclass(frozen=True, slots=True)
class Join:
    """A join rule with its parameters: which event is the ground, and what both sides name.

    A ground counts only on its owner's topic: a foreign system's own case is not one of the hall.
    A decision that refused what was asked for is none; one that says no outcome is taken for one.
    """

    rule: Pattern
    ground: str
    keys: tuple[str, ...]
    exempt: frozenset[str]

    @classmethod
    def of(cls, rule: Pattern) -> Join:
        """The join of a rule, from `case_event`, `keys` and `exempt_items`."""
        given = rule.parameters
        return cls(
            rule,
            given.get("case_event", DECIDED),
            tuple(given.get("keys", KEYS)),
            frozenset(given.get("exempt_items", ())),
        )

    def claims(self, event: Event, fold: Fold) -> bool:
        """Whether the event wants a ground: the rule binds, and its item is not exempt."""
        return (
            event.type in self.rule.on
            and self.rule.effective.covers(civil_day(event.time, fold.zone))
            and self.rule.in_region(event.region)
            and event.data.get("item_code") not in self.exempt
            and decide(self.rule.applies_when, event.data)[0] is Truth.YES
        )

    def grounds(self, event: Event, topic: str) -> bool:
        """Whether the event explains a claim."""
        return (
            event.type == self.ground
            and topic == owner(self.ground)
            and event.data.get("outcome") != REFUSED
        )

    def keys_of(self, event: Event) -> list[str]:
        """What an event names, such as `licence_no/A-17`."""
        named = {}
        if event.type == self.ground:
            named["case_no"] = event.subject.removeprefix("case/")
        values = {**named, **event.data}
        return [f"{name}/{values[name]}" for name in self.keys if values.get(name)]


@dataclass
class Joins:
    """The join rows that a batch writes."""

    fold: Fold
    claims: list[Claim] = field(default_factory=list)
    grounds: dict[Key, str] = field(default_factory=dict)
    looks: dict[Key, datetime] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    """Subjects to look at anew though they were set aside."""

    @cached_property
    def _joins(self) -> list[Join]:
        return joins_of(self.fold)

    def apply(self, event: Event, topic: str) -> None:
        """Note what an event says of a licence or of a case."""
        for join in self._joins:
            if join.claims(event, self.fold):
                self._claim(join, event)
            elif join.grounds(event, topic):
                for key in join.keys_of(event):
                    self.grounds.setdefault((join.rule.key, key), event.subject)

    def _claim(self, join: Join, event: Event) -> None:
        for key in join.keys_of(event):
            name = (join.rule.key, key)
            self.looks[name] = min(self.looks.get(name, event.recordedtime), event.recordedtime)
            self.claims.append(
                Claim(
                    join.rule.key,
                    event.subject,
                    event.sequence,
                    key,
                    event.time,
                    event.region,
                    event.department,
                )
            )

    async def write(self, connection: Connection) -> None:
        """Write both sides, in key order so that two batches never wait for each other."""
        keys = [
            (*name, self.grounds.get(name), self.looks.get(name))
            for name in {*self.grounds, *self.looks}
        ]
        await repository.meet(connection, keys)
        await repository.claim(connection, self.claims)
        if self.again:
            await repository.again(connection, self.again)


def joins_of(fold: Fold) -> list[Join]:
    """The join rules of the law in force."""
    return [
        Join.of(rule)
        for rule in fold.book.rules
        if isinstance(rule, Pattern) and rule.detector == DETECTOR
    ]


async def sweep_joins(pool: Pool, fold: Fold, partitions: int, apart: Apart) -> None:
    """Conclude on joins whose moment every topic involved has passed, in all its partitions.

    A key that can't be concluded on is set aside with its claims; the others go on.
    """
    joins = {join.rule.key: join for join in joins_of(fold)}
    topics = sorted({CLAIMS_ON, *(owner(join.ground) for join in joins.values())})
    after: Key = ("", "")
    while True:
        async with store.acquired(pool) as connection:
            upto = await _complete_to(connection, topics, partitions)
            if upto is None:
                return
            page = await repository.due(connection, upto, after, PAGE)
        if page:
            work = partial(_conclude, joins=joins, upto=upto)
            await apart.each_of(pool, page, work, repository.set_aside)
            after = page[-1]
        if len(page) < PAGE:
            return


async def _complete_to(
    connection: Connection, topics: list[str], partitions: int
) -> datetime | None:
    known = [
        at for place, at in (await store.horizons(connection)).items() if place.topic in topics
    ]
    if len(known) < len(topics) * partitions:
        return None
    instants = [at for at in known if at is not None]
    return min(instants) if len(instants) == len(known) else None


@dataclass(frozen=True, slots=True)
class Wanting:
    """A claim with all its keys: one ground under any of them explains it."""

    rows: tuple[Claim, ...]

    @property
    def first(self) -> Claim:
        """The row that says what all of them say."""
        return self.rows[0]

    @property
    def keys(self) -> list[Key]:
        """Every key of the claim."""
        return [(row.rule, row.key) for row in self.rows]

    @property
    def words(self) -> set[str]:
        """What the keys name, without saying what it is."""
        return {row.key.partition("/")[2] for row in self.rows}


async def _conclude(
    connection: Connection, wanted: Sequence[Key], *, joins: dict[str, Join], upto: datetime
) -> None:
    keys = await repository.free(connection, wanted, upto)
    claims = await _wanting(connection, keys)
    grounds = await repository.grounded(connection, [key for one in claims for key in one.keys])
    lacking = [one for one in claims if one.first.rule in joins and grounds.isdisjoint(one.keys)]
    doubtful = await _doubtful(connection, joins, lacking)
    new = [one for one in lacking if not one.first.standing and one not in doubtful]
    gone = [one for one in claims if one.first.standing and one not in lacking]
    await finding_service.settle(
        connection,
        [_found(joins[one.first.rule].rule, one) for one in new],
        [(_id(one.first), "case_found") for one in gone],
    )
    waiting = {key for one in doubtful for key in one.keys}
    await repository.settled(
        connection,
        [(*key, upto + AGAIN if key in waiting else None) for key in keys],
        [(*one.first[:3], True) for one in new] + [(*one.first[:3], False) for one in gone],
    )


async def _wanting(connection: Connection, keys: list[Key]) -> list[Wanting]:
    rows = await repository.claims_on(connection, keys)
    return [Wanting(tuple(same)) for _, same in groupby(rows, key=lambda row: row[:3])]


async def _doubtful(
    connection: Connection, joins: dict[str, Join], lacking: list[Wanting]
) -> list[Wanting]:
    """Claims whose ground may be among the events that we ourselves set aside."""
    if not lacking:
        return []
    words = sorted({word for one in lacking for word in one.words})
    topics = sorted({owner(join.ground) for join in joins.values()})
    parked = await repository.named_by_parked(connection, words, topics)
    return [one for one in lacking if not parked.isdisjoint(one.words)]


def _id(claim: Claim) -> uuid.UUID:
    return finding_id(claim.rule.partition("@")[0], claim.claim, claim.occurrence)


def _found(rule: Pattern, claim: Wanting) -> Found:
    first = claim.first
    standing = Standing(
        rule=rule.id,
        rule_version=rule.version,
        subject=first.claim,
        occurrence=first.occurrence,
        stage=rule.severity if rule.severity in {"yellow", "red"} else "detected",
        severity=rule.severity,
        occurred_at=first.claimed_at,
        evidence={
            "law": f"{rule.law.text} {rule.law.article}",
            "looked_for": [row.key for row in claim.rows],
        },
        public=False,
    )
    return Found(standing, first.region, first.department)
