"""Lists and single items, as of a day: read from one catalogue, which nobody changes."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.identity.actor import loopback_only
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.databases import fresh_database
from tests.service.approval.registry import BUREAU, REGISTRAR, imported, item
from tests.service.desk import calling

CODE = item()["code"]
LICENCES = [item(number) for number in range(1, 6)]
CHANGED = item(statutory_limit=15, first_day="2026-04-01")


@pytest.fixture(scope="module")
async def catalogue(
    postgres: EmbeddedPostgres, migrated: Callable[[str], str], law: Fold
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of a service with five licences, the first with a later version, and a service."""
    identify = loopback_only(REGISTRAR, "127.0.0.1")
    with fresh_database(postgres, migrated("approval")) as dsn:
        app = create_app(Settings(dsn=dsn, pool_size=2), law=law, identify=identify)
        async with calling(app, "http://city.test/api/approval/v1") as caller:
            service = item(9, item_type="公共服务", name="老年人优待证")
            await imported(caller, "items", [*LICENCES, service])
            await imported(caller, "items", [CHANGED])
            yield caller


@pytest.mark.parametrize(
    ("day", "limit"), [("2026-03-02", 20), ("2026-03-31", 20), ("2026-04-01", 15)]
)
async def test_the_version_of_a_day_is_the_last_that_had_begun(
    catalogue: httpx.AsyncClient, day: str, limit: int
) -> None:
    assert (await catalogue.get(f"/items/{CODE}?on={day}")).json()["statutory_limit"] == limit


async def test_a_list_shows_the_version_of_its_day(catalogue: httpx.AsyncClient) -> None:
    shown = (await catalogue.get("/items?on=2026-04-01&limit=1")).json()

    assert shown["on"] == "2026-04-01"
    assert [(one["version"], one["statutory_limit"]) for one in shown["items"]] == [(2, 15)]


async def test_no_item_before_its_first_day(catalogue: httpx.AsyncClient) -> None:
    assert (await catalogue.get(f"/items/{CODE}?on=2026-03-01")).status_code == 404


async def test_the_etag_of_the_versions_is_of_the_newest(catalogue: httpx.AsyncClient) -> None:
    assert (await catalogue.get(f"/items/{CODE}/versions")).headers["ETag"] == '"2"'
    assert (await catalogue.get(f"/items/{CODE}")).headers["ETag"] == '"1"'


async def test_pages_follow_the_cursor_and_keep_the_filter(catalogue: httpx.AsyncClient) -> None:
    address, seen = "/items?type=行政许可&limit=2", []
    while address:
        answer = await catalogue.get(address)
        seen += [one["code"] for one in answer.json()["items"]]
        following = answer.links.get("next")
        address = following["url"].removeprefix("/api/approval/v1") if following else ""

    assert seen == [licence["code"] for licence in LICENCES]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 6),
        ("q=餐饮", 5),
        ("q=%25", 0),
        ("q=_", 0),
        (f"body={BUREAU}", 6),
        ("region=9901", 6),
        ("region=9902", 0),
        ("type=公共服务", 1),
        ("type=公共服务&q=餐饮", 0),
        ("on=2026-03-01", 0),
    ],
)
async def test_filters_find_what_they_name(
    catalogue: httpx.AsyncClient, query: str, found: int
) -> None:
    assert len((await catalogue.get(f"/items?{query}")).json()["items"]) == found


@pytest.mark.parametrize("query", ["type=许可", "region=99x", "on=soon", "cursor=!", "limit=0"])
async def test_a_filter_that_makes_no_sense_is_told(
    catalogue: httpx.AsyncClient, query: str
) -> None:
    assert (await catalogue.get(f"/items?{query}")).status_code == 422
