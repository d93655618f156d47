"""A case that another office takes over: its finding is that office's, to see and to answer."""

from libs.common.events import decode
from libs.common.identity.actor import Actor
from libs.common.law.fold import Fold
from tests.service.desk import as_owner
from tests.service.e_monitor.scene import Worker, accepted, application, calling, post

BEFORE, AFTER = "市住建局", "市水务局"


async def test_a_finding_that_changes_goes_with_its_case(database: str, law: Fold) -> None:
    worker = Worker(database, law)
    await worker.feed(accepted(worker, "case/m-1", "2026-09-01"), "2026-10-20T09:00:00")
    decided = worker.event(
        "approval.case.decided",
        "case/m-1",
        "2026-10-20T10:00:00",
        outcome="granted",
        department=AFTER,
    )
    await worker.feed([decided], "2026-10-20T11:00:00")
    async with as_owner(database, "monitor") as owner:
        told = await owner.fetch("SELECT value FROM outbox ORDER BY id")
    last = decode(told[-1]["value"])
    assert last.department == AFTER

    seen = {}
    for office in (BEFORE, AFTER):
        head = post("head", office=office)

        async def identify(_: object, head: Actor = head) -> Actor:
            return head

        async with calling(application(database, law, identify=identify)) as api:
            answer = await api.get("/api/monitor/v1/findings", params={"rule": "APV-010"})
            seen[office] = [one["subject"] for one in answer.json()["items"]]
    assert seen == {BEFORE: [], AFTER: ["case/m-1"]}
