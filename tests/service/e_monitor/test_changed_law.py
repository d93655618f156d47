"""A correction, a new notice or a late start event: stored subjects are folded anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio

from libs.common.events import Event, recorded_id
from libs.common.law.fold import Fold
from libs.common.law.installed import RULES, installed_law
from libs.common.law.rule import Deadline, Effective, Rule
from libs.common.law.rulebook import Rulebook
from libs.common.worktime import Notice
from services.e_monitor.clock.adopt import adopt
from services.e_monitor.clock.handlers import MonitorHandler
from tests.standing import Delivery

UNTIL = datetime(2024, 6, 1, tzinfo=UTC)


def _event(subject: str, sequence: int, kind: str, at: datetime) -> Event:
    return Event(
        id=recorded_id("/test", subject, str(sequence)),
        type=f"cn.sunlight.approval.case.{kind}.v1",
        source="/test",
        subject=subject,
        time=at,
        recordedtime=at,
        sequence=sequence,
        data={"case_no": subject} if kind == "received" else {},
    )


def _life(subject: str) -> list[Event]:
    """Received on Monday 2024-03-04, closed on Wednesday 2024-04-03: 22 working days by count
    (2024-03-05 to 2024-04-03, no holiday before 2024-04-04)."""
    return [
        _event(subject, 1, "received", datetime(2024, 3, 4, 2, tzinfo=UTC)),
        _event(subject, 2, "closed", datetime(2024, 4, 3, 2, tzinfo=UTC)),
    ]


@pytest.fixture
def law() -> Fold:
    return installed_law("Asia/Shanghai", packs=[RULES / "recorded/receipt.yaml"])


@pytest_asyncio.fixture
async def delivery(database: str, law: Fold) -> AsyncIterator[Delivery]:
    opened = await Delivery.opened(database, law)
    await adopt(opened.pool, opened.handler)
    await opened.deliver(_life("case-1"), "approval")
    await opened.move_to(UNTIL)
    yield opened
    await opened.close()


def _corrected(law: Fold, length: int) -> Fold:
    """The same law with `receipt.decide` corrected by us to another length."""
    rules: list[Rule] = []
    for rule in law.book.rules:
        if isinstance(rule, Deadline) and rule.id == "receipt.decide":
            rules.append(rule.model_copy(update={"length": length, "revision": 2, "corrects": 1}))
        else:
            rules.append(rule)
    return replace(law, book=Rulebook(tuple(rules), law.book.exclusions))


async def _late(delivery: Delivery) -> list[str]:
    found = (await delivery.standing(UNTIL)).findings
    return [row["subject"] for row in found if row["rule"] == "receipt.decide"]


async def test_a_correction_of_ours_rescinds_what_no_longer_holds(
    delivery: Delivery, law: Fold
) -> None:
    assert await _late(delivery) == ["case-1"]
    delivery.handler = MonitorHandler(_corrected(law, 30))
    assert await adopt(delivery.pool, delivery.handler) == 1
    assert await _late(delivery) == []


async def test_a_correction_of_ours_finds_what_was_missed(delivery: Delivery, law: Fold) -> None:
    delivery.handler = MonitorHandler(_corrected(law, 30))
    await adopt(delivery.pool, delivery.handler)
    delivery.handler = MonitorHandler(_corrected(law, 21))
    await adopt(delivery.pool, delivery.handler)
    assert await _late(delivery) == ["case-1"]


async def test_a_new_notice_recomputes_the_clocks_that_touch_its_days(
    delivery: Delivery, law: Fold
) -> None:
    off = frozenset({date(2024, 3, 11), date(2024, 3, 12), date(2024, 3, 13)})
    notice = Notice("test", 2024, date(2024, 3, 10), off, frozenset(), {})
    delivery.handler = MonitorHandler(replace(law, calendar=law.calendar.with_notice(notice)))
    assert await adopt(delivery.pool, delivery.handler) == 1
    assert await _late(delivery) == []


async def test_an_unchanged_law_refolds_nothing(delivery: Delivery) -> None:
    assert await adopt(delivery.pool, delivery.handler) == 0


async def test_two_versions_of_a_rule_number_their_clocks_together(law: Fold) -> None:
    (rule,) = law.book.by_id["receipt.confirm"]
    early = Effective.model_validate({"from": "1990-01-01", "to": "2024-03-31"})
    late = Effective.model_validate({"from": "2024-04-01"})
    versions = (
        rule.model_copy(update={"effective": early, "pairing": "next"}),
        rule.model_copy(update={"effective": late, "pairing": "next", "revision": 2}),
    )
    fold = replace(law, book=Rulebook(versions, law.book.exclusions))
    events = [
        _event("case-9", 1, "received", datetime(2024, 3, 4, tzinfo=UTC)),
        _event("case-9", 2, "receipt-issued", datetime(2024, 3, 28, tzinfo=UTC)),
        _event("case-9", 3, "received", datetime(2024, 4, 8, tzinfo=UTC)),
    ]
    assert [clock.occurrence for clock in fold.fold(events).clocks] == [1, 2]
