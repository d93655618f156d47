"""What is due soon: one reader a process, for all who open the dashboard.

A subject is unpacked once, and again only when its row has changed. Must never show what lies
beyond the scope of whoever looks, nor keep anything that depends on them: what is kept is of all
subjects, and each look takes its own part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from libs.common.bus.subjects import acquired
from libs.common.db.engine import Pool
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold, Judged
from libs.common.law.rule import Deadline
from libs.common.law.stage import remind_at
from libs.common.worktime import civil_day
from services.e_monitor.clock import reading
from services.e_monitor.clock.reading import SubjectView

MOST: Final = 20_000
"""Subjects kept; with more the answer is "at least"."""
PATIENCE: Final = 0.15
"""Seconds that a look waits for the newest; then it takes what was there a moment ago."""
_VERSIONS: Final = """
SELECT subject, (xmin, ctid)::text AS version FROM subject
WHERE next_check_at <= $1 AND blocked = 0 ORDER BY next_check_at, subject LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A clock that was running when it was looked at: when it is due, and whose it is.

    `due` is a civil day, or an instant for a clock in hours, whose `day` it lies in; `reminds` is
    the first instant of its reminder, where it has one.
    """

    subject: str
    rule: str
    occurrence: int
    day: date
    due: date | datetime
    reminds: datetime | None
    region: str | None
    department: str | None

    @property
    def order(self) -> tuple[date, str, str]:
        """Soonest first."""
        return self.day, str(self.due), self.subject


@dataclass
class Outlook:
    """Every clock that is due up to some instant, kept between looks."""

    pool: Pool
    law: Fold
    more: bool = False
    _kept: dict[str, tuple[str, tuple[Ahead, ...]]] = field(default_factory=dict)
    _look: asyncio.Task[None] | None = None

    async def within(self, scope: Scope, upto: datetime) -> list[Ahead]:
        """The clocks in scope that are due up to `upto`, soonest first."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._renew(upto))
        await asyncio.wait({self._look}, timeout=PATIENCE if self._kept else None)
        if self._look.done():
            self._look.result()
        found = [
            one
            for _, due in self._kept.values()
            for one in due
            if scope.covers(one.region, one.department)
        ]
        return sorted(found, key=lambda one: one.order)

    async def close(self) -> None:
        """End the look that is under way."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)

    async def _renew(self, upto: datetime) -> None:
        async with acquired(self.pool) as connection:
            rows = await connection.fetch(_VERSIONS, upto, MOST)
            versions = {row["subject"]: row["version"] for row in rows}
            kept = {
                subject: self._kept[subject]
                for subject, version in versions.items()
                if subject in self._kept and self._kept[subject][0] == version
            }
            changed = [subject for subject in versions if subject not in kept]
            async for view in reading.views(connection, self.law, changed):
                kept[view.subject] = versions[view.subject], tuple(ahead_of(view))
        self._kept, self.more = kept, len(rows) == MOST


def ahead_of(view: SubjectView) -> Iterator[Ahead]:
    """The subject's running clocks with a due date.

    Clocks that only remind are left out: another rule judges the same limit. So are rights that a
    party may leave unused.
    """
    facts = view.dossier.facts
    for item in view.judged():
        rule = item.rule
        if not isinstance(rule, Deadline) or rule.reminds_only or rule.party_right:
            continue
        day = due_day(item, view.fold)
        if day is None or item.reading is None or item.reading.due is None:
            continue
        yield Ahead(
            subject=view.subject,
            rule=rule.id,
            occurrence=item.clock.occurrence,
            day=day,
            due=item.reading.due,
            reminds=remind_at(rule, item.reading, view.fold.calendar, view.fold.zone),
            region=facts.get("region"),
            department=facts.get("department"),
        )


def due_day(item: Judged, fold: Fold) -> date | None:
    """The civil day on which a running clock is due; None for one that does not run."""
    if item.reading is None or item.reading.state != "running" or item.reading.due is None:
        return None
    due = item.reading.due
    return civil_day(due, fold.zone) if isinstance(due, datetime) else due


def soon(found: Sequence[Ahead], today: date, upto: date, horizon: datetime) -> list[Ahead]:
    """Those due from `today` to `upto`, or later with their reminder come by `horizon`."""
    return [
        one
        for one in found
        if today <= one.day
        and (one.day <= upto or (one.reminds is not None and one.reminds <= horizon))
    ]
