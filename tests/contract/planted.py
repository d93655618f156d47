"""Rows of each service for a fuzzer to hit: by a path's parameter, whose values exist.

Must never be planted past the services: what stands there was received as it always is.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from libs.common.db import migrations
from libs.common.db.city_clock import create_city_clock
from services.e_monitor.settings import Settings as MonitorSettings
from tests.contract.fuzzed import Rows, application, everyone
from tests.service import desk
from tests.service.city import START
from tests.service.consuming import consume
from tests.service.disclosure.conftest import HANDLER
from tests.service.e_monitor.scene import play
from tests.service.resource_trading.conftest import WORKS
from tests.unit.disclosure.events import decided, detected, received, tender

CASE: Final[dict[str, Any]] = {"item_code": "A-1", "item_type": "行政许可"}


async def migrated(dsn: str) -> None:
    """Every schema, on a city's clock."""
    connection = await asyncpg.connect(dsn)
    await create_city_clock(connection, START)
    await connection.close()
    await migrations.upgrade_all(dsn)


async def _approval(dsn: str, files: Path) -> Rows:
    numbers = []
    app = application("approval", dsn, files, everyone("approval"))
    async with desk.calling(app, "http://127.0.0.1/api/approval/v1") as caller:
        for _ in range(3):
            answer = await _created(caller, "/cases", CASE)
            numbers.append(answer["case_no"])
    return {"case_no": numbers}


async def _trading(dsn: str, files: Path) -> Rows:
    app = application("trading", dsn, files, everyone("trading"))
    async with desk.calling(app, "http://127.0.0.1/api/trading/v1") as caller:
        for number in ("T-1", "T-2"):
            await _created(caller, "/tenders", {**WORKS, "tender_no": number})
    return {"ref": ["T-1", "T-2"]}


async def _monitor(dsn: str, files: Path) -> Rows:
    await play(dsn, MonitorSettings(dsn=dsn).law())
    async with desk.as_owner(dsn, "monitor") as owner:
        rows = await owner.fetch("SELECT id, subject, rule FROM finding ORDER BY id")
    found = [str(row["id"]) for row in rows]
    stages = ["detected", "yellow", "red"]
    return {
        "finding_id": found,
        "finding": found,
        "clock": found,
        "stage": [stages[n % 3] for n, _ in enumerate(rows)],
        "subject": [row["subject"] for row in rows],
        "rule": [row["rule"] for row in rows],
    }


async def _disclosure(dsn: str, files: Path) -> Rows:
    case = "case/C-1"
    await consume(
        dsn, "disclosure", HANDLER, [tender(), received(case), decided(case), detected("f-1")]
    )
    async with desk.as_owner(dsn, "disclosure") as owner:
        rows = await owner.fetch("SELECT id FROM record ORDER BY id")
    return {"record_id": [str(row["id"]) for row in rows]}


PLANTED: Final[Mapping[str, Callable[[str, Path], Coroutine[Any, Any, Rows]]]] = {
    "approval": _approval,
    "trading": _trading,
    "monitor": _monitor,
    "disclosure": _disclosure,
}


async def _created(caller: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = await caller.post(path, json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told
