"""Numbers missing among a subject's events (无间隙监察).

A finding only once stream time has passed the event that waits by its source's allowance, and
never for what we set aside ourselves; rescinded when the missing event comes. What stands is a
function of the events that came, the rulebook, the calendar and the horizons.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from libs.common.bus import subjects as store
from libs.common.bus.batch import Horizons
from libs.common.bus.protocol import TopicPartition
from libs.common.db.engine import Connection, Pool
from libs.common.events import TOPICS, Event, decode
from libs.common.law.fold import Fold
from libs.common.law.rule import Pattern
from libs.common.worktime import civil_day, end_of_day
from services.e_monitor.apart import Apart
from services.e_monitor.check.allowance import allowed
from services.e_monitor.finding import service as finding_service
from services.e_monitor.finding.policy import Standing
from services.e_monitor.finding.repository import Found
from services.e_monitor.gap import repository
from services.e_monitor.gap.repository import Gap

DETECTOR: Final = "sequence_gap"


async def sweep_gaps(pool: Pool, fold: Fold, partitions: Sequence[int], apart: Apart) -> None:
    """Tell of numbers that are missing past their allowance, and no longer of those that came.

    A subject of which that can't be told is set aside; the others go on.
    """
    rules = [
        rule for rule in fold.book.rules if isinstance(rule, Pattern) and rule.detector == DETECTOR
    ]
    if not rules:
        return
    async with store.acquired(pool) as connection:
        names = await repository.concerned(connection, partitions, [rule.id for rule in rules])
    if names:
        await apart.each(pool, names, partial(_tell, fold=fold, rules=rules))


async def _tell(
    connection: Connection, names: Sequence[str], *, fold: Fold, rules: Sequence[Pattern]
) -> None:
    gaps = await repository.open_gaps(connection, names)
    told = await repository.standing(connection, [rule.id for rule in rules], names)
    if not gaps and not told:
        return
    came = await repository.came(connection, told)
    horizons = await store.horizons(connection)
    known = {one.id: one.evidence for one in told}
    found = [
        item
        for gap in gaps
        for rule in rules
        if (item := _found(fold, rule, gap, horizons))
        and known.get(item.standing.id) != item.standing.evidence
    ]
    await finding_service.settle(
        connection, found, [(one.id, "event_came") for one in told if one.id in came]
    )


def _found(fold: Fold, rule: Pattern, gap: Gap, horizons: Horizons) -> Found | None:
    """The finding on a gap; None while it may still close, or where the rule does not bind."""
    event = decode(gap.raw)
    if not rule.in_region(event.region):
        return None
    if not rule.effective.covers(civil_day(event.recordedtime, fold.zone)):
        return None
    days = allowed(rule.parameters, gap.subject)
    due = _due(fold, event, days)
    horizon = horizons.get(TopicPartition(gap.topic, gap.partition))
    if horizon is None or horizon <= due:
        return None
    seen = {
        "topic": gap.topic,
        "missing": gap.missing,
        "waiting": gap.waiting,
        "recorded": event.recordedtime.isoformat(),
        "allowance": days,
    }
    standing = Standing(
        rule=rule.id,
        rule_version=rule.version,
        subject=gap.subject,
        occurrence=occurrence(gap.topic, gap.missing),
        stage=rule.severity if rule.severity in {"yellow", "red"} else "detected",
        severity=rule.severity,
        occurred_at=due,
        evidence={"law": f"{rule.law.text} {rule.law.article}", "seen": seen},
        public=False,
    )
    return Found(standing, event.region, event.department)


def _due(fold: Fold, event: Event, days: int) -> datetime:
    """The last instant at which what comes before this event may come."""
    if not days:
        return event.recordedtime
    day = civil_day(event.recordedtime, fold.zone)
    return end_of_day(fold.calendar.working_day_after(day, days), fold.zone)


def occurrence(topic: str, missing: int) -> int:
    """The place of a missing number among all that a subject can miss, on any topic, from 1."""
    return (missing - 1) * len(TOPICS) + TOPICS.index(topic) + 1
