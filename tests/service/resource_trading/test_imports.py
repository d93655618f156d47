"""Imported history over HTTP and PostgreSQL: taken whatever law it broke, and told only once."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.events import TOPICS
from libs.common.identity.actor import Actor, loopback_only
from libs.common.law.fold import Fold
from services.resource_trading.app import create_app
from services.resource_trading.history.told import Read
from services.resource_trading.settings import Settings
from sunlight.importing.tender_run import TenderOptions, import_tenders
from sunlight.importing.tenders import read_records
from tests.service.desk import calling, events_of
from tests.service.resource_trading.conftest import STAFF, Hall
from tests.service.resource_trading.looking import LANGUAGES, in_region, looking, page, tiles, words

OCID, SUBJECT = "ocds-x-1", "tender/ocds-x-1"
AWARD: dict[str, Any] = {
    "id": "a-1",
    "date": "2025-06-11T00:00:00+08:00",
    "suppliers": [{"id": "91330100MA2AAAAA0A"}],
    "value": {"amount": 1000, "currency": "CNY"},
}


def release(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A release of a tender that left three days to bid."""
    return {
        "ocid": OCID,
        "id": f"{OCID}-{number}",
        "date": f"2025-06-{number:02}T12:00:00+08:00",
        "tag": ["tender"],
        "tender": {
            "id": "T-1",
            "mainProcurementCategory": "works",
            "tenderPeriod": {
                "startDate": "2025-06-01T09:00:00+08:00",
                "endDate": "2025-06-04T09:00:00+08:00",
            },
        },
        **fields,
    }


@pytest.fixture
async def importing(dsn: str, law: Fold) -> AsyncIterator[httpx.AsyncClient]:
    """The centre's own system."""
    app = create_app(
        Settings(dsn=dsn, pool_size=2),
        law=law,
        identify=loopback_only(STAFF, "127.0.0.1"),
        reader=read_records,
    )
    async with calling(app, "http://city.test/api/trading/v1") as client:
        yield client


