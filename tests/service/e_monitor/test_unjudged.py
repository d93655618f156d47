"""A subject that can't be judged: set aside and told of, while all others are judged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from libs.common.bus import parked
from libs.common.bus.consumer import TooMuchPoisonError
from libs.common.bus.subjects import BLOCKED
from libs.common.events import Event, recorded_id
from libs.common.law.clock import Clock
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold, Judged
from libs.common.law.installed import RULES, installed_law
from libs.common.worktime import Notice
from services.e_monitor import apart
from services.e_monitor.clock.adopt import adopt
from services.e_monitor.clock.handlers import MonitorHandler
from services.e_monitor.metrics import UNJUDGED
from tests.service.common.bus.city import outgoing
from tests.service.common.bus.scripted import deliver
from tests.standing import Delivery

BEGIN = datetime(2024, 3, 4, 2, tzinfo=UTC)
LATER = datetime(2024, 6, 1, tzinfo=UTC)
CASES = ("case-1", "case-2", "case-3")


@dataclass(frozen=True)
class Faulty(Fold):
    """The law with a fault of ours: what began at certain instants can't be judged or folded."""

    instants: frozenset[datetime] = frozenset()
    seen: list[datetime] = field(default_factory=list)

    def judged_one(
        self, dossier: Dossier, clock: Clock, at: datetime | Callable[[Any], datetime]
    ) -> Judged:
        began = datetime.fromtimestamp(clock.start / 1e6, UTC)
        if began in self.instants:
            self.seen.append(began)
            raise ZeroDivisionError
        return super().judged_one(dossier, clock, at)

    def fold(self, events: Iterable[Event]) -> Dossier:
        told = list(events)
        if not self.instants.isdisjoint(event.time for event in told):
            raise ZeroDivisionError
        return super().fold(told)


def _began(subject: str) -> datetime:
    return BEGIN + timedelta(minutes=int(subject.rpartition("-")[2]))


def _received(subject: str) -> Event:
    return Event(
        id=recorded_id("/test", subject, "1"),
        type="cn.sunlight.approval.case.received.v1",
        source="/test",
        subject=subject,
        time=_began(subject),
        recordedtime=_began(subject),
        sequence=1,
        data={"case_no": subject},
    )


@pytest.fixture
def law() -> Fold:
    return installed_law("Asia/Shanghai", packs=[RULES / "recorded/receipt.yaml"])


def faulty(law: Fold, *subjects: str) -> Faulty:
    """The law with the fault for these subjects."""
    instants = frozenset(_began(name) for name in subjects)
    return Faulty(law.book, law.calendar, law.zone, law.detectors, instants)


@pytest_asyncio.fixture
async def delivery(database: str, law: Fold) -> AsyncIterator[Delivery]:
    """Three cases received, of which nothing more is ever heard."""
    opened = await Delivery.opened(database, law)
    await adopt(opened.pool, opened.handler)
    await opened.deliver([_received(name) for name in CASES], "approval")
    yield opened
    await opened.close()


async def _found(delivery: Delivery) -> set[str]:
    rows = await delivery.pool.fetch("SELECT subject FROM finding WHERE status <> 'rescinded'")
    return {row["subject"] for row in rows}


async def test_a_sweep_goes_on_where_one_subject_cannot_be_judged(
    delivery: Delivery, law: Fold
) -> None:
    delivery.handler = MonitorHandler(faulty(law, "case-2"))
    await delivery.move_to(LATER)
    assert await _found(delivery) == {"case-1", "case-3"}


async def test_such_a_subject_is_listed_with_the_parked_and_what_went_wrong(
    delivery: Delivery, law: Fold
) -> None:
    delivery.handler = MonitorHandler(faulty(law, "case-2"))
    await delivery.move_to(LATER)
    (listed,) = await parked.listed(delivery.pool)
    assert (listed.subject, listed.reason, listed.events) == ("case-2", "unjudged", 0)
    assert "ZeroDivisionError" in listed.error
    blocked = await delivery.pool.fetchval("SELECT blocked FROM subject WHERE subject = 'case-2'")
    assert blocked == BLOCKED


async def test_the_alarm_is_in_the_log_and_in_the_metrics(delivery: Delivery, law: Fold) -> None:
    before = UNJUDGED._value.get()
    delivery.handler = MonitorHandler(faulty(law, "case-2"))
    with capture_logs() as logs:
        await delivery.move_to(LATER)
    told = [entry["subject"] for entry in logs if entry["event"] == "monitor.unjudged"]
    assert told == ["case-2"]
    assert UNJUDGED._value.get() == before + 1


