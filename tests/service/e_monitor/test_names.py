"""An office of a finding is called by the name that the organisation has told."""

import asyncio
import time

import pytest

from libs.common.directory import reader
from libs.common.law.fold import Fold
from tests.service.e_monitor.scene import Worker, accepted, application, calling

CODE = "11990100MB0000001X"


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are read anew at once, not every ten seconds."""
    monkeypatch.setattr(reader, "PERIOD", 0.1)


async def test_the_monitor_calls_an_office_by_its_name(database: str, law: Fold) -> None:
    worker = Worker(database, law)
    told = {"body": CODE, "region_code": "990100000000", "level": "city"}
    body = worker.event(
        "approval.body.established",
        f"body/{CODE}",
        "2026-01-05T09:00:00",
        name="阳光市审批局",
        first_day="2026-01-01",
        **told,
    )
    late = accepted(worker, "case/2026-1", "2026-09-18", department=CODE)
    await worker.feed([body, *late], "2026-11-02T12:00:00")
    async with calling(application(database, law)) as site:
        deadline = time.monotonic() + 30
        while "阳光市审批局，办件 2026-1" not in (await site.get("/monitor?lang=zh")).text:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
