"""Taking the organisation over from a list of records, in one transaction.

A second import of the same records changes nothing and publishes nothing. Must never commit, and
must never put a person on the bus.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import Draft, emit
from libs.common.codes import Region
from libs.common.events import Payload
from libs.common.identity.actor import Actor
from libs.common.worktime import civil_day
from services.approval.bulk import Act, audit_rows, rows_write
from services.approval.imports import Outcome, Record
from services.approval.office import repository, telling
from services.approval.office.entries import Entries, entries_of
from services.approval.office.repository import Organisation
from services.approval.office.schemas import TenureEntry
from services.approval.office.settling import settle
from services.approval.office.states import (
    BodyState,
    State,
    TenureState,
    columns,
    raised,
    state_of,
    tenure_of,
)

MAX_RECORDS: Final = 10_000
"""More would not be written within a transaction's time."""


@dataclass(slots=True)
class _Changes:
    """What an import does: the organisation after it, the rows to write, and what is told."""

    actor: Actor
    today: date
    after: Organisation
    outcome: Outcome
    rows: dict[str, dict[Any, Any]] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def put(self, table: str, key: Any, row: Any) -> None:
        """A row to be written."""
        self.rows.setdefault(table, {})[key] = row

    def tell(self, payload: Payload, subject: str, version: int, body: BodyState) -> None:
        """An event of a body, or of a window or post of it; and its audit row."""
        draft = Draft(
            payload,
            subject=subject,
            sequence=version,
            source=f"/{body.region}/approval",
            actor=self.actor.post,
            region=body.region,
            department=body.code,
        )
        self.drafts.append(draft)
        action = payload.event_type.removeprefix("cn.sunlight.approval.").removesuffix(".v1")
        self.acts.append(Act(action, subject, version, {}))

    def count(self, *, first: bool) -> None:
        """One record more that changed something."""
        self.outcome.created += first
        self.outcome.changed += not first


async def import_organisation(
    session: AsyncSession,
    actor: Actor,
    records: Sequence[Record],
    *,
    zone: ZoneInfo,
    within: Region | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Take over bodies, windows, posts and tenures; what can't be taken is in the outcome.

    `within` limits what may be changed to a region and what lies below it; `dry_run` writes
    nothing and answers the same.
    """
    outcome = Outcome()
    entries = entries_of(records, outcome)
    now = await repository.lock(session)
    organisation = await repository.load(session)
    settle(entries, organisation, outcome, within=within)
    changes = _Changes(actor, civil_day(now, zone), organisation, outcome)
    _compare(entries, changes)
    outcome.rejects.sort(key=lambda reject: reject.line)
    if not dry_run and changes.rows:
        await _write(session, changes, now)
    return outcome


async def _write(session: AsyncSession, changes: _Changes, now: datetime) -> None:
    writes = [
        rows_write(table, [columns(row) for row in rows.values()], replace=True)
        for table in repository.TABLES
        if (rows := changes.rows.get(table.name))
    ]
    beside = [*writes, audit_rows(changes.actor, changes.acts, at=now)]
    await emit(session, changes.drafts, now=now, beside=beside)


def _compare(entries: Entries, changes: _Changes) -> None:
    after = changes.after
    standing: Mapping[str, dict[str, Any]] = {
        "body": after.bodies,
        "window": after.windows,
        "post": after.posts,
    }
    for kind, rows in standing.items():
        for key, placed in entries.of(kind).items():
            if not isinstance(placed.entry, TenureEntry):
                _compare_row(
                    kind, rows, state_of(placed.entry, rows.get(key), changes.today), changes
                )
    for placed in entries.tenures.values():
        if isinstance(placed.entry, TenureEntry):
            _compare_tenure(tenure_of(placed.entry), changes)


def _compare_row(kind: str, rows: dict[str, Any], new: State, changes: _Changes) -> None:
    old = rows.get(new.code)
    if old is not None and old == new:
        changes.outcome.duplicates += 1
        return
    new.version += 1
    rows[new.code] = new
    changes.put(kind, new.code, new)
    body = new if isinstance(new, BodyState) else changes.after.bodies[new.body]
    payload = telling.state(new, body.region, first=old is None)
    changes.tell(payload, f"{kind}/{new.code}", new.version, body)
    changes.count(first=old is None)


def _compare_tenure(new: TenureState, changes: _Changes) -> None:
    key = (new.post, new.role, new.first_day)
    old = changes.after.tenures.get(key)
    if old is not None and old == new:
        changes.outcome.duplicates += 1
        return
    changes.put("tenure", key, new)
    changes.count(first=old is None)
    post = changes.after.posts[new.post]
    subject = f"post/{post.code}"
    told = list(telling.tenure(new, old, post.body))
    if not told:
        changes.acts.append(Act("post.corrected", subject, post.version, {}))
    for payload in told:
        post = changes.after.posts[post.code] = raised(post)
        changes.put("post", post.code, post)
        changes.tell(payload, subject, post.version, changes.after.bodies[post.body])
