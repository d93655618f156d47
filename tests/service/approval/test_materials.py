"""Materials on a real database and a real folder: who hands in, who reads, what is kept."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.db.engine import Connection, engine, session_factory
from libs.common.files.disk import DiskStore
from libs.common.files.errors import MEGABYTE
from libs.common.files.orphans import orphans
from libs.common.law.fold import Fold
from services.approval.material import repository
from tests.service.approval.conftest import Desk
from tests.service.approval.hall import BASE, Hall, actor, put_listed_item
from tests.service.desk import calling, events_of
from tests.unit.common.files.samples import ILL, docx, pdf, picture


@pytest.fixture
async def hall(dsn: str, law: Fold, tmp_path: Path) -> AsyncIterator[Hall]:
    made = Hall(dsn, law, tmp_path / "files")
    async with calling(made.app, BASE) as made.client:
        yield made


@pytest.fixture
def desk(hall: Hall) -> Desk:
    return Desk(hall.client)


@pytest.fixture
async def listed_item(owner: Connection) -> dict[str, Any]:
    return await put_listed_item(owner)


async def trail(owner: Connection, case_no: str) -> list[str]:
    """What the audit says was done with the case's materials, in order."""
    rows = await owner.fetch(
        "SELECT action FROM audit WHERE subject = $1 AND action LIKE '%material%' ORDER BY id",
        f"case/{case_no}",
    )
    return [row["action"] for row in rows]


async def test_a_file_handed_in_is_listed_and_comes_back_as_it_was(hall: Hall, desk: Desk) -> None:
    case_no = await desk.receive()
    shown = await hall.given(case_no, pdf(), name="申请书.pdf")
    answer = await hall.client.get(f"/cases/{case_no}/materials/{shown['number']}/file")

    assert shown["digest"] == hashlib.sha256(pdf()).hexdigest()
    assert answer.content == pdf()
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["etag"] == f'"{shown["digest"]}"'
    assert "%E7%94%B3%E8%AF%B7%E4%B9%A6.pdf" in answer.headers["content-disposition"]
    (line,) = (await hall.listed(case_no))["items"]
    assert (line["name"], line["listed"], line["files"][0]["name"]) == (
        "申请书",
        False,
        "申请书.pdf",
    )


async def test_the_checklist_of_the_items_version_says_what_is_missing(
    hall: Hall, desk: Desk, listed_item: dict[str, Any]
) -> None:
    case_no = await desk.receive(**listed_item)
    await hall.given(case_no, pdf(), material="申请书")
    found = await hall.listed(case_no)

    assert [(line["name"], line["missing"]) for line in found["items"]] == [
        ("申请书", False),
        ("营业执照", True),
        ("平面图", False),
    ]
    assert found["complete"] is False


async def test_a_code_of_the_list_and_its_name_are_one_material(
    hall: Hall, desk: Desk, listed_item: dict[str, Any]
) -> None:
    case_no = await desk.receive(**listed_item)
    one = await hall.given(case_no, pdf(), material="M-1")
    other = await hall.given(case_no, picture("PNG"), material="申请书")

    assert one["wanted"] == other["wanted"] == "M-1"


async def test_handing_in_reading_and_withdrawing_are_each_on_record_without_a_name(
    hall: Hall, desk: Desk, owner: Connection
) -> None:
    case_no = await desk.receive()
    await hall.given(case_no, pdf(), name="张三身份证.pdf")
    await hall.client.get(f"/cases/{case_no}/materials/1/file")
    await hall.client.post(f"/cases/{case_no}/materials/1/withdraw", json={"reason": "交错了"})

    done = ["hand-in-material", "read-material", "withdraw-material"]
    assert await trail(owner, case_no) == done
    kept = await owner.fetchval("SELECT string_agg(detail::text, '') FROM audit")
    assert "张三" not in kept
    assert "交错了" in kept


async def test_what_is_withdrawn_is_kept_and_marked_with_the_reason(
    hall: Hall, desk: Desk, listed_item: dict[str, Any]
) -> None:
    case_no = await desk.receive(**listed_item)
    await hall.given(case_no, pdf())
    address = f"/cases/{case_no}/materials/1"
    answer = await hall.client.post(f"{address}/withdraw", json={"reason": "他人的材料"})
    again = await hall.client.post(f"{address}/withdraw", json={"reason": "他人的材料"})

    assert (answer.status_code, answer.json()["withdrawn_reason"]) == (200, "他人的材料")
    assert (again.status_code, again.json()["code"]) == (409, "material_withdrawn")
    assert (await hall.listed(case_no))["items"][0]["missing"] is True
    assert len(hall.stored()) == 1


