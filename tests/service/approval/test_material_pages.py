"""Materials on the page of a case: the checklist, the form, and what its script is told."""

from pathlib import Path

import httpx
import pytest

from libs.common.db.engine import Connection
from tests.service.approval.browser import APPROVER, LANGUAGES, STRANGER, TOKEN, WINDOW, Browser
from tests.service.approval.conftest import Desk
from tests.service.approval.hall import put_listed_item
from tests.unit.common.files.samples import ILL, pdf

SCRIPT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def folder(browser: Browser, tmp_path: Path) -> Path:
    """The folder of files of the browser's service."""
    made = tmp_path / "files"
    settings = browser.app.state.settings
    browser.app.state.settings = settings.model_copy(update={"files": made})
    return made


def files(folder: Path) -> list[Path]:
    """What is stored."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def upload(
    browser: Browser,
    case_no: str,
    content: bytes,
    *,
    headers: dict[str, str] = SCRIPT,
    token: str = TOKEN,
    **fields: str,
) -> httpx.Response:
    """The answer to the page's upload; without SCRIPT that of a browser that runs no script."""
    return await browser.client.post(
        f"/window/cases/{case_no}/materials",
        files={"file": ("申请书.pdf", content, "application/pdf")},
        data={"csrf_token": token, **(fields or {"other": "申请书"})},
        headers={"Accept": "text/html", "Cookie": "lang=zh", **headers},
    )


async def test_after_an_upload_the_page_is_shown_anew(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    answer = await upload(browser, case_no, pdf())
    page = await browser.source(f"/window/cases/{case_no}")

    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
    assert f'href="/api/approval/v1/cases/{case_no}/materials/1/file"' in page
    assert "申请书.pdf" in page


async def test_why_a_file_is_refused_stands_on_the_page(
    desk: Desk, browser: Browser, folder: Path
) -> None:
    case_no = await desk.receive()
    answer = await upload(browser, case_no, ILL["page"])

    assert answer.status_code == 200
    assert "内容不是可以接受的类型" in answer.text
    assert files(folder) == []


async def test_without_a_script_the_form_leads_back_to_the_case(
    desk: Desk, browser: Browser
) -> None:
    case_no = await desk.receive()
    answer = await upload(browser, case_no, pdf(), headers={})

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/window/cases/{case_no}#materials",
    )
    assert "申请书.pdf" in await browser.text(f"/window/cases/{case_no}")


async def test_without_a_script_a_page_says_why_a_file_is_refused(
    desk: Desk, browser: Browser, folder: Path
) -> None:
    case_no = await desk.receive()
    answer = await upload(browser, case_no, ILL["page"], headers={})

    assert (answer.status_code, answer.headers["content-type"]) == (415, "text/html; charset=utf-8")
    assert "内容不是可以接受的类型" in answer.text
    assert files(folder) == []


async def test_a_file_is_not_taken_for_one_material_where_another_is_named(
    desk: Desk, browser: Browser, folder: Path
) -> None:
    case_no = await desk.receive()
    both = {"material": "M-1", "other": "身份证明"}
    answer = await upload(browser, case_no, pdf(), headers={}, **both)

    assert answer.status_code == 422
    assert "清单外" in answer.text
    assert files(folder) == []


async def test_the_form_bears_its_token_before_its_file(desk: Desk, browser: Browser) -> None:
    page = await browser.source(f"/window/cases/{await desk.receive()}")
    form = page[page.index('id="material-form"') :]

    assert 0 < form.index(f'name="csrf_token" value="{TOKEN}"') < form.index('type="file"')


@pytest.mark.parametrize("script", [SCRIPT, {}], ids=["script", "no-script"])
@pytest.mark.parametrize("token", ["", "another", TOKEN[:-1]])
async def test_an_upload_that_no_page_of_ours_sent_is_refused_before_it_is_kept(
    desk: Desk, browser: Browser, folder: Path, token: str, script: dict[str, str]
) -> None:
    case_no = await desk.receive()
    answer = await upload(browser, case_no, pdf(), headers=script, token=token)

    assert answer.status_code == 403
    assert files(folder) == []


async def test_a_token_behind_the_file_is_not_looked_for(
    desk: Desk, browser: Browser, folder: Path
) -> None:
    case_no = await desk.receive()
    parts = [
        ("file", ("a.pdf", pdf(), "application/pdf")),
        ("csrf_token", (None, TOKEN.encode(), None)),
        ("other", (None, "申请书".encode(), None)),
    ]
    answer = await browser.client.post(f"/window/cases/{case_no}/materials", files=parts)

    assert answer.status_code == 403
    assert files(folder) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_says_what_is_there_and_what_is_to_come(
    desk: Desk, browser: Browser, owner: Connection, language: str
) -> None:
    await put_listed_item(owner)
    case_no = await desk.receive(item_code="A-1")
    await upload(browser, case_no, pdf(), material="M-1")
    text = await browser.text(f"/window/cases/{case_no}", language)

    said = {
        "zh": ["必交材料 2 项，已交 1 项", "已交 申请书", "待交 营业执照", "可不交 平面图"],
        "en": ["1 of 2 required materials are there", "There 申请书", "To come 营业执照"],
    }
    for sentence in said[language]:
        assert sentence in text


async def test_a_material_is_withdrawn_by_its_form_and_stays_on_the_page(
    desk: Desk, browser: Browser
) -> None:
    case_no = await desk.receive()
    await upload(browser, case_no, pdf())
    address = f"/window/cases/{case_no}/materials/1/withdraw"
    answer = await browser.send(address, reason="照片不清楚")
    text = await browser.text(f"/window/cases/{case_no}")
    page = await browser.source(f"/window/cases/{case_no}")

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/window/cases/{case_no}#materials",
    )
    assert "已撤下 申请书 清单外 申请书.pdf" in text
    assert "已撤下：照片不清楚" in text
    assert "materials/1/file" not in page


async def test_a_form_without_our_token_withdraws_nothing(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    await upload(browser, case_no, pdf())
    address = f"/window/cases/{case_no}/materials/1/withdraw"
    answer = await browser.client.post(address, data={"reason": "照片不清楚"})

    assert answer.status_code == 403
    assert "已撤下" not in await browser.text(f"/window/cases/{case_no}")


async def test_only_the_window_has_the_forms(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    await upload(browser, case_no, pdf())
    found = {}
    for actor in (WINDOW, APPROVER):
        browser.actor = actor
        page = await browser.source(f"/window/cases/{case_no}")
        found[actor.post] = ("material-form" in page, "/materials/1/withdraw" in page)

    assert found == {WINDOW.post: (True, True), APPROVER.post: (False, False)}


async def test_another_office_takes_nothing_in(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    browser.actor = STRANGER
    answer = await upload(browser, case_no, pdf())

    assert "没有找到" in answer.text


async def test_a_name_with_markup_is_shown_as_text(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    await upload(browser, case_no, pdf(), other="<script>alert(1)</script>")
    page = await browser.source(f"/window/cases/{case_no}")

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_after_the_decision_there_is_no_form(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    await desk.done(case_no, "accept")
    await desk.done(case_no, "decide", outcome="refused", delivers_document=False)

    assert "material-form" not in await browser.source(f"/window/cases/{case_no}")


async def test_without_a_folder_the_page_says_so(desk: Desk, browser: Browser) -> None:
    case_no = await desk.receive()
    settings = browser.app.state.settings
    browser.app.state.settings = settings.model_copy(update={"files": None})

    assert "尚未设置附件文件夹" in await browser.text(f"/window/cases/{case_no}")
