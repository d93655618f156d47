"""Taking events in: each is accepted once, numbered per subject, and handed to the outbox.

A source's deliveries are taken one after the other (its row is locked), so that an id is decided
once and numbers have no gaps. Must never put an event on any topic but `registry`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.bus.outbox import emit_recorded, recorded_now
from libs.common.telemetry.logs import mask, without_personal_data
from libs.common.telemetry.traces import current_traceparent
from services.e_monitor.intake import repository
from services.e_monitor.intake.contract import Fault
from services.e_monitor.intake.policy import Checked, check
from services.e_monitor.intake.repository import Known, Rejected
from services.e_monitor.intake.sources import Source

TOPIC: Final = "registry"
EXCERPT: Final = 400
Status = Literal["accepted", "duplicate", "conflict", "rejected"]


@dataclass(slots=True)
class Answer:
    """What became of one event. `sequence` is its number within its subject."""

    index: int
    status: Status
    id: str | None = None
    subject: str | None = None
    sequence: int | None = None
    faults: list[Fault] = field(default_factory=list)


CONFLICT: Final = Fault(
    "conflict",
    "/id",
    {
        "zh": "同一编号已收到过不同内容的事件,原事件不变;更正请另发新编号的事件",
        "en": "this id came before with other content, which stands; to correct it send a new "
        "event with a new id",
    },
)


async def take_in(
    session: AsyncSession, source: Source, bodies: Sequence[Any], *, dry_run: bool = False
) -> list[Answer]:
    """Take a delivery in, one answer an event, in their order.

    With `dry_run` the answers are the same and nothing is written.
    """
    if not bodies:
        return []
    now = await repository.now(session)
    checked = [check(body, source, now) for body in bodies]
    if not dry_run:
        await repository.lock(session, source.name)
    ids = [item.event.id for item in checked if isinstance(item, Checked)]
    before = await repository.known(session, source.name, ids) if ids else {}
    answers, fresh = sort_out(checked, before)
    if not dry_run:
        await _accept(session, source, fresh, answers)
        rows = [_rejected(bodies[a.index], a) for a in answers if a.status == "rejected"]
        await repository.keep_rejected(session, source.name, now, rows)
        counts = Counter[str](answer.status for answer in answers)
        await repository.count(session, source.name, counts)
    return answers


async def note_unreadable(session: AsyncSession, source: Source, fault: Fault) -> None:
    """Note for a source's developers that a whole delivery could not be read."""
    await repository.lock(session, source.name)
    now = await repository.now(session)
    row = Rejected(None, fault.code, fault.pointer, fault.message, "")
    await repository.keep_rejected(session, source.name, now, [row])
    await repository.count(session, source.name, {"rejected": 1})


def sort_out(
    checked: Sequence[Checked | list[Fault]], before: Mapping[str, Known]
) -> tuple[list[Answer], list[tuple[int, Checked]]]:
    """Answers to a delivery, and the events of it that are new (index, event)."""
    answers: list[Answer] = []
    fresh: list[tuple[int, Checked]] = []
    first: dict[str, Checked] = {}
    for index, item in enumerate(checked):
        if not isinstance(item, Checked):
            answers.append(Answer(index, "rejected", faults=item))
            continue
        event = item.event
        answer = Answer(index, "accepted", event.id, event.subject)
        answers.append(answer)
        known = before.get(event.id)
        if known is None and event.id not in first:
            first[event.id] = item
            fresh.append((index, item))
        elif item.hash == (known.hash if known else first[event.id].hash):
            answer.status = "duplicate"
            answer.sequence = known.sequence if known else None
        else:
            answer.status, answer.faults = "conflict", [CONFLICT]
    return answers, fresh


async def _accept(
    session: AsyncSession,
    source: Source,
    fresh: Sequence[tuple[int, Checked]],
    answers: list[Answer],
) -> None:
    """Number new events, keep their records, hand them to the outbox."""
    if not fresh:
        return
    counts = Counter(item.event.subject for _, item in fresh)
    last = await repository.raise_versions(session, counts)
    given = {subject: last[subject] - count for subject, count in counts.items()}
    recorded: datetime = await recorded_now(session)
    trace = current_traceparent()
    events, rows = [], []
    for index, item in fresh:
        subject = item.event.subject
        given[subject] += 1
        number = answers[index].sequence = given[subject]
        events.append(
            item.event._replace(
                sequence=number,
                recordedtime=recorded,
                traceparent=item.event.traceparent or trace,
            )
        )
        rows.append((item.event.id, subject, number, item.hash, item.raw))
    await repository.keep(session, source.name, recorded, rows)
    await emit_recorded(session, events, topic=TOPIC)


def _rejected(body: Any, answer: Answer) -> Rejected:
    fault = answer.faults[0]
    given = body.get("id") if isinstance(body, dict) else None
    named = mask(given)[:200] if isinstance(given, str) and given.isprintable() else None
    return Rejected(
        named,
        fault.code,
        fault.pointer[:200],
        fault.message,
        "" if fault.code == "too_deep" else excerpt(body),
    )


def excerpt(body: Any) -> str:
    """The beginning of an event without what names or numbers a person."""
    if not isinstance(body, dict):
        return type(body).__name__
    shown = orjson.dumps(without_personal_data(None, "", body)).decode()
    return mask(shown[: 4 * EXCERPT])[:EXCERPT]
