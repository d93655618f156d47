"""A case takes its terms from the version of its item that holds on the day of receipt."""

from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from tests.service.approval.conftest import Desk
from tests.service.desk import events_of

TYPE = "行政确认"
INSERT = """
INSERT INTO item_version (code, version, first_day, withdrawn, name, item_type, body, region,
    statutory_limit, statutory_unit, promised_limit, promised_unit, limit_set_by_law, immediate,
    delivers_document, details)
VALUES ($1, $2, $3::text::date, $4, '小餐饮登记', '行政确认', 'office-1', '990100000000',
    NULL, NULL, $5, 'working_day', false, true, NULL, $6)
"""


async def version(
    owner: Connection,
    number: int,
    first_day: str,
    promised: int,
    *,
    withdrawn: bool = False,
    steps: str = "{}",
) -> None:
    await owner.execute(INSERT, "C7", number, first_day, withdrawn, promised, steps)


@pytest.fixture
async def listed(owner: Connection) -> None:
    """Item C7: promised in 4 days, from today (2 March 2026) in 3; withdrawn from 1 April."""
    await version(owner, 1, "2026-01-01", 4)
    await version(owner, 2, "2026-03-02", 3)
    await version(owner, 3, "2026-04-01", 3, withdrawn=True)


async def send(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.post("/cases", json={"item_code": "C7", **body})


@pytest.mark.usefixtures("listed")
async def test_the_version_of_the_day_gives_type_and_limits(
    client: httpx.AsyncClient, owner: Connection
) -> None:
    answer = await send(client)
    assert answer.status_code == 201, answer.text
    (event,) = await events_of(owner, f"case/{answer.json()['case_no']}")
    told = {name: event.data[name] for name in ("item_version", "item_type", "immediate")}
    assert (answer.json()["item_version"], answer.json()["item_type"]) == (2, TYPE)
    assert told == {"item_version": 2, "item_type": TYPE, "immediate": True}
    assert (event.data["promised_limit"], event.data["promised_unit"]) == (3, "working_day")


@pytest.mark.usefixtures("listed")
async def test_a_late_entry_takes_the_version_of_the_day_it_arrived(
    client: httpx.AsyncClient,
) -> None:
    late = {"received_on": "2026-02-27", "received_on_reason": "found in a drawer"}
    answer = await send(client, **late)
    assert answer.json()["item_version"] == 1


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("item_type", "行政许可", TYPE),
        ("immediate", False, "True"),
        ("promised_limit", 9, "3"),
        ("promised_unit", "calendar_day", "working_day"),
    ],
)
async def test_a_value_against_the_item_is_refused_and_named(
    client: httpx.AsyncClient, name: str, value: Any, said: str
) -> None:
    pair = {"promised_limit": 3, "promised_unit": "working_day"}
    answer = await send(client, **({**pair, name: value} if "promised" in name else {name: value}))
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, f"/{name}")
    assert said in error["message"]


@pytest.mark.usefixtures("listed")
async def test_what_the_item_leaves_open_is_as_sent(
    client: httpx.AsyncClient, owner: Connection
) -> None:
    answer = await send(
        client,
        delivers_document=True,
        item_type=TYPE,
        promised_limit=3,
        promised_unit="working_day",
    )
    (event,) = await events_of(owner, f"case/{answer.json()['case_no']}")
    assert event.data["delivers_document"] is True


@pytest.mark.usefixtures("listed")
async def test_an_item_that_the_catalogue_does_not_have_is_refused(desk: Desk) -> None:
    answer = await desk.client.post("/cases", json={"item_code": "A-1", "item_type": TYPE})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/item_code")


async def test_a_withdrawn_item_is_refused(client: httpx.AsyncClient, owner: Connection) -> None:
    await version(owner, 1, "2026-01-01", 4)
    await version(owner, 2, "2026-03-02", 4, withdrawn=True)
    answer = await send(client)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/item_code")


async def test_without_any_catalogue_the_type_is_required(client: httpx.AsyncClient) -> None:
    answer = await send(client)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/item_type")
    known = await send(client, item_type=TYPE)
    assert (known.status_code, known.json()["item_version"]) == (201, None)
