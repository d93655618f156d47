"""A reminder reaches the office's inbox once, is receipted, and is taken back when it is done.

Days as in `test_reminders`: the promise of five working days ends on Tuesday 29 September, so that
EMO-001 reminds from Monday the 28th on, and APV-023 with it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest

from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from services.e_monitor.pages import work
from tests.service.e_monitor.scene import Worker, accepted, application, calling, post

BASE = "/api/monitor/v1"
OFFICE = "市住建局"
CASE = "case/r-1"
COMES = "2026-09-28T00:00:01"
PROMISE = {"promised_limit": 5, "promised_unit": "working_day"}
CLERK = Actor("zj-window-1", OFFICE, "990100", frozenset({"clock.read"}))
COLLEAGUE = Actor("zj-window-2", OFFICE, "990100", frozenset({"clock.read"}))
OTHER = Actor("sj-1", "市市场监管局", "990100", frozenset({"clock.read"}))
HEAD = post("head", office=OFFICE)
VISITOR = Actor("gz-1", OFFICE, "990100", frozenset())


@pytest.fixture
async def worker(database: str, law: Fold) -> Worker:
    made = Worker(database, law)
    await made.feed(accepted(made, CASE, "2026-09-21", **PROMISE))
    return made


@asynccontextmanager
async def acting(dsn: str, law: Fold, actor: Actor = CLERK) -> AsyncIterator[httpx.AsyncClient]:
    async def identify(_: object) -> Actor:
        return actor

    async with calling(application(dsn, law, identify=identify), BASE) as caller:
        yield caller


async def listed(
    dsn: str, law: Fold, actor: Actor = CLERK, *, new: bool = True
) -> list[dict[str, Any]]:
    async with acting(dsn, law, actor) as api:
        answer = await api.get("/reminders", params={"new": new})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_before_its_day_there_is_none(database: str, law: Fold, worker: Worker) -> None:
    await worker.feed([], "2026-09-27T23:59:59")
    assert await listed(database, law, new=False) == []


async def test_on_its_day_the_office_is_told_what_ends_when(
    database: str, law: Fold, worker: Worker
) -> None:
    await worker.feed([], COMES)
    found = await listed(database, law)
    assert {one["rule"] for one in found} == {"EMO-001", "APV-023"}
    ends = {datetime.fromisoformat(one["ends_at"]) for one in found}
    assert ends == {datetime(2026, 9, 29, 16, tzinfo=UTC)}
    assert {one["subject"] for one in found} == {CASE}


async def test_it_is_told_once_however_often_time_moves(
    database: str, law: Fold, worker: Worker
) -> None:
    await worker.feed([], COMES)
    before = await listed(database, law)
    await worker.feed([], "2026-09-28T09:00:00")
    await worker.feed([], "2026-09-29T09:00:00")
    assert await listed(database, law) == before
    assert len({one["id"] for one in before}) == 2


async def test_another_office_is_not_told(database: str, law: Fold, worker: Worker) -> None:
    await worker.feed([], COMES)
    assert await listed(database, law, OTHER) == []


async def test_a_post_that_may_see_no_clock_has_no_such_inbox(
    database: str, law: Fold, worker: Worker
) -> None:
    async with acting(database, law, VISITOR) as api:
        assert (await api.get("/reminders")).status_code == 403


async def test_received_it_is_new_no_more_and_the_first_receipt_stands(
    database: str, law: Fold, worker: Worker
) -> None:
    await worker.feed([], COMES)
    clock = (await listed(database, law))[0]["clock"]
    for actor in (CLERK, COLLEAGUE):
        async with acting(database, law, actor) as api:
            assert (await api.post(f"/reminders/{clock}/receipt")).status_code == 204
    assert clock not in {one["clock"] for one in await listed(database, law)}
    (kept,) = [one for one in await listed(database, law, new=False) if one["clock"] == clock]
    assert kept["received_post"] == CLERK.post


async def test_another_office_cannot_receive_it(database: str, law: Fold, worker: Worker) -> None:
    await worker.feed([], COMES)
    clock = (await listed(database, law))[0]["clock"]
    async with acting(database, law, OTHER) as api:
        assert (await api.post(f"/reminders/{clock}/receipt")).status_code == 404


async def test_decided_before_it_was_read_it_is_withdrawn_as_done(
    database: str, law: Fold, worker: Worker
) -> None:
    await worker.feed([], COMES)
    decided = worker.event("approval.case.decided", CASE, "2026-09-28T15:00:00", outcome="granted")
    await worker.feed([decided], "2026-09-28T16:00:00")
    assert await listed(database, law) == []
    kept = await listed(database, law, new=False)
    assert {one["reason"] for one in kept} == {"done"}
    assert all(one["withdrawn_at"] for one in kept)


async def test_a_pause_takes_it_back_and_when_the_limit_ends_anew_it_is_told_anew(
    database: str, law: Fold, worker: Worker
) -> None:
    """Paused on Monday the 28th, resumed on Tuesday the 29th: the day left over is the 30th, and
    29 September, when the last working day before it begins, has come."""
    await worker.feed([], COMES)
    clock = (await listed(database, law))[0]["clock"]
    async with acting(database, law) as api:
        await api.post(f"/reminders/{clock}/receipt")
    paused = worker.event(
        "approval.case.paused", CASE, "2026-09-28T10:00:00", ground="hearing", notice_no="7"
    )
    await worker.feed([paused], "2026-09-28T11:00:00")
    assert {one["reason"] for one in await listed(database, law, new=False)} == {"moved"}
    resumed = worker.event("approval.case.resumed", CASE, "2026-09-29T10:00:00")
    await worker.feed([resumed], "2026-09-29T11:00:00")
    found = await listed(database, law)
    ends = {datetime.fromisoformat(one["ends_at"]) for one in found}
    assert clock in {one["clock"] for one in found}
    assert ends == {datetime(2026, 9, 30, 16, tzinfo=UTC)}


async def test_once_the_limit_has_passed_it_stays_as_it_was(
    database: str, law: Fold, worker: Worker
) -> None:
    await worker.feed([], COMES)
    await worker.feed([], "2026-10-20T12:00:00")
    kept = [one for one in await listed(database, law, new=False) if one["rule"] == "APV-023"]
    assert [one["withdrawn_at"] for one in kept] == [None]


@pytest.mark.parametrize(("upto", "shown"), [(COMES, True), ("2026-09-30T00:00:01", False)])
async def test_the_heads_page_lists_it_until_the_limit_ends(
    database: str, law: Fold, worker: Worker, upto: str, shown: bool
) -> None:
    await worker.feed([], upto)
    async with acting(database, law, post("head", office=OFFICE)) as api:
        page = (await api.get("http://city.test/monitor/work?lang=zh")).text
    panel = page[page.index('id="reminders"') : page.index('id="to-answer"')]
    assert ("r-1" in panel) is shown


async def test_a_reminder_is_no_finding_and_tells_nobody_outside(
    database: str, law: Fold, worker: Worker
) -> None:
    await worker.feed([], COMES)
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval("SELECT count(*) FROM monitor.finding") == 0
        assert await connection.fetchval("SELECT count(*) FROM monitor.outbox") == 0
    finally:
        await connection.close()


async def test_a_late_event_that_shows_it_done_takes_it_back(
    database: str, law: Fold, worker: Worker
) -> None:
    """Recorded on the 28th, decided on the 22nd: the subject is folded anew."""
    await worker.feed(
        [worker.event("approval.case.step-recorded", CASE, "2026-09-25T09:00:00")], COMES
    )
    assert await listed(database, law)
    decided = worker.event("approval.case.decided", CASE, "2026-09-22T15:00:00", outcome="granted")
    await worker.feed([decided], "2026-09-28T16:00:00")
    assert await listed(database, law) == []


async def test_what_has_ended_leaves_the_page_its_room_for_what_still_runs(
    database: str, law: Fold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """r-2 has until 9 October and was told first; r-3 had until the 8th and was told after it."""
    worker = Worker(database, law)
    await worker.feed(accepted(worker, "case/r-2", "2026-09-04"), "2026-09-30T00:00:01")
    late = accepted(worker, "case/r-3", "2026-09-23", **PROMISE)
    await worker.feed(late, "2026-09-30T09:00:00")
    await worker.feed([], "2026-10-09T09:00:00")
    assert {one["subject"] for one in await listed(database, law)} == {"case/r-2", "case/r-3"}
    monkeypatch.setattr(work, "MOST", 1)
    async with acting(database, law, HEAD) as api:
        page = (await api.get("http://city.test/monitor/work?lang=zh")).text
    told = page[page.index('id="reminders"') :].partition("</section>")[0]
    assert ("r-2" in told, "r-3" in told) == (True, False)
