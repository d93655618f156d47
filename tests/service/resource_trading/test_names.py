"""The trading hall calls an office by the name that the organisation has told."""

import asyncio
import time

import httpx
import pytest

from libs.common.directory import reader
from libs.common.directory.handler import Listener
from libs.common.directory.projection import Heard
from libs.common.identity.actor import loopback_only
from libs.common.law.fold import Fold
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from tests.service.consuming import consume
from tests.service.desk import calling
from tests.service.resource_trading.conftest import STAFF, Hall
from tests.unit.disclosure.events import event


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are read anew at once, not every ten seconds."""
    monkeypatch.setattr(reader, "PERIOD", 0.1)


async def test_a_tenderer_is_called_by_its_name(dsn: str, law: Fold, hall: Hall) -> None:
    await hall.publish()
    told = {"body": STAFF.office, "name": "阳光市公共资源交易中心", "first_day": "2026-01-01"}
    place = {"region_code": "990100000000", "level": "city"}
    body = event("approval.body.established", f"body/{STAFF.office}", 1, {**told, **place})
    await consume(dsn, "trading", Listener(Heard), [body])
    app = create_app(Settings(dsn=dsn), law=law, identify=loopback_only(STAFF, "127.0.0.1"))
    async with calling(app, "http://city.test") as reader:
        deadline = time.monotonic() + 30
        while "阳光市公共资源交易中心" not in await page(reader):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)


async def page(reader: httpx.AsyncClient) -> str:
    return (await reader.get("/trading?lang=zh")).text