@pytest.mark.parametrize("role", ["clerk", "approver", "supervisor", "auditor"])
async def test_what_is_withdrawn_is_given_out_to_nobody_and_the_answer_says_why(
    hall: Hall, desk: Desk, owner: Connection, role: str
) -> None:
    case_no = await desk.receive()
    digest = (await hall.given(case_no, pdf()))["digest"]
    address = f"/cases/{case_no}/materials/1"
    await hall.client.post(f"{address}/withdraw", json={"reason": "他人的身份证"})
    hall.actor = actor(role)
    answer = await hall.client.get(f"{address}/file")
    again = await hall.client.get(f"{address}/file", headers={"If-None-Match": f'"{digest}"'})

    assert (answer.status_code, answer.json()["code"]) == (410, "material_gone")
    assert "他人的身份证" in answer.json()["detail"]
    assert again.status_code == 410
    assert await trail(owner, case_no) == ["hand-in-material", "withdraw-material"]


async def test_the_document_declares_that_a_withdrawn_file_is_gone(hall: Hall) -> None:
    document = (await hall.client.get("http://city.test/api/approval/openapi.json")).json()
    file = document["paths"]["/api/approval/v1/cases/{case_no}/materials/{number}/file"]["get"]

    assert "application/problem+json" in file["responses"]["410"]["content"]


async def test_nothing_is_withdrawn_without_a_reason(hall: Hall, desk: Desk) -> None:
    case_no = await desk.receive()
    await hall.given(case_no, pdf())

    answer = await hall.client.post(f"/cases/{case_no}/materials/1/withdraw", json={"reason": ""})
    assert answer.status_code == 422


async def test_the_same_file_for_the_same_material_is_noted_once(hall: Hall, desk: Desk) -> None:
    case_no = await desk.receive()
    answers = await asyncio.gather(*(hall.hand_in(case_no, pdf()) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["number"] for answer in answers} == {1}
    assert len(hall.stored()) == 1


async def test_the_same_content_in_two_cases_is_stored_once(hall: Hall, desk: Desk) -> None:
    for _ in range(2):
        await hall.given(await desk.receive(), pdf())

    assert len(hall.stored()) == 1


@pytest.mark.parametrize("name", sorted(ILL))
async def test_a_hostile_file_is_refused_and_nothing_is_kept(
    hall: Hall, desk: Desk, name: str
) -> None:
    case_no = await desk.receive()
    answer = await hall.hand_in(case_no, ILL[name], name="申请书.pdf")

    assert (answer.status_code, answer.json()["code"]) == (415, "file_refused")
    assert hall.stored() == []
    assert (await hall.listed(case_no))["items"] == []


async def test_one_byte_more_than_the_setting_is_refused_and_the_limit_named(
    hall: Hall, desk: Desk
) -> None:
    case_no = await desk.receive()
    photo = picture("JPEG")
    fits = await hall.hand_in(case_no, photo + bytes(MEGABYTE - len(photo)), name="a.jpg")
    answer = await hall.hand_in(case_no, photo + bytes(MEGABYTE - len(photo) + 1), name="a.jpg")

    assert fits.status_code == 201
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert "1 MB" in answer.json()["detail"]


@pytest.mark.parametrize("material", ["", "   ", "a\0b", "=cmd()", "长" * 201])
async def test_what_the_file_is_has_to_be_said(hall: Hall, desk: Desk, material: str) -> None:
    case_no = await desk.receive()
    answer = await hall.hand_in(case_no, pdf(), material=material)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/material"
    assert hall.stored() == []


@pytest.mark.parametrize(
    ("role", "office", "region", "status"),
    [
        ("clerk", "office-1", "990100", 201),
        ("clerk", "office-2", "990100", 404),
        ("clerk", "office-1", "330100", 404),
        ("approver", "office-1", "990100", 403),
        ("head", "office-1", "990100", 403),
        ("supervisor", "office-9", "990100", 403),
        ("auditor", "office-9", "990100", 403),
        ("administrator", "office-9", "990100", 403),
        ("public", "office-1", "990100", 403),
    ],
)
async def test_only_the_clerks_of_the_cases_office_hand_in(
    hall: Hall, desk: Desk, role: str, office: str, region: str, status: int
) -> None:
    case_no = await desk.receive()
    hall.actor = actor(role, office, region)

    assert (await hall.hand_in(case_no, pdf())).status_code == status
    assert len(hall.stored()) == (status == 201)


@pytest.mark.parametrize(
    ("role", "office", "region", "status"),
    [
        ("clerk", "office-1", "990100", 200),
        ("approver", "office-1", "990100", 200),
        ("head", "office-1", "990100", 200),
        ("supervisor", "office-9", "990100", 200),
        ("auditor", "office-9", "990100", 200),
        ("clerk", "office-2", "990100", 404),
        ("supervisor", "office-9", "990102", 404),
        ("auditor", "office-9", "330100", 404),
        ("administrator", "office-9", "990100", 403),
        ("developer", "office-1", "990100", 403),
        ("public", "office-1", "990100", 403),
    ],
)
async def test_who_may_read_cases_may_read_their_materials_within_the_same_scope(
    hall: Hall, desk: Desk, role: str, office: str, region: str, status: int
) -> None:
    case_no = await desk.receive()
    await hall.given(case_no, pdf())
    hall.actor = actor(role, office, region)

    for address in ("", "/1/file"):
        answer = await hall.client.get(f"/cases/{case_no}/materials{address}")
        assert answer.status_code == status, address


@pytest.mark.parametrize(
    ("role", "office", "region", "status"),
    [
        ("clerk", "office-1", "990100", 200),
        ("clerk", "office-2", "990100", 404),
        ("clerk", "office-1", "330100", 404),
        ("supervisor", "office-1", "990100", 403),
    ],
)
async def test_only_the_clerks_of_the_cases_office_withdraw(
    hall: Hall, desk: Desk, role: str, office: str, region: str, status: int
) -> None:
    case_no = await desk.receive()
    await hall.given(case_no, pdf())
    hall.actor = actor(role, office, region)
    address = f"/cases/{case_no}/materials/1/withdraw"

    assert (await hall.client.post(address, json={"reason": "交错了"})).status_code == status


async def test_after_the_decision_nothing_is_handed_in(hall: Hall, desk: Desk) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "accept")
    await desk.done(case_no, "decide", outcome="refused", delivers_document=False)
    answer = await hall.hand_in(case_no, pdf())

    assert (answer.status_code, answer.json()["code"]) == (409, "step_not_possible")
    assert hall.stored() == []


