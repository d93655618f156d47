"""The demonstration's choices: each lands where its work is, and stands in an office of its own."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.identity.demonstration import guides
from libs.common.identity.permissions import installed_matrix
from tests.service.identity.site import fields
from tests.service.identity.test_demonstration import browser_of, demonstration

POSTS = """{
  "verifier": {"office": "office-7"},
  "supervisor-district": {
    "role": "supervisor", "office": "office-8", "region": "990121",
    "title": {"zh": "明山县监察人员", "en": "District supervisor"}
  },
  "root": {"role": "nobody", "office": "office-1"}
}"""


@pytest.fixture
async def browser(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("SUNLIGHT_DEMO_POSTS", POSTS)
    async with browser_of(demonstration()) as browser:
        yield browser


async def choose(browser: httpx.AsyncClient, role: str, next_path: str = "") -> httpx.Response:
    params = {"next": next_path} if next_path else {}
    form = fields((await browser.get("/auth/role", params=params)).text)
    return await browser.post("/auth/role", data={**form, "role": role})


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("clerk", "/window"),
        ("approver", "/window"),
        ("head", "/monitor/work"),
        ("supervisor", "/monitor"),
        ("verifier", "/monitor/work"),
        ("tenderer", "/trading"),
        ("centre", "/trading"),
        ("auditor", "/monitor/findings"),
        ("developer", "/monitor/sources"),
        ("administrator", "/monitor/sources"),
        ("public", "/"),
        ("supervisor-district", "/monitor"),
        ("", "/"),
    ],
)
async def test_a_choice_leads_to_where_its_work_is(
    browser: httpx.AsyncClient, role: str, page: str
) -> None:
    assert (await choose(browser, role)).headers["location"] == page


async def test_who_came_from_a_page_goes_back_to_it(browser: httpx.AsyncClient) -> None:
    assert (await choose(browser, "head", "/window")).headers["location"] == "/window"


async def test_the_verifier_stands_in_another_office_than_the_head(
    browser: httpx.AsyncClient,
) -> None:
    offices = []
    for role in ("verifier", "head"):
        await choose(browser, role)
        offices.append((await browser.get("/api/monitor/v1/whoami")).json()["office"])
    assert offices == ["office-7", "office-9"]


async def test_a_districts_supervisor_sees_that_district_alone(browser: httpx.AsyncClient) -> None:
    await choose(browser, "supervisor-district")
    findings = (await browser.get("/api/monitor/v1/findings")).json()
    assert findings == {"prefix": "990121", "office": None}


async def test_a_post_of_a_role_that_there_is_not_is_no_choice(browser: httpx.AsyncClient) -> None:
    assert (await choose(browser, "root")).status_code == 404


async def test_the_page_says_what_each_may_try(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/auth/role", params={"lang": "en"})
    for guide in guides().values():
        assert guide.does["en"].split("'")[0] in page.text


def test_every_role_of_the_matrix_has_a_guide() -> None:
    assert set(guides()) == set(installed_matrix().roles)
