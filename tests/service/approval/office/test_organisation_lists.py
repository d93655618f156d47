"""What the organisation answers: lists, single things, who leads whom, who stands where."""

from collections.abc import AsyncIterator, Callable
from datetime import date

import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import engine, session_factory
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from libs.common.web.errors import NotFound
from services.approval.app import create_app
from services.approval.office.service import Scope, responsible, scope_of, standing_at
from services.approval.settings import Settings
from tests.databases import fresh_database
from tests.service.approval.registry import (
    BRANCH,
    BUREAU,
    CITY,
    DISTRICT,
    REGISTRAR,
    body,
    imported,
    post,
    tenure,
)
from tests.service.desk import calling

DAY = date(2026, 3, 2)
STRANGER = Actor("post-x", BRANCH, CITY, frozenset({"window"}))
COLLEAGUE = Actor("post-1", BUREAU, CITY, frozenset({"window"}))
ALL = [
    body(office_hours="1-5 09:00-12:00"),
    body(BRANCH, region=DISTRICT, superior=BUREAU),
    {"kind": "window", "code": "W-1", "name": "1 号", "hall": "H-1", "body": BRANCH},
    post("head", first_day="2020-01-01"),
    post("old", superior="head", first_day="2020-01-01", last_day="2026-02-28"),
    post("clerk", superior="old", body=BRANCH, window="W-1", duties=["window"]),
    tenure("clerk", last_day="2026-03-31"),
    tenure("clerk", first_day="2026-04-01", staff_no="A-2", name="李四"),
    tenure("clerk", role="substitute", staff_no="B-1", first_day="2026-03-01"),
]


@pytest.fixture(scope="module")
async def city(
    postgres: EmbeddedPostgres, migrated: Callable[[str], str], law: Fold
) -> AsyncIterator[str]:
    """The DSN of a city with the organisation ALL."""
    with fresh_database(postgres, migrated("approval")) as dsn:
        async for caller in acting(REGISTRAR, dsn, law):
            assert (await imported(caller, "organisation", ALL))["accepted"] == len(ALL)
        yield dsn


async def acting(actor: Actor, dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the service as `actor`."""
    app = create_app(
        Settings(dsn=dsn, pool_size=2), law=law, identify=loopback_only(actor, "127.0.0.1")
    )
    async with calling(app, "http://city.test/api/approval/v1") as caller:
        yield caller


@pytest.fixture(scope="module")
async def colleague(city: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller from the bureau, who keeps no register."""
    async for caller in acting(COLLEAGUE, city, law):
        yield caller


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("/bodies", sorted([BUREAU, BRANCH])),
        ("/bodies?level=county", [BRANCH]),
        ("/bodies?region=990102", [BRANCH]),
        ("/bodies?region=9901", sorted([BUREAU, BRANCH])),
        ("/windows", ["W-1"]),
        (f"/windows?body={BUREAU}", []),
        ("/windows?hall=H-1", ["W-1"]),
        ("/posts", ["clerk", "head", "old"]),
        (f"/posts?body={BRANCH}", ["clerk"]),
        ("/posts?window=W-1", ["clerk"]),
    ],
)
async def test_lists_show_what_their_filters_name(
    colleague: httpx.AsyncClient, address: str, codes: list[str]
) -> None:
    shown = (await colleague.get(address)).json()["items"]
    assert [one["code"] for one in shown] == codes


async def test_pages_follow_the_cursor(colleague: httpx.AsyncClient) -> None:
    first = await colleague.get("/posts?limit=2")
    following = first.links["next"]["url"].removeprefix("/api/approval/v1")
    second = await colleague.get(following)

    shown = [*first.json()["items"], *second.json()["items"]]
    assert [one["code"] for one in shown] == ["clerk", "head", "old"]
    assert "next" not in second.links


async def test_a_body_shows_its_region_level_and_hours(colleague: httpx.AsyncClient) -> None:
    shown = (await colleague.get(f"/bodies/{BUREAU}")).json()

    assert (shown["region"], shown["level"]) == ("990100000000", "city")
    assert shown["office_hours"][4] == {"weekday": 5, "opens": "09:00", "closes": "12:00"}


@pytest.mark.parametrize("address", ["/bodies/x", "/windows/x", "/posts/x", "/posts/x/leaders"])
async def test_what_is_not_there_is_404(colleague: httpx.AsyncClient, address: str) -> None:
    assert (await colleague.get(address)).status_code == 404


@pytest.mark.parametrize(("day", "leaders"), [("2026-02-28", ["old", "head"]), ("", ["head"])])
async def test_an_abolished_post_no_longer_leads(
    colleague: httpx.AsyncClient, day: str, leaders: list[str]
) -> None:
    answer = await colleague.get("/posts/clerk/leaders" + (f"?on={day}" if day else ""))
    assert [leader["post"] for leader in answer.json()["leaders"]] == leaders


async def test_a_post_is_shown_without_who_holds_it(colleague: httpx.AsyncClient) -> None:
    assert "张三" not in (await colleague.get("/posts/clerk")).text


async def test_who_stands_at_a_post_is_not_for_another_body(colleague: httpx.AsyncClient) -> None:
    assert (await colleague.get("/posts/clerk/tenures")).status_code == 403


@pytest.mark.parametrize("actor", [STRANGER, REGISTRAR], ids=["own", "registrar"])
async def test_who_stands_at_a_post_is_for_its_body_and_registrars(
    city: str, law: Fold, actor: Actor
) -> None:
    async for caller in acting(actor, city, law):
        answer = await caller.get("/posts/clerk/tenures")
    assert [one["staff_no"] for one in answer.json()["items"]] == ["A-2", "B-1", "A-1"]


async def test_the_scope_of_a_post_is_its_bodys(city: str) -> None:
    database = engine(city, "approval", pool_size=1)
    async with session_factory(database)() as session:
        assert await scope_of(session, "clerk") == Scope("990102000000", BRANCH)
        with pytest.raises(NotFound):
            await scope_of(session, "nobody")
    await database.dispose()


async def test_who_answers_for_a_post_is_it_and_its_leaders(city: str) -> None:
    database = engine(city, "approval", pool_size=1)
    async with session_factory(database)() as session:
        chain = await responsible(session, "clerk", DAY)
    await database.dispose()

    assert (chain.post.post, chain.post.body) == ("clerk", BRANCH)
    assert [(one.post, one.body, one.region) for one in chain.leaders] == [
        ("head", BUREAU, "990100000000")
    ]


@pytest.mark.parametrize(
    ("day", "staff"),
    [
        (date(2026, 2, 28), {"holder": "A-1"}),
        (date(2026, 3, 31), {"holder": "A-1", "substitute": "B-1"}),
        (date(2026, 4, 1), {"holder": "A-2", "substitute": "B-1"}),
        (date(2025, 12, 31), {}),
    ],
)
async def test_holder_and_substitute_stand_at_a_post_on_a_day(
    city: str, day: date, staff: dict[str, str]
) -> None:
    database = engine(city, "approval", pool_size=1)
    async with session_factory(database)() as session:
        found = await standing_at(session, "clerk", day)
    await database.dispose()
    assert {role: row.staff_no for role, row in found.items()} == staff
