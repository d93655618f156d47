"""A reminder that has come: the clock shows as nearly due, and no finding is made of it.

In 2026 25 to 27 September and 1 to 7 October are off, Sunday 20 September is worked (国办发明电
〔2025〕7号), so that two working days before 9 October lie nine civil days before it.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import Worker, accepted, application, calling
from tests.service.e_monitor.test_pages import text_of

PROMISE = {"promised_limit": 5, "promised_unit": "working_day"}


@pytest.fixture
async def worker(database: str, law: Fold) -> Worker:
    """Accepted on Monday 21 September with a promise of five: 22, 23, 24, 28, 29 September."""
    made = Worker(database, law)
    await made.feed(accepted(made, "case/r-1", "2026-09-21", **PROMISE))
    return made


@pytest.fixture
async def api(database: str, law: Fold, worker: Worker) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(application(database, law)) as caller:
        yield caller


async def nearly_due(api: httpx.AsyncClient, worker: Worker, horizon: str) -> dict[str, bool]:
    """Rule → whether its clock on the case is nearly due, once all is complete to `horizon`."""
    await worker.feed([], horizon)
    clocks = (await api.get("/api/monitor/v1/clocks/case/r-1")).json()["clocks"]
    return {clock["rule"]: clock["nearly_due"] for clock in clocks}


async def test_the_day_before_the_reminder_nothing_is_nearly_due(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    found = await nearly_due(api, worker, "2026-09-27T23:59:59")
    assert found["EMO-001"] is False
    assert found["APV-023"] is False


async def test_from_the_working_day_before_the_limit_the_promise_is_nearly_due(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    found = await nearly_due(api, worker, "2026-09-28T00:00:01")
    assert found["EMO-001"] is True
    assert found["APV-023"] is True
    assert found["APV-010"] is False


async def test_the_subjects_list_of_clocks_says_so(api: httpx.AsyncClient, worker: Worker) -> None:
    await worker.feed([], "2026-09-28T00:00:01")
    page = await text_of(api, "/monitor/subjects/case/r-1?lang=zh")
    row = page[page.index("承诺到期前提示") :]
    assert "将到期" in row[:60]


async def test_a_reminder_is_never_a_finding(
    api: httpx.AsyncClient, worker: Worker, database: str
) -> None:
    await worker.feed([], "2026-11-02T12:00:00")
    found = (await api.get("/api/monitor/v1/findings?subject=case/r-1")).json()
    assert "EMO-001" not in {one["rule"] for one in found["items"]}


async def test_past_its_limit_it_is_nearly_due_no_more(
    api: httpx.AsyncClient, worker: Worker
) -> None:
    found = await nearly_due(api, worker, "2026-09-30T00:00:01")
    assert found["APV-023"] is False
    assert found["EMO-001"] is False


@pytest.mark.parametrize(
    ("horizon", "listed"), [("2026-09-29T23:59:59", False), ("2026-09-30T09:00:00", True)]
)
async def test_the_dashboard_lists_a_limit_that_ends_after_the_holiday_once_its_reminder_has_come(
    api: httpx.AsyncClient, worker: Worker, horizon: str, listed: bool
) -> None:
    """Twenty working days from Friday 4 September: 7 to 11 September (5), 14 to 18 (10), Sunday 20
    (11), 21 to 24 (15), 28 to 30 (18), 8 and 9 October (20). Two working days before are 30
    September."""
    await worker.feed(accepted(worker, "case/r-2", "2026-09-04"))
    await worker.feed([], horizon)
    page = await text_of(api, "/monitor?lang=zh")
    soon = page[page.index("即将到期") : page.index("当前超期，按单位")]
    assert (" r-2 " in soon) is listed
