"""How clocks stand, as rows for people and files: the same judgement the worker makes.

Reading only; nothing here changes a subject.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import orjson

from libs.common.db.engine import Connection
from libs.common.law.dossier import Dossier
from libs.common.law.facts import Truth
from libs.common.law.fold import Fold, Judged

_ALL: Final = """
SELECT subject, state FROM subject WHERE state IS NOT NULL ORDER BY subject COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock as `clocks.csv` and the API show it."""

    subject: str
    rule: str
    rule_version: str
    occurrence: int
    state: str
    unit: str
    limit: int
    started: date | datetime
    stopped: date | datetime | None
    due: date | datetime | None
    elapsed: int
    excluded: int
    over: int
    provisional: bool
    reading: str


def rows_of(subject: str, judged: list[Judged]) -> list[ClockRow]:
    """The clocks of a subject that apply, by rule and occurrence."""
    rows = [
        ClockRow(
            subject=subject,
            rule=item.rule.id,
            rule_version=item.rule.version,
            occurrence=item.clock.occurrence,
            state=item.reading.state,
            unit=item.reading.unit.value,
            limit=item.reading.limit,
            started=item.reading.started,
            stopped=item.reading.stopped,
            due=item.reading.due,
            elapsed=item.reading.elapsed,
            excluded=item.reading.excluded,
            over=item.reading.over,
            provisional=item.reading.provisional,
            reading=item.reading.reading,
        )
        for item in judged
        if item.applies is Truth.YES and item.reading is not None
    ]
    return sorted(rows, key=lambda row: (row.rule, row.occurrence))


async def dossiers(
    connection: Connection, *, page: int = 2000
) -> AsyncIterator[tuple[str, Dossier]]:
    """Every subject with its dossier, by name, without holding them all in memory."""
    async with connection.transaction(readonly=True):
        async for row in connection.cursor(_ALL, prefetch=page):
            yield row["subject"], Dossier.unpack(orjson.loads(row["state"]))


def undetermined(judged: list[Judged]) -> list[tuple[str, str]]:
    """(rule, missing fact) of each clock that can't be judged."""
    return [
        (item.rule.id, fact)
        for item in judged
        if item.applies is Truth.UNDETERMINED
        for fact in item.missing
    ]


async def clocks_of(
    connection: Connection, fold: Fold, subject: str, at: datetime
) -> list[ClockRow] | None:
    """The clocks of one subject at an instant; None when the subject is unknown."""
    state = await connection.fetchval("SELECT state FROM subject WHERE subject = $1", subject)
    if state is None:
        return None
    return rows_of(subject, fold.judged(Dossier.unpack(orjson.loads(state)), at))