@pytest.mark.parametrize("number", ["0", "99", "..%2F1", "abc"])
async def test_there_is_no_other_file(hall: Hall, desk: Desk, number: str) -> None:
    case_no = await desk.receive()
    answer = await hall.client.get(f"/cases/{case_no}/materials/{number}/file")

    assert answer.status_code in {404, 422}


async def test_a_file_altered_on_its_disk_is_not_given_out(hall: Hall, desk: Desk) -> None:
    case_no = await desk.receive()
    await hall.given(case_no, docx(), name="a.docx")
    (path,) = hall.stored()
    path.write_bytes(docx(**{"word/added.xml": b"x"}))
    answer = await hall.client.get(f"/cases/{case_no}/materials/1/file")

    assert (answer.status_code, answer.json()["code"]) == (500, "file_damaged")


async def test_without_a_folder_no_file_is_taken_in(dsn: str, law: Fold) -> None:
    hall = Hall(dsn, law, None)
    async with calling(hall.app, BASE) as hall.client:
        case_no = await Desk(hall.client).receive()
        answer = await hall.hand_in(case_no, pdf())

    assert (answer.status_code, answer.json()["code"]) == (503, "no_file_store")


async def test_content_whose_row_was_never_written_is_found_as_an_orphan(
    hall: Hall, desk: Desk, dsn: str
) -> None:
    await hall.given(await desk.receive(), pdf())
    assert hall.folder is not None
    store = DiskStore(hall.folder)
    async with store.draft(limit=100) as draft:
        await draft.write(b"lost")
        lost = await draft.seal()
        await store.keep(draft)
    database = engine(dsn, "approval")
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    async with session_factory(database)() as session:
        found = [
            digest
            async for digest in orphans(
                store, lambda digests: repository.referred(session, digests), now=tomorrow
            )
        ]
    await database.dispose()

    assert found == [lost]


async def completed(owner: Connection, case_no: str) -> int:
    """How often the case was said to be complete."""
    told = [event.type for event in await events_of(owner, f"case/{case_no}")]
    return told.count("cn.sunlight.approval.case.materials-completed.v1")


async def test_the_last_tolerated_material_completes_the_case(
    hall: Hall, desk: Desk, owner: Connection, listed_item: dict[str, Any]
) -> None:
    case_no = await desk.receive(**listed_item)
    await hall.given(case_no, pdf(), material="申请书")
    await desk.done(case_no, "accept", tolerant=True, tolerance_limit=5)
    before = await completed(owner, case_no)
    await hall.given(case_no, pdf(), material="营业执照")
    once = await completed(owner, case_no)
    await hall.given(case_no, picture("PNG"), material="平面图")

    assert (before, once, await completed(owner, case_no)) == (0, 1, 1)


async def test_without_tolerance_the_last_material_says_nothing_to_the_bus(
    hall: Hall, desk: Desk, owner: Connection, listed_item: dict[str, Any]
) -> None:
    case_no = await desk.receive(**listed_item)
    await desk.done(case_no, "accept")
    for name in ("申请书", "营业执照"):
        await hall.given(case_no, pdf(), material=name)

    told = await events_of(owner, f"case/{case_no}")
    assert [event.type.split(".")[-2] for event in told] == ["received", "accepted"]


async def test_a_case_that_waits_for_an_examination_is_completed_too(
    hall: Hall, desk: Desk, owner: Connection, listed_item: dict[str, Any]
) -> None:
    case_no = await desk.receive(**listed_item)
    await desk.done(case_no, "accept", tolerant=True, tolerance_limit=5)
    await desk.done(case_no, "pause", ground="hearing", notice_no="N-1")
    for name in ("申请书", "营业执照"):
        await hall.given(case_no, pdf(), material=name)

    assert await completed(owner, case_no) == 1
