"""The applicant: kept beside the case, found by who may look, and in no other place."""

from typing import Any

import httpx
import pytest

from libs.common.codes import credit_check_character, resident_check_character
from libs.common.db.engine import Connection
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.service.approval.browser import Browser
from tests.service.approval.conftest import LICENCE, Desk
from tests.service.desk import calling

NAME, PHONE = "欧阳测试", "010-5550 1234"
# A region and a birthday that are real ones, a running number and a check character made here.
BODY = "11010119900307123"
NUMBER = BODY + resident_check_character(BODY)
PERSON = {"kind": "person", "name": NAME, "number": NUMBER, "phone": PHONE}
CODE = "91990100MA0000001"
FIRM = {
    "kind": "organisation",
    "name": "阳光市测试餐饮有限公司",
    "number": CODE + credit_check_character(CODE),
}
HEAD = Actor("post-9", "office-1", "990100", frozenset({"case.read"}))


async def found(client: httpx.AsyncClient, **asked: str) -> list[str]:
    answer = await client.get("/cases", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["case_no"] for item in answer.json()["items"]]


async def test_the_number_is_kept_as_a_mark_and_masked_and_never_itself(
    desk: Desk, owner: Connection
) -> None:
    await desk.receive(applicant=PERSON)
    row = await owner.fetchrow("SELECT * FROM applicant")
    assert row is not None
    assert (row["name"], row["number_masked"], row["phone"]) == (
        NAME,
        NUMBER[0] + "*" * 16 + NUMBER[-1],
        PHONE,
    )
    assert NUMBER not in str(dict(row))


@pytest.mark.parametrize("table", ['"case"', "audit", "outbox", "idempotency_key"])
async def test_who_applied_stands_in_no_other_table(
    client: httpx.AsyncClient, owner: Connection, table: str
) -> None:
    body, headers = {**LICENCE, "applicant": PERSON}, {"Idempotency-Key": "k-1"}
    answer = await client.post("/cases", json=body, headers=headers)
    assert answer.status_code == 201
    dump = await owner.fetchval(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")  # noqa: S608
    values = await owner.fetch("SELECT value FROM outbox")
    bodies = await owner.fetch("SELECT body FROM idempotency_key")
    everything = dump + "".join(row["value"].decode() for row in values)
    everything += "".join(row["body"].decode() for row in bodies)
    assert [word for word in (NAME, NUMBER, PHONE) if word in everything] == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"number": "110101199003071230"}, "/applicant/number"),
        ({"number": "12345"}, "/applicant/number"),
        ({"kind": "organisation"}, "/applicant/number"),
        ({"name": " "}, "/applicant/name"),
        ({"phone": "call me"}, "/applicant/phone"),
        ({"kind": "dog"}, "/applicant/kind"),
    ],
)
async def test_a_wrong_value_is_named_and_never_repeated(
    client: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    sent = {**PERSON, "number": "110101199003071239", **change}
    answer = await client.post("/cases", json={**LICENCE, "applicant": sent})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert NAME not in answer.text
    assert str(sent["number"]) not in answer.text


async def test_without_a_key_no_number_is_taken_in(dsn: str, law: Fold) -> None:
    clerk = Actor("post-7", "office-1", "990100", frozenset({"window"}))
    app = create_app(Settings(dsn=dsn), law=law, identify=loopback_only(clerk, "127.0.0.1"))
    async with calling(app, "http://city.test/api/approval/v1") as client:
        with_number = await client.post("/cases", json={**LICENCE, "applicant": PERSON})
        nameless = {"kind": "person", "name": NAME}
        without = await client.post("/cases", json={**LICENCE, "applicant": nameless})
    assert (with_number.status_code, with_number.json()["code"]) == (503, "applicant_key_missing")
    assert without.status_code == 201


async def test_lists_show_the_name_masked(desk: Desk, client: httpx.AsyncClient) -> None:
    person = await desk.receive(applicant=PERSON)
    firm = await desk.receive(applicant=FIRM)
    nobody = await desk.receive()
    items = (await client.get("/cases")).json()["items"]
    shown = {item["case_no"]: item["applicant"] for item in items}
    assert shown == {person: "欧***", firm: "阳光*******公司", nobody: None}


async def test_only_who_works_on_the_case_reads_the_name(
    desk: Desk, client: httpx.AsyncClient, dsn: str, law: Fold
) -> None:
    case_no = await desk.receive(applicant=PERSON)
    mine = await client.get(f"/cases/{case_no}/applicant")
    head = create_app(Settings(dsn=dsn), law=law, identify=loopback_only(HEAD, "127.0.0.1"))
    async with calling(head, "http://city.test/api/approval/v1") as other:
        theirs = await other.get(f"/cases/{case_no}/applicant")
        case = await other.get(f"/cases/{case_no}")
    assert (mine.json()["name"], mine.json()["phone"]) == (NAME, PHONE)
    assert (theirs.status_code, case.json()["applicant"]) == (404, "欧***")


async def test_a_browser_that_others_use_too_keeps_no_page_with_an_applicant(
    desk: Desk, browser: Browser
) -> None:
    case_no = await desk.receive(applicant=PERSON)
    await desk.done(case_no, "accept")
    page = f"/window/cases/{case_no}"
    addresses = [
        "/window",
        f"/window?q={NAME[:2]}",
        page,
        f"{page}/receipt",
        f"{page}/receipt.pdf",
        f"/api/approval/v1/cases/{case_no}/applicant",
    ]
    answers = [await browser.get(address) for address in addresses]

    assert [answer.status_code for answer in answers] == [200] * 6
    assert {answer.headers.get("cache-control") for answer in answers} == {"no-store"}


async def test_a_search_finds_by_name_number_and_licence(
    desk: Desk, client: httpx.AsyncClient
) -> None:
    person = await desk.receive(applicant=PERSON)
    firm = await desk.receive(applicant=FIRM)
    await desk.done(firm, "accept")
    decided = {"outcome": "granted", "delivers_document": True, "licence_no": "YG-2026-1"}
    await desk.done(firm, "decide", **decided)
    assert await found(client, applicant="欧阳") == [person]
    assert await found(client, applicant=NUMBER.lower()) == [person]
    assert await found(client, applicant="阳测") == []
    assert await found(client, licence="YG-2026-1") == [firm]
    assert await found(client, licence="YG-2026") == []
    assert await found(client, q="阳光市") == [firm]
    assert await found(client, q=person[-8:]) == [person]
    assert await found(client, q="A-1") == [person, firm]
    assert await found(client, q="A-1", applicant="欧") == [person]
    assert await found(client, applicant="%") == []