async def test_it_is_not_judged_again_at_the_next_horizon(delivery: Delivery, law: Fold) -> None:
    fold = faulty(law, "case-2")
    delivery.handler = MonitorHandler(fold)
    await delivery.move_to(LATER)
    tried = len(fold.seen)
    await delivery.move_to(LATER + timedelta(seconds=1))
    assert len(fold.seen) == tried


async def test_replayed_once_the_fault_is_mended_it_is_judged_as_it_should_have_been(
    delivery: Delivery, law: Fold
) -> None:
    delivery.handler = MonitorHandler(faulty(law, "case-2"))
    await delivery.move_to(LATER)
    delivery.handler = MonitorHandler(law)
    tally = await parked.replay(delivery.pool, delivery.handler, "case-2")
    assert tally.parked == 0
    assert await _found(delivery) == set(CASES)
    assert await parked.listed(delivery.pool) == []


async def test_replayed_while_the_fault_is_there_it_stays_set_aside(
    delivery: Delivery, law: Fold
) -> None:
    delivery.handler = MonitorHandler(faulty(law, "case-2"))
    await delivery.move_to(LATER)
    tally = await parked.replay(delivery.pool, delivery.handler, "case-2")
    assert tally.parked == 1
    assert [one.subject for one in await parked.listed(delivery.pool)] == ["case-2"]


async def test_what_comes_meanwhile_waits_behind_it_and_is_replayed_with_it(
    delivery: Delivery, law: Fold
) -> None:
    delivery.handler = MonitorHandler(faulty(law, "case-2"))
    await delivery.move_to(LATER)
    closed = _received("case-2")._replace(
        id=recorded_id("/test", "case-2", "2"),
        type="cn.sunlight.approval.case.closed.v1",
        time=BEGIN + timedelta(days=1),
        recordedtime=BEGIN + timedelta(days=1),
        sequence=2,
        data={},
    )
    await delivery.deliver([closed], "approval")
    assert {one.reason for one in await parked.shown(delivery.pool, "case-2")} == {
        "unjudged",
        "behind",
    }
    delivery.handler = MonitorHandler(law)
    tally = await parked.replay(delivery.pool, delivery.handler, "case-2")
    assert (tally.applied, tally.parked) == (1, 0)
    rows = await delivery.standing(LATER)
    decided_late = {row["subject"] for row in rows.findings if row["rule"] == "receipt.decide"}
    assert decided_late == {"case-1", "case-3"}


async def test_a_changed_law_is_taken_up_by_all_but_the_subject_that_cannot_be_folded(
    delivery: Delivery, law: Fold
) -> None:
    await delivery.move_to(LATER)
    notice = Notice("test", 2025, date(2025, 3, 10), frozenset(), frozenset(), {})
    changed = law.calendar.with_notice(notice)
    delivery.handler = MonitorHandler(replace(faulty(law, "case-2"), calendar=changed))
    assert await adopt(delivery.pool, delivery.handler) == 3
    assert [one.subject for one in await parked.listed(delivery.pool)] == ["case-2"]
    assert await adopt(delivery.pool, delivery.handler) == 0


async def test_when_nothing_can_be_judged_any_more_the_worker_stops(
    delivery: Delivery, law: Fold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "MAX_A_MINUTE", 2)
    delivery.handler = MonitorHandler(faulty(law, *CASES))
    with pytest.raises(TooMuchPoisonError, match="parked list"):
        await delivery.move_to(LATER)


async def test_a_late_event_whose_subject_cannot_be_folded_anew_is_parked_and_others_go_on(
    delivery: Delivery, law: Fold
) -> None:
    """The batch finds the event at fault; that of another subject in the same batch counts."""
    late = [
        _received(name)._replace(
            id=recorded_id("/test", name, "2"),
            type="cn.sunlight.approval.case.closed.v1",
            time=BEGIN,
            sequence=2,
            data={},
        )
        for name in ("case-1", "case-2")
    ]
    handler = MonitorHandler(faulty(law, "case-2"))
    await deliver(delivery.dsn, handler, [outgoing(late)])
    (listed,) = await parked.listed(delivery.pool)
    assert (listed.subject, listed.reason) == ("case-2", "poison")
    seen = await delivery.pool.fetch("SELECT subject FROM observation WHERE sequence = 2")
    assert [row["subject"] for row in seen] == ["case-1"]
