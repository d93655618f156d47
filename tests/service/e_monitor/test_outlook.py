"""What is due soon is kept between two looks, and is right all the same."""

import asyncio

from libs.common.db.engine import pool
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from services.e_monitor.clock.outlook import Outlook
from tests.service.e_monitor.scene import Worker, accepted, at

UPTO = at("2026-12-31T00:00:00")
CITY = Scope.of("990100")


async def days(outlook: Outlook, scope: Scope = CITY) -> dict[str, str]:
    """When the promise of each subject is due."""
    found = await outlook.within(scope, UPTO)
    return {one.subject: one.day.isoformat() for one in found if one.rule == "APV-023"}


async def test_a_case_that_came_and_one_that_ended_are_seen_at_the_next_look(
    database: str, law: Fold
) -> None:
    worker = Worker(database, law)
    promise = {"promised_limit": 5, "promised_unit": "working_day"}
    await worker.feed(accepted(worker, "case/1", "2026-10-26", **promise), "2026-10-27T09:00:00")
    shared = await pool(database, "monitor", max_size=2)
    outlook = Outlook(shared, law)
    assert await days(outlook) == {"case/1": "2026-11-02"}
    await worker.feed(accepted(worker, "case/2", "2026-10-27", **promise), "2026-10-28T09:00:00")
    assert await days(outlook) == {"case/1": "2026-11-02", "case/2": "2026-11-03"}
    decided = worker.event("approval.case.decided", "case/1", "2026-10-28T10:00:00")
    await worker.feed([decided], "2026-10-28T11:00:00")
    assert await days(outlook) == {"case/2": "2026-11-03"}
    await outlook.close()
    await shared.close()


async def test_many_who_look_at_once_see_their_own_of_one_reading(autumn: str, law: Fold) -> None:
    shared = await pool(autumn, "monitor", max_size=2)
    outlook = Outlook(shared, law)
    everything, district, nowhere = await asyncio.gather(
        *[days(outlook, scope) for scope in (Scope.everything(), Scope.of("990103"), Scope(None))]
    )
    await outlook.close()
    await shared.close()
    assert set(everything) == {"case/2026-2", "case/2026-3"}
    assert (district, nowhere) == ({}, {})
