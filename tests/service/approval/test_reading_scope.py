"""Who reads which cases and items: clerks their office's, supervisors their region's."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from libs.common.db.engine import Connection
from libs.common.identity.actor import loopback_only
from libs.common.identity.permissions import installed_matrix
from libs.common.identity.principal import Principal
from libs.common.law.fold import Fold
from services.approval.app import create_app
from services.approval.settings import Settings
from tests.service.approval.conftest import Desk
from tests.service.approval.registry import BUREAU
from tests.service.approval.test_item_terms import version
from tests.service.desk import calling

PAGE = {"Accept": "text/html"}
Signed = Callable[[str, str, str], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def signed(dsn: str, law: Fold) -> Signed:
    """A caller with a role at an office of a region."""

    def caller(
        role: str, office: str, region: str
    ) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        principal = Principal(
            "issuer", "subject", f"post-{role}", office, region, frozenset({role})
        )
        actor = installed_matrix().actor(principal, "approval")
        identify = loopback_only(actor, "127.0.0.1")
        app = create_app(Settings(dsn=dsn), law=law, identify=identify)
        return calling(app, "http://city.test")

    return caller


@pytest.fixture
async def case_no(desk: Desk, owner: Connection) -> str:
    """A case of office-1 in the district 990102."""
    number = await desk.receive()
    await owner.execute("""UPDATE "case" SET region = '990102'""")
    return number


READERS = [
    ("clerk", "office-1", "990102", True),
    ("approver", "office-1", "990100", True),
    ("head", "office-1", "990102", True),
    ("clerk", "office-2", "990102", False),
    ("head", "office-2", "990102", False),
    ("clerk", "office-1", "990103", False),
    ("supervisor", "bureau", "990102", True),
    ("supervisor", "bureau", "990100", True),
    ("supervisor", "bureau", "990103", False),
    ("auditor", "bureau", "990100", True),
    ("auditor", "bureau", "980100", False),
]


@pytest.mark.parametrize(("role", "office", "region", "sees"), READERS)
async def test_a_case_is_read_within_the_scope_of_the_role(
    signed: Signed, case_no: str, role: str, office: str, region: str, sees: bool
) -> None:
    async with signed(role, office, region) as caller:
        one = await caller.get(f"/api/approval/v1/cases/{case_no}")
        page = await caller.get(f"/window/cases/{case_no}", headers=PAGE)
        every = await caller.get("/api/approval/v1/cases")
        sought = await caller.get("/api/approval/v1/cases", params={"q": case_no[-8:]})
        window = await caller.get("/window", params={"q": case_no}, headers=PAGE)
    listed = [item["case_no"] for item in every.json()["items"]]
    found = [item["case_no"] for item in sought.json()["items"]]
    assert (one.status_code, page.status_code) == ((200, 200) if sees else (404, 404))
    assert listed == found == ([case_no] if sees else [])
    assert window.status_code == (303 if sees else 200)


@pytest.mark.parametrize("role", ["administrator", "developer", "publisher", "verifier", "public"])
async def test_a_role_without_the_permission_reads_no_case(
    signed: Signed, case_no: str, role: str
) -> None:
    async with signed(role, "office-1", "990100") as caller:
        addresses = (f"/api/approval/v1/cases/{case_no}", "/api/approval/v1/cases", "/window")
        answers = [await caller.get(address) for address in addresses]
    assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize(
    ("role", "office", "region"),
    [("supervisor", "bureau", "990100"), ("head", "office-1", "990102")],
)
async def test_who_only_reads_gets_neither_applicant_nor_code_nor_notice(
    signed: Signed, desk: Desk, owner: Connection, role: str, office: str, region: str
) -> None:
    told = await desk.client.post(
        "/cases",
        json={
            "item_code": "A-1",
            "item_type": "行政许可",
            "applicant": {"kind": "person", "name": "欧阳测试"},
        },
    )
    case_no, code = told.json()["case_no"], told.json()["query_code"]
    desk.tags[case_no] = told.headers["ETag"]
    await desk.done(case_no, "accept")
    await owner.execute("""UPDATE "case" SET region = '990102'""")
    async with signed(role, office, region) as caller:
        page = await caller.get(f"/window/cases/{case_no}", headers=PAGE)
        others = [
            await caller.get(address)
            for address in (
                f"/window/cases/{case_no}/receipt",
                f"/window/cases/{case_no}/receipt.pdf",
                f"/api/approval/v1/cases/{case_no}/applicant",
            )
        ]
    assert (page.status_code, "欧***" in page.text) == (200, True)
    assert [word for word in ("欧阳测试", f"{code[:4]}-{code[4:]}") if word in page.text] == []
    assert [answer.status_code for answer in others] == [404] * 3


@pytest.mark.parametrize(
    ("role", "office", "region", "sees"),
    [
        ("clerk", BUREAU, "990100", True),
        ("clerk", "office-2", "990100", False),
        ("administrator", "office-2", "990100", True),
        ("administrator", "bureau", "990200", False),
    ],
)
async def test_an_item_is_read_within_the_scope_of_the_role(
    signed: Signed, owner: Connection, role: str, office: str, region: str, sees: bool
) -> None:
    await version(owner, 1, "2026-01-01", 4)
    await owner.execute("UPDATE item_version SET body = $1", BUREAU)
    async with signed(role, office, region) as caller:
        answers = [
            await caller.get(f"/api/approval/v1/items{part}") for part in ("/C7", "/C7/versions")
        ]
        every = await caller.get("/api/approval/v1/items")
    assert [answer.status_code for answer in answers] == [200 if sees else 404] * 2
    assert len(every.json()["items"]) == sees


@pytest.mark.parametrize(
    ("region", "status"), [("990102", 200), ("990100", 200), ("990103", 404), ("", 404)]
)
async def test_what_a_post_can_not_read_it_can_not_change(
    signed: Signed, case_no: str, region: str, status: int
) -> None:
    async with signed("clerk", "office-1", region) as caller:
        address = f"/api/approval/v1/cases/{case_no}/accept"
        answer = await caller.post(address, json={}, headers={"If-Match": "*"})
    assert answer.status_code == status
