"""A topic that is behind: what waits for it is neither judged nor looked at again and again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from libs.common.bus import subjects as store
from libs.common.bus.protocol import PARTITIONS, TopicPartition
from libs.common.events import Event, recorded_id
from libs.common.law.clock import Clock
from libs.common.law.dossier import Dossier
from libs.common.law.fold import Fold, Judged
from services.e_monitor.clock.handlers import TOPICS
from tests.standing import Delivery

BEGIN = datetime(2026, 3, 2, 2, tzinfo=UTC)
LATER = BEGIN + timedelta(days=120)
LICENCE = {
    "item_type": "行政许可",
    "joint": False,
    "immediate": False,
    "limit_set_by_law": False,
}


@dataclass(frozen=True)
class Counting(Fold):
    """The shipped law, and how often anything was judged by it."""

    judgements: list[str] = field(default_factory=list)

    def judged_one(
        self, dossier: Dossier, clock: Clock, at: datetime | Callable[[Any], datetime]
    ) -> Judged:
        self.judgements.append(clock.rule)
        return super().judged_one(dossier, clock, at)


@pytest.fixture
def counting(law: Fold) -> Counting:
    return Counting(law.book, law.calendar, law.zone, law.detectors)


@pytest_asyncio.fixture
async def delivery(database: str, counting: Counting) -> AsyncIterator[Delivery]:
    opened = await Delivery.opened(database, counting)
    yield opened
    await opened.close()


def _event(subject: str, sequence: int, kind: str, **data: Any) -> Event:
    at = BEGIN + timedelta(hours=sequence)
    return Event(
        id=recorded_id("/test", subject, str(sequence)),
        type=f"cn.sunlight.{kind}.v1",
        source="/test",
        subject=subject,
        time=at,
        recordedtime=at,
        sequence=sequence,
        data=data,
        region="990100",
    )


def _case(subject: str) -> list[Event]:
    return [
        _event(subject, 1, "approval.case.received", case_no=subject, **LICENCE),
        _event(subject, 2, "approval.case.accepted"),
    ]


async def _complete(delivery: Delivery, **topics: datetime) -> None:
    """Horizons per topic, and a sweep."""
    async with store.acquired(delivery.pool) as connection:
        for topic, horizon in topics.items():
            await connection.execute(
                "UPDATE consumer_position SET horizon = $2 WHERE topic = $1", topic, horizon
            )
    places = frozenset(TopicPartition(t, p) for t in TOPICS for p in range(PARTITIONS))
    await delivery.handler.sweep(delivery.pool, places)


async def _late(delivery: Delivery) -> set[str]:
    rows = await delivery.pool.fetch("SELECT subject FROM finding WHERE status <> 'rescinded'")
    return {row["subject"] for row in rows}


@pytest.mark.parametrize("behind", ["approval", "registry"])
async def test_a_subject_whose_topic_is_behind_is_not_judged_at_every_horizon_of_the_others(
    delivery: Delivery, counting: Counting, behind: str
) -> None:
    await delivery.deliver(_case("case/1"), behind)
    await _complete(delivery, **dict.fromkeys(TOPICS, BEGIN + timedelta(days=1)))
    counting.judgements.clear()
    others = [topic for topic in TOPICS if topic not in (behind, "disclosure")]
    for second in range(3):
        await _complete(delivery, **dict.fromkeys(others, LATER + timedelta(seconds=second)))
    assert counting.judgements == []
    assert await _late(delivery) == set()


@pytest.mark.parametrize("behind", ["approval", "registry"])
async def test_once_the_topic_has_caught_up_the_subject_is_judged(
    delivery: Delivery, behind: str
) -> None:
    await delivery.deliver(_case("case/1"), behind)
    others = [topic for topic in TOPICS if topic != behind]
    await _complete(delivery, **dict.fromkeys(others, LATER))
    assert await _late(delivery) == set()
    await _complete(delivery, **{behind: LATER})
    assert await _late(delivery) == {"case/1"}


async def test_a_topic_that_is_behind_holds_back_no_subject_of_another(
    delivery: Delivery,
) -> None:
    await delivery.deliver(_case("case/1"), "approval")
    await delivery.deliver(_case("hall/1"), "registry")
    await _complete(delivery, approval=LATER)
    assert await _late(delivery) == {"case/1"}


async def test_a_partition_that_is_behind_holds_back_its_own_subjects_only(
    delivery: Delivery, counting: Counting
) -> None:
    names = [f"case/{number}" for number in range(40)]
    await delivery.deliver([event for name in names for event in _case(name)], "approval")
    await _complete(delivery, approval=BEGIN + timedelta(days=1))
    await delivery.pool.execute(
        "UPDATE consumer_position SET horizon = $1 WHERE topic = 'approval' AND partition <> 3",
        LATER,
    )
    await _complete(delivery)
    rows = await delivery.pool.fetch("SELECT subject FROM subject WHERE partition <> 3")
    assert 0 < len(rows) < len(names)
    assert await _late(delivery) == {row["subject"] for row in rows}
    counting.judgements.clear()
    await _complete(delivery)
    assert counting.judgements == []


async def test_a_limit_that_waits_for_two_topics_is_judged_when_the_slower_has_passed_it(
    delivery: Delivery,
) -> None:
    decided = _event("case/1", 3, "approval.case.decided", outcome="granted", publishes=True)
    await delivery.deliver([*_case("case/1"), decided], "approval")
    await _complete(delivery, **dict.fromkeys(("approval", "trading", "registry"), LATER))
    before = await delivery.pool.fetch("SELECT rule FROM finding WHERE rule = 'APV-022'")
    await _complete(delivery, disclosure=LATER)
    after = await delivery.pool.fetch("SELECT rule FROM finding WHERE rule = 'APV-022'")
    assert (len(before), len(after)) == (0, 1)