async def sent(client: httpx.AsyncClient, *records: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answer to an import."""
    body = {"system": "centre", "mapping": "tenders-ocds", "records": records, **more}
    answer = await client.post("/imports", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def short(events: list[Any]) -> list[str]:
    return [event.type.removeprefix("cn.sunlight.trading.") for event in events]


async def test_history_that_broke_the_law_becomes_a_tender_with_its_events(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    told = await sent(importing, release(awards=[AWARD]))
    shown = (await importing.get(f"/tenders/{OCID}")).json()
    events = await events_of(owner, SUBJECT)
    assert (told["read"], told["accepted"], told["created"], told["rejects"]) == (1, 1, 1, [])
    assert (shown["state"], shown["origin"], shown["version"]) == ("decided", "centre", 2)
    assert (shown["award"]["winner"], shown["award"]["award_price"]) == (
        "91330100MA2AAAAA0A",
        10**5,
    )
    assert (shown["mandatory"], shown["documents_until"]) == (None, None)
    assert short(events) == ["tender.published.v1", "award.decided.v1"]
    assert [event.sequence for event in events] == [1, 2]
    assert {(event.source, event.region, event.department) for event in events} == {
        ("/990100/centre", "990100", STAFF.office)
    }


async def test_business_time_is_theirs_and_recorded_as_they_say_or_now(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    await sent(importing, release(awards=[AWARD]))
    await sent(importing, release(ocid="ocds-x-2", awards=[AWARD]), recorded="now")
    _, given = await events_of(owner, SUBJECT)
    _, now = await events_of(owner, "tender/ocds-x-2")
    assert given.time == now.time
    assert f"{given.time:%F %R}" == "2025-06-10 16:00"
    # The release of 1 June tells of an award of the 11th: no one writes down what is to come.
    assert given.recordedtime == given.time
    assert f"{now.recordedtime:%F}" == "2026-03-02"


async def test_the_same_records_twice_tell_nothing_new(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    records = (release(), release(12, awards=[AWARD]))
    await sent(importing, *records)
    told = await sent(importing, *records)
    counts = {name: told[name] for name in ("read", "accepted", "duplicates", "changed", "events")}
    assert counts == {"read": 2, "accepted": 0, "duplicates": 2, "changed": 0, "events": 0}
    assert len(await events_of(owner, SUBJECT)) == 2


async def test_a_changed_release_tells_what_changed_only(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    await sent(importing, release())
    period = {**release()["tender"]["tenderPeriod"], "endDate": "2025-06-20T09:00:00+08:00"}
    later = {"id": "T-1", "tenderPeriod": period}
    told = await sent(importing, release(3, tag=["tenderUpdate"], tender=later))
    *_, event = await events_of(owner, SUBJECT)
    shown = (await importing.get(f"/tenders/{OCID}")).json()
    assert (told["changed"], told["events"]) == (1, 1)
    assert (event.type, event.sequence) == ("cn.sunlight.trading.tender.clarified.v1", 2)
    assert f"{event.time:%F %R}" == "2025-06-03 04:00"
    assert shown["bid_deadline"] == "2025-06-20T01:00:00Z"


async def test_what_is_declared_is_shown_of_the_tender_and_told_of_its_plan(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    await sent(importing, release(), mandatory=True)
    (event,) = await events_of(owner, SUBJECT)
    shown = (await importing.get(f"/tenders/{OCID}")).json()
    assert (shown["mandatory"], event.data["mandatory"]) == (True, True)


async def test_declared_later_the_plan_is_told_anew_and_silence_takes_nothing_back(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    counts = [
        (await sent(importing, release(), **declared))["events"]
        for declared in ({}, {"mandatory": True}, {"mandatory": True}, {})
    ]
    first, anew = await events_of(owner, SUBJECT)
    shown = (await importing.get(f"/tenders/{OCID}")).json()
    assert counts == [1, 1, 0, 0]
    assert (anew.type, anew.time) == (first.type, first.time)
    assert anew.data == {**first.data, "mandatory": True}
    assert shown["mandatory"] is True


async def test_a_declaration_that_no_event_can_carry_is_counted(
    importing: httpx.AsyncClient,
) -> None:
    told = await sent(importing, {**release(awards=[AWARD]), "tender": {}}, mandatory=True)
    shown = (await importing.get(f"/tenders/{OCID}")).json()
    assert (told["accepted"], told["left_out"]) == (1, {"mandatory": 1})
    assert shown["mandatory"] is None


async def test_the_audit_says_what_was_declared(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    await sent(importing, release(), mandatory=False)
    detail = await owner.fetchval("SELECT detail FROM audit")
    assert json.loads(detail) == {"origin": "centre", "mandatory": False}


@pytest.mark.parametrize("name", TOPICS)
async def test_no_other_system_is_called_as_a_service_of_ours(
    importing: httpx.AsyncClient, name: str
) -> None:
    whole = {"system": name, "mapping": "tenders-ocds", "records": [release()]}
    answer = await importing.post("/imports", json=whole, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/system"
    assert f"{name} is a service of this platform" in str(error)


async def test_a_dry_run_answers_the_same_and_writes_nothing(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    tried = await sent(importing, release(), dry_run=True)
    before = await owner.fetchval("SELECT count(*) FROM tender")
    told = await sent(importing, release())
    assert (before, tried) == (0, told)


async def test_bids_that_are_still_sealed_are_not_taken_nor_counted(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    plan = {"startDate": "2026-02-20T09:00:00+08:00", "endDate": "2026-03-20T09:00:00+08:00"}
    bids = {
        "details": [
            {"id": "b-1", "date": "2026-03-01T09:00:00+08:00", "tenderers": [{"id": "P-1"}]}
        ]
    }
    whole = release(
        date="2026-03-01T09:00:00+08:00", tender={"id": "T", "tenderPeriod": plan}, bids=bids
    )
    told = await sent(importing, whole)
    listed = await importing.get(f"/tenders/{OCID}/bids")
    assert (told["accepted"], told["events"]) == (1, 1)
    assert await owner.fetchval("SELECT count(*) FROM bid") == 0
    assert (listed.status_code, listed.json()["code"]) == (409, "bids_sealed")


async def test_opened_bids_come_with_the_history(importing: httpx.AsyncClient) -> None:
    detail = {"id": "b-1", "date": "2025-06-04T09:30:00+08:00", "tenderers": [{"id": "P-001"}]}
    await sent(importing, release(5, bids={"details": [detail]}))
    bids = (await importing.get(f"/tenders/{OCID}/bids")).json()["items"]
    assert [(bid["bid_no"], bid["bidder"]) for bid in bids] == [("b-1", "P-001")]


async def test_what_can_not_be_taken_is_listed_with_place_and_reason(
    importing: httpx.AsyncClient,
) -> None:
    told = await sent(importing, release(), release(2, date="never"), {"id": "x"})
    assert [(one["position"], one["code"], one["field"]) for one in told["rejects"]] == [
        ("2", "time", "date"),
        ("3", "kind", "ocid"),
    ]
    assert told["read"] == told["accepted"] + told["rejected"] + told["duplicates"]


async def test_a_tender_of_our_own_is_not_overwritten(
    importing: httpx.AsyncClient, hall: Hall
) -> None:
    await hall.publish(OCID)
    told = await sent(importing, release(awards=[AWARD]))
    assert [one["code"] for one in told["rejects"]] == ["taken"]
    assert (await importing.get(f"/tenders/{OCID}")).json()["version"] == 1


async def test_a_tender_stays_with_the_system_that_first_told_of_it(
    importing: httpx.AsyncClient,
) -> None:
    await sent(importing, release())
    told = await sent(importing, release(9, awards=[AWARD]), system="another")
    assert [one["code"] for one in told["rejects"]] == ["taken"]


async def test_an_imported_tender_is_acted_on_elsewhere(importing: httpx.AsyncClient) -> None:
    await sent(importing, release())
    answer = await importing.post(
        f"/tenders/{OCID}/open", json={"bids": 3}, headers={"If-Match": '"1"'}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "kept_elsewhere")


async def test_a_step_that_nobody_told_of_is_called_so(
    importing: httpx.AsyncClient, dsn: str, law: Fold
) -> None:
    await sent(importing, release(awards=[AWARD]))
    async with looking(dsn, law, STAFF) as site:
        bar = await tiles(site, OCID)
        listed = words(await page(site, "/trading?lang=zh"))
    for name in ("开标", "评标", "候选人公示"):
        assert "未告知" in bar[name], bar[name]
    assert "已完成" in bar["定标与书面报告"]
    assert "由“centre”导入" in listed
    assert "待发中标通知书" not in listed


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_show_imported_tenders_with_what_is_not_known(
    importing: httpx.AsyncClient, dsn: str, law: Fold, language: str
) -> None:
    await sent(importing, release())
    contract = {"id": "c", "dateSigned": "2025-07-01T00:00:00+08:00"}
    await sent(importing, {**release(ocid="ocds-x-2", contracts=[contract]), "tender": {}})
    async with looking(dsn, law, STAFF) as site:
        listed = words(await page(site, f"/trading?lang={language}"))
        one = words(await page(site, f"/trading/tenders/{OCID}?lang={language}"))
        bare = words(await page(site, f"/trading/tenders/ocds-x-2?lang={language}"))
    unknown, origin = {
        "zh": ("未注明", "由“centre”导入"),
        "en": ("not stated", "imported from centre"),
    }[language]
    assert "ocds-x-2" in listed
    assert origin in one
    assert unknown in bare


@pytest.mark.parametrize(
    ("actor", "body", "status"),
    [
        (in_region("o", "tender.read"), {}, 403),
        (in_region("o", "centre"), {"mapping": "receipt"}, 422),
        (in_region("o", "centre"), {"system": "Not A System"}, 422),
        (in_region("o", "centre"), {"records": []}, 422),
    ],
    ids=["not-the-centre", "mapping", "system", "nothing"],
)
async def test_an_import_that_may_not_be_is_refused(
    dsn: str, law: Fold, actor: Actor, body: dict[str, Any], status: int
) -> None:
    app = create_app(
        Settings(dsn=dsn, pool_size=2),
        law=law,
        identify=loopback_only(actor, "127.0.0.1"),
        reader=read_records,
    )
    whole = {"system": "centre", "mapping": "tenders-ocds", "records": [release()], **body}
    async with calling(app, "http://city.test/api/trading/v1") as client:
        assert (await client.post("/imports", json=whole)).status_code == status


async def test_without_a_reader_imports_are_not_served(client: httpx.AsyncClient) -> None:
    whole = {"system": "centre", "mapping": "tenders-ocds", "records": [release()]}
    answer = await client.post("/imports", json=whole)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_reader")


async def test_while_records_are_read_others_are_answered(dsn: str, law: Fold) -> None:
    answered = threading.Event()

    def reader(mapping: str, records: Sequence[Any], now: datetime) -> Read:
        assert answered.wait(10), "nobody was answered meanwhile"
        return read_records(mapping, records, now)

    staff = loopback_only(STAFF, "127.0.0.1")
    app = create_app(Settings(dsn=dsn, pool_size=2), law=law, identify=staff, reader=reader)
    async with calling(app, "http://city.test/api/trading/v1") as client:
        importing = asyncio.create_task(sent(client, release()))
        await asyncio.sleep(0.2)
        assert (await client.get("/tenders")).status_code == 200
        answered.set()
        assert (await importing)["accepted"] == 1


async def test_a_package_of_too_many_releases_is_refused_with_what_to_do(
    importing: httpx.AsyncClient,
) -> None:
    package: dict[str, Any] = {"releases": [{}] * 1_001}
    whole = {"system": "centre", "mapping": "tenders-ocds", "records": [package]}
    answer = await importing.post("/imports", json=whole)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_records")


@pytest.mark.parametrize("odd", ["a\\u0000b", "a\\ud800b"], ids=["nul", "surrogate"])
@pytest.mark.parametrize("where", ["ocid", "id", "tender", "lot", "award"])
async def test_text_that_no_database_holds_rejects_its_record_alone(
    importing: httpx.AsyncClient, odd: str, where: str
) -> None:
    lots = [{"id": "L1"}, {"id": "X"}] if where == "lot" else []
    number = "X" if where == "tender" else "T-1"
    broken = {
        **release(2, tender={**release()["tender"], "id": number, "lots": lots}),
        "awards": [{**AWARD, "id": "X"}] if where == "award" else [],
        **({where: "X"} if where in ("ocid", "id") else {}),
    }
    records = [broken, release(ocid="good")]
    body = {"system": "centre", "mapping": "tenders-ocds", "records": records}
    text = json.dumps(body).replace('"X"', f'"{odd}"')
    kind = {"content-type": "application/json"}
    answer = await importing.post("/imports", content=text, headers=kind)
    assert answer.status_code == 200, answer.text
    assert (await importing.get("/tenders/good")).status_code == 200


async def test_every_import_is_in_the_audit(
    importing: httpx.AsyncClient, owner: Connection
) -> None:
    await sent(importing, release())
    rows = await owner.fetch("SELECT post, action, subject, version FROM audit")
    assert [tuple(row) for row in rows] == [("post-3", "import", SUBJECT, 1)]


async def test_a_citys_notices_become_its_tenders_and_a_second_time_nothing(
    shared: Path, dsn: str, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    folder = shared / "data/tenders"
    files = [folder / f"yichang_{kind}_2025.jsonl.gz" for kind in ("candidates", "awards")]
    options = TenderOptions("990100", "demo-centre")
    first = await import_tenders(files, options, lambda *_: None)
    second = await import_tenders(files, options, lambda *_: None)
    states = await owner.fetch("SELECT state, count(*) FROM tender GROUP BY 1")
    # 1,078 and 1,181 notices. Awards have 1,179 different names, of which 855 join candidates.
    assert (first.read, first.rejects, first.created) == (1078 + 1181, [], 1078 + 1179 - 855)
    assert {row[0]: row[1] for row in states} == {"decided": 1179, "publicised": 1078 - 855}
    assert (second.accepted, second.duplicates, second.events) == (0, first.read, 0)
    assert await owner.fetchval("SELECT count(*) FROM outbox") == first.events
