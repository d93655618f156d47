"""Who is not signed in hears that first, whatever else is wrong with the request."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.identity.actor import nobody
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.service.desk import calling

CASE = "/cases/990100-20260101-00000001"
UNTYPED = {"content": b"{", "headers": {"Content-Type": "application/json"}}


@pytest.fixture
async def stranger(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who is not signed in."""
    app = create_app(Settings(dsn=dsn, pool_size=2), law=law, identify=nobody)
    async with calling(app, "http://city.test/api/approval/v1") as caller:
        yield caller


COMMANDS = {
    "no-if-match": (f"{CASE}/accept", {"json": {}}),
    "no-json": (f"{CASE}/accept", UNTYPED),
    "wrong-body": ("/cases", {"json": {"item_code": 7}}),
    "wrong-number": ("/cases/none/materials", {"content": b""}),
    "no-reason": (f"{CASE}/materials/1/withdraw", {"json": {}}),
    "import-no-json": ("/imports", UNTYPED),
    "item": ("/items/C7/withdraw", {"json": {}}),
    "import": ("/imports", {"json": {"kind": "none"}}),
}


@pytest.mark.parametrize("name", COMMANDS)
async def test_a_command_of_a_stranger_is_401_before_anything_else(
    stranger: httpx.AsyncClient, name: str
) -> None:
    address, sent = COMMANDS[name]
    answer = await stranger.post(address, **sent)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "address",
    [
        "/cases?cursor=none",
        "/cases?limit=-1",
        "/cases/none",
        f"{CASE}/materials/0/file",
        "/items?on=never",
        "/bodies?level=none",
    ],
)
async def test_a_read_of_a_stranger_is_401_before_anything_else(
    stranger: httpx.AsyncClient, address: str
) -> None:
    assert (await stranger.get(address)).status_code == 401


async def test_an_applicant_asks_without_signing_in(stranger: httpx.AsyncClient) -> None:
    asked = {"case_no": CASE.removeprefix("/cases/"), "query_code": "ABCD-2345"}

    assert (await stranger.post("/progress", json=asked)).status_code == 404
    assert (await stranger.post("/progress", json={})).status_code == 422
