"""A step recorded later than allowed (补录): found whatever the order of arrival, shown beside."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest

from libs.common.events import Event
from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import Worker, accepted, application, calling
from tests.service.e_monitor.test_pages import text_of

RULE = "EMO-031-LATE"
HORIZON = "2026-09-15T12:00:00"


def _late(event: Event, days: int) -> Event:
    return event._replace(recordedtime=event.time + timedelta(days=days))


@pytest.fixture
def worker(database: str, law: Fold) -> Worker:
    return Worker(database, law)


@pytest.fixture
async def site(database: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(application(database, law)) as caller:
        yield caller


async def _found(site: httpx.AsyncClient) -> list[tuple[str, str]]:
    answer = await site.get(f"/api/monitor/v1/findings?rule={RULE}")
    return [(one["subject"], one["severity"]) for one in answer.json()["items"]]


async def test_it_is_a_note_and_no_card(site: httpx.AsyncClient, worker: Worker) -> None:
    received, taken = accepted(worker, "case/1", "2026-09-04")
    await worker.feed([received, _late(taken, 5)], HORIZON)
    assert await _found(site) == [("case/1", "info")]


async def test_what_was_recorded_in_time_is_none(site: httpx.AsyncClient, worker: Worker) -> None:
    await worker.feed(accepted(worker, "case/1", "2026-09-04"), HORIZON)
    assert await _found(site) == []


async def test_it_stands_once_though_a_later_step_came_before_it(
    site: httpx.AsyncClient, worker: Worker, database: str
) -> None:
    """The subject is folded anew from what was observed, which knows when it was recorded."""
    received, taken = accepted(worker, "case/1", "2026-09-04")
    decided = worker.event(
        "approval.case.decided", "case/1", "2026-09-08T09:00:00", outcome="granted"
    )
    first, second = decided._replace(sequence=2), _late(taken, 5)._replace(sequence=3)
    await worker.feed([received, first])
    await worker.feed([second], HORIZON)
    assert await _found(site) == [("case/1", "info")]


async def test_the_page_of_the_date_shows_both_readings(
    site: httpx.AsyncClient, worker: Worker
) -> None:
    received, taken = accepted(worker, "case/1", "2026-09-04")
    await worker.feed([received, _late(taken, 5)], HORIZON)
    page = await text_of(site, "/monitor/why/case/1/APV-010?lang=zh")
    assert "2026-09-04 周五 受理，次日起算" in page
    assert "受理发生于 2026-09-04 周五 10:00，2026-09-09 周三 10:00 才录入" in page
    assert "若按录入的时间计：计时中，已计 4 个工作日，到期 2026-10-13 周二。" in page


async def test_the_findings_page_shows_both_instants_and_the_allowance(
    site: httpx.AsyncClient, worker: Worker
) -> None:
    received, taken = accepted(worker, "case/1", "2026-09-04")
    await worker.feed([received, _late(taken, 5)], HORIZON)
    items = (await site.get(f"/api/monitor/v1/findings?rule={RULE}")).json()["items"]
    page = await text_of(site, f"/monitor/findings/{items[0]['id']}?lang=zh")
    assert "事项 受理 发生时间 2026-09-04" in page
    assert "录入时间 2026-09-09" in page
    assert "允许迟报（工作日） 0" in page
    assert "超出允许（工作日） 3" in page
    assert datetime.fromisoformat(items[0]["occurred_at"]) == taken.time + timedelta(days=5)
