"""Pages: both languages, choices kept, readable without assets, nothing inline."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from libs.common.web import static
from libs.common.web.app import create_app
from libs.common.web.shell import Shell
from libs.common.web.shell.icons import NAMES, icon
from tests.unit.common.web.client import client_of
from tests.unit.common.web.demo import demo_app


async def get(path: str, **headers: str) -> httpx.Response:
    async with client_of(demo_app(), accept="text/html", **headers) as client:
        return await client.get(path)


@pytest.fixture
def no_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder of static files as it is before the assets are fetched."""
    for source in static.FOLDER.iterdir():
        if source.is_file():
            (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(static, "FOLDER", tmp_path)
    static.asset_url.cache_clear()
    yield
    static.asset_url.cache_clear()


async def test_page_is_chinese_by_default() -> None:
    answer = await get("/demo")
    assert answer.status_code == 200
    assert '<html lang="zh-CN"' in answer.text
    assert "监察一览 · 阳光平台" in answer.text


async def test_language_asked_for_is_kept_in_a_cookie() -> None:
    answer = await get("/demo?lang=en")
    assert "Monitoring overview · Sunlight Platform" in answer.text
    assert "lang=en; Max-Age=31536000; Path=/; SameSite=Lax" in answer.headers["set-cookie"]


async def test_kept_language_is_not_set_again() -> None:
    answer = await get("/demo?lang=en", cookie="lang=en")
    assert "set-cookie" not in answer.headers


async def test_value_that_is_no_choice_is_not_kept() -> None:
    answer = await get("/demo?lang=fr&text=huge")
    assert "set-cookie" not in answer.headers


async def test_large_text_is_kept_and_can_be_left() -> None:
    answer = await get("/demo", cookie="text=large")
    assert 'class="large-text"' in answer.text
    assert 'href="/demo?text=normal"' in answer.text


async def test_nothing_runs_inline() -> None:
    text = (await get("/demo")).text
    assert not re.search(r"\son\w+=|\sstyle=|<style", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.usefixtures("no_assets")
async def test_page_is_complete_without_the_assets() -> None:
    answer = await get("/demo")
    assert answer.status_code == 200
    assert "vendor" not in answer.text
    assert "红牌" in answer.text
    assert "sunlight.css?v=" in answer.text


async def test_each_day_of_the_strip_says_whether_it_counts() -> None:
    text = (await get("/demo")).text
    assert 'title="2026-02-14 周六 · 调休上班 · 计入,第 5 天"' in text
    assert 'title="2026-02-17 周二 · 春节 · 不计入"' in text
    assert 'title="2026-02-26 周四 · 听证"' in text
    assert 'title="2026-03-04 周三 · 计入,第 11 天 · 到期"' in text


async def test_person_gets_a_page_where_a_program_gets_a_problem() -> None:
    page = await get("/nothing")
    assert page.status_code == 404
    assert "没有找到所请求的内容" in page.text
    api = await get("/api/monitor/v1/nothing")
    assert api.headers["content-type"] == "application/problem+json"


async def test_value_from_outside_is_escaped() -> None:
    shell = Shell("disclosure", templates=[])
    shell.environment.from_string("")
    pages = APIRouter()

    @pages.get("/echo")
    async def echo(request: Request, q: str) -> HTMLResponse:
        text = shell.environment.from_string("{{ q }}").render(q=q)
        return HTMLResponse(text)

    app = create_app("disclosure", title="Echo", routers=[], pages=[pages], shell=shell)
    async with client_of(app) as client:
        answer: Response | httpx.Response = await client.get("/echo", params={"q": "<script>"})
    assert "&lt;script&gt;" in answer.text  # type: ignore[union-attr]


async def test_staff_pages_are_not_indexed_and_public_ones_are() -> None:
    assert "noindex" in (await get("/demo")).text
    shell = Shell("disclosure")
    template = '{% extends "base.html" %}'
    pages = APIRouter()

    @pages.get("/")
    async def home(request: Request) -> HTMLResponse:
        context = shell._context(request, None)  # type: ignore[arg-type]
        return HTMLResponse(shell.environment.from_string(template).render(context))

    app = create_app("disclosure", title="Home", routers=[], pages=[pages], shell=shell)
    async with client_of(app) as client:
        text = (await client.get("/")).text
    assert "noindex" not in text
    assert 'aria-current="page"' in text


def test_icon_outside_the_sprite_is_an_error() -> None:
    with pytest.raises(LookupError, match="siren"):
        icon("siren")
    assert "flag-2" in NAMES


async def test_versioned_file_is_kept_for_a_year_and_a_plain_one_is_asked_for() -> None:
    address = static.asset_url("sunlight.css")
    assert address is not None
    async with client_of(demo_app()) as client:
        versioned = await client.get(address)
        plain = await client.get("/static/sunlight.css")
        outside = await client.get("/static/../static.py")
    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["cache-control"] == "no-cache"
    assert outside.status_code == 404


async def test_office_is_named_in_full_with_its_code_lighter() -> None:
    text = (await get("/demo?lang=en")).text
    assert 'Market Supervision Bureau <span class="code">330101</span>' in text
