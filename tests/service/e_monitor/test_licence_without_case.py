"""A licence and the hall's decision on its case: without a ground it is a lead.

优化营商环境条例 art. 36(3): services are as a rule handled in the hall.
"""

import pytest

from libs.common.db import engine
from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import Worker, accepted

HORIZON = "2026-11-02T12:00:05"
FIRE = {"region": "990103", "department": "市消防救援支队"}


@pytest.fixture
def worker(database: str, law: Fold) -> Worker:
    return Worker(database, law)


async def leads(worker: Worker) -> list[str]:
    """The licences that stand without a ground."""
    pool = await engine.pool(worker.dsn, "monitor", max_size=1)
    try:
        rows = await pool.fetch(
            "SELECT subject FROM finding WHERE rule = 'EMO-020' AND status <> 'rescinded'"
        )
    finally:
        await pool.close()
    return [row["subject"] for row in rows]


async def issued(worker: Worker, **named: str) -> None:
    """A licence of 20 October, and time to look for its case."""
    licence = worker.event(
        "registry.licence.issued",
        "fire/2026-88",
        "2026-10-20T11:00:00",
        **{"licence_no": "消字-88", **named, **FIRE},
    )
    await worker.feed([licence], HORIZON)


async def decided(worker: Worker, case_no: str, outcome: str, **more: str) -> None:
    """A case accepted on 12 October and decided on the 16th."""
    subject = f"case/{case_no}"
    kind, at = "approval.case.decided", "2026-10-16T16:00:00"
    end = worker.event(kind, subject, at, outcome=outcome, **more)
    await worker.feed([*accepted(worker, subject, "2026-10-12"), end])


@pytest.mark.parametrize(
    ("outcome", "found"), [("granted", []), ("partly", []), ("refused", ["fire/2026-88"])]
)
async def test_a_licence_stands_without_ground_where_its_case_was_refused(
    worker: Worker, outcome: str, found: list[str]
) -> None:
    await decided(worker, "2026-4", outcome)
    await issued(worker, case_no="2026-4")
    assert await leads(worker) == found


async def test_a_second_case_that_was_granted_is_the_ground(worker: Worker) -> None:
    """Refused at first, applied for anew: the licence's number is in the later decision."""
    await decided(worker, "2026-4", "refused")
    await decided(worker, "2026-5", "granted", licence_no="消字-88")
    await issued(worker, case_no="2026-4")
    assert await leads(worker) == []


async def test_a_case_granted_after_all_takes_the_lead_back(worker: Worker) -> None:
    await decided(worker, "2026-4", "refused")
    await issued(worker, case_no="2026-4")
    assert await leads(worker) == ["fire/2026-88"]
    again = worker.event(
        "approval.case.decided", "case/2026-4", "2026-10-30T09:00:00", outcome="granted"
    )
    await worker.feed([again], "2026-11-03T00:00:00")
    assert await leads(worker) == []
