"""A version supersedes the one before it and never overwrites it."""

from datetime import date

import asyncpg
import httpx
import pytest

from libs.common.db.engine import Connection, connect, engine, session_factory
from libs.common.events.contracts.organisation import ItemPublished, ItemWithdrawn
from libs.common.identity.actor import nobody
from services.approval.app import create_app
from services.approval.item import repository
from services.approval.settings import Settings
from tests.service.approval.registry import BUREAU, body, counts, credit_code, imported, item
from tests.service.city import move_by
from tests.service.desk import calling, events_of

TODAY, LATER = date(2026, 3, 2), date(2026, 4, 1)
CODE = item()["code"]


async def withdrawn(registry: httpx.AsyncClient, day: date, tag: str = '"1"') -> httpx.Response:
    return await registry.post(
        f"/items/{CODE}/withdraw", json={"first_day": day.isoformat()}, headers={"If-Match": tag}
    )


async def test_the_first_version_holds_from_today(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    told = await imported(registry, "items", [item()])

    assert counts(told) == (1, 1, 0, 0)
    shown = (await registry.get(f"/items/{CODE}")).json()
    assert (shown["version"], shown["first_day"]) == (1, "2026-03-02")
    assert (shown["body"], shown["region"]) == (BUREAU, "990100000000")
    (published,) = await events_of(owner, f"item/{CODE}")
    assert (published.type, published.sequence) == (ItemPublished.event_type, 1)
    assert (published.region, published.department) == ("990100000000", BUREAU)
    assert published.data["statutory_unit"] == "working_day"


async def test_a_change_is_a_new_version_and_the_old_one_stays(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "items", [item()])

    told = await imported(
        registry, "items", [item(statutory_limit=15, first_day=LATER.isoformat())]
    )

    assert (told["created"], told["changed"]) == (0, 1)
    versions = (await registry.get(f"/items/{CODE}/versions")).json()["items"]
    assert [(one["version"], one["statutory_limit"]) for one in versions] == [(2, 15), (1, 20)]
    assert [event.sequence for event in await events_of(owner, f"item/{CODE}")] == [1, 2]


async def test_item_on_answers_the_case_package(registry: httpx.AsyncClient, dsn: str) -> None:
    await imported(registry, "items", [item()])
    database = engine(dsn, "approval")

    async with session_factory(database)() as session:
        held = await repository.on(session, CODE, TODAY)
        before = await repository.on(session, CODE, date(2026, 3, 1))
    await database.dispose()

    assert held is not None
    assert (held.version, held.statutory_limit) == (1, 20)
    assert before is None


@pytest.mark.parametrize(
    "statement", ["UPDATE item_version SET name = 'x'", "DELETE FROM item_version"]
)
async def test_the_services_own_role_can_not_change_a_version(
    registry: httpx.AsyncClient, dsn: str, statement: str
) -> None:
    await imported(registry, "items", [item()])
    service = await connect(dsn, "approval")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(statement)
    await service.close()


async def test_the_same_content_another_day_changes_nothing(
    registry: httpx.AsyncClient, dsn: str
) -> None:
    await imported(registry, "items", [item()])
    await move_by(dsn, 30)
    assert counts(await imported(registry, "items", [item()])) == (1, 0, 1, 0)


async def test_a_change_can_not_hold_from_before_today(
    registry: httpx.AsyncClient, dsn: str
) -> None:
    await imported(registry, "items", [item()])
    await move_by(dsn, 30)

    told = await imported(registry, "items", [item(statutory_limit=15, first_day="2026-03-20")])

    assert [reject["field"] for reject in told["rejects"]] == ["first_day"]


async def test_a_dry_run_of_two_versions_answers_as_the_import_does(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    both = [item(), item(statutory_limit=15, first_day=LATER.isoformat())]

    tried = await imported(registry, "items", both, dry_run=True)

    assert await owner.fetchval("SELECT count(*) FROM item_version") == 0
    assert await imported(registry, "items", both) == tried
    assert (tried["created"], tried["changed"]) == (1, 1)


async def test_bodies_that_nobody_entered_are_remarked(registry: httpx.AsyncClient) -> None:
    told = await imported(registry, "items", [item()])
    assert told["remarks"] == {"unknown_bodies": 1}

    await imported(registry, "organisation", [body()])
    assert (await imported(registry, "items", [item(2)]))["remarks"] == {}


async def test_a_withdrawn_item_is_gone_from_its_day_on(
    registry: httpx.AsyncClient, owner: Connection
) -> None:
    await imported(registry, "items", [item()])

    assert (await withdrawn(registry, LATER)).status_code == 200

    assert (await registry.get(f"/items/{CODE}?on=2026-03-31")).status_code == 200
    assert (await registry.get(f"/items/{CODE}?on=2026-04-01")).status_code == 404
    assert (await events_of(owner, f"item/{CODE}"))[-1].type == ItemWithdrawn.event_type
    assert (await withdrawn(registry, LATER, '"2"')).status_code == 404


async def test_a_withdrawn_item_may_come_back(registry: httpx.AsyncClient) -> None:
    await imported(registry, "items", [item()])
    await withdrawn(registry, TODAY)

    assert (await imported(registry, "items", [item()]))["changed"] == 1
    assert (await registry.get(f"/items/{CODE}")).json()["version"] == 3


@pytest.mark.parametrize(
    ("day", "tag", "status"),
    [(date(2026, 3, 1), '"1"', 409), (LATER, '"7"', 412), (LATER, "", 428)],
)
async def test_a_withdrawal_that_is_late_stale_or_blind_is_refused(
    registry: httpx.AsyncClient, day: date, tag: str, status: int
) -> None:
    await imported(registry, "items", [item()])
    assert (await withdrawn(registry, day, tag)).status_code == status


async def test_a_clerk_may_not_withdraw(
    registry: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await imported(registry, "items", [item()])
    assert (await withdrawn(client, LATER)).status_code == 403


async def test_a_registrar_reaches_no_further_than_the_own_region(
    registry: httpx.AsyncClient,
) -> None:
    foreign = f"{credit_code(9, '990200')}{1:013d}"

    told = await imported(registry, "items", [item(code=foreign, region="990200")])

    assert [reject["field"] for reject in told["rejects"]] == ["region"]


async def test_a_stranger_sees_nothing(dsn: str) -> None:
    app = create_app(Settings(dsn=dsn, pool_size=2), identify=nobody)
    async with calling(app, "http://city.test/api/approval/v1") as stranger:
        for address in ("/items", f"/items/{CODE}", "/bodies", "/posts", "/posts/x/tenures"):
            assert (await stranger.get(address)).status_code == 401
