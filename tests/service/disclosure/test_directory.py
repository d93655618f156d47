"""Offices and items are called by the names that the organisation has told, from their day on.

The city's clock stands at Monday, 2 March 2026.
"""

import asyncio
import time
from collections.abc import Iterable

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.directory import reader
from libs.common.directory.projection import holding
from libs.common.events import Event
from libs.common.web.names import Names
from tests.service.disclosure.conftest import Stream
from tests.unit.disclosure.events import detected, event

OFFICE = "11990100MB0000001X"
ITEM = "11990100MB0000001X4440100001000"


def body(name: str, sequence: int = 1, first_day: str = "2026-01-01", code: str = OFFICE) -> Event:
    """What the organisation says of a body."""
    kind = "approval.body.established" if sequence == 1 else "approval.body.changed"
    told = {"body": code, "name": name, "region_code": "990100000000", "level": "city"}
    return event(kind, f"body/{code}", sequence, {**told, "first_day": first_day})


@pytest.fixture(autouse=True)
def looked_at_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are read anew at once, not every ten seconds."""
    monkeypatch.setattr(reader, "PERIOD", 0.1)


async def names(connection: Connection) -> dict[str, str]:
    found: Iterable[tuple[str, str]] = await holding(connection, "Asia/Shanghai")
    return dict(found)


async def test_the_newest_name_holds(stream: Stream, owner_connection: Connection) -> None:
    await stream.send(body("阳光市审批局"), body("阳光市行政审批服务局", 2))
    assert await names(owner_connection) == {OFFICE: "阳光市行政审批服务局"}


async def test_a_name_holds_from_its_first_day_on(
    stream: Stream, owner_connection: Connection
) -> None:
    await stream.send(body("阳光市审批局"), body("阳光市数据局", 2, "2026-07-01"))
    assert await names(owner_connection) == {OFFICE: "阳光市审批局"}


async def test_an_item_is_known_by_its_name(stream: Stream, owner_connection: Connection) -> None:
    told = {"item_code": ITEM, "version": 1, "name": "小餐饮登记", "item_type": "行政许可"}
    place = {"body": OFFICE, "region_code": "990100000000", "first_day": "2026-01-01"}
    await stream.send(event("approval.item.published", f"item/{ITEM}", 1, {**told, **place}))
    assert await names(owner_connection) == {ITEM: "小餐饮登记"}


async def test_told_twice_it_is_known_once(stream: Stream, owner_connection: Connection) -> None:
    told = body("阳光市审批局")
    await stream.send(told)
    await stream.send(told)
    assert await owner_connection.fetchval("SELECT count(*) FROM directory") == 1


async def test_the_public_site_calls_an_office_by_its_name(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(detected(), body("阳光市审批局", code="office-1"))
    deadline = time.monotonic() + 30
    while "阳光市审批局" not in (await public.get("/")).text:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


@pytest.mark.parametrize(("code", "known"), [("a", "甲局"), ("b", "乙局"), ("c", "c")])
def test_the_installations_file_goes_before_what_was_told(code: str, known: str) -> None:
    names = Names({"a": {"zh": "甲局", "en": "Bureau A"}})
    names.learn([("a", "旧称"), ("b", "乙局")])
    assert names.of(code)["zh"] == known
