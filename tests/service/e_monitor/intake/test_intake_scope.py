"""Whose rows the page of sources shows: those of a post's region, or of its office alone."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import httpx
import pytest
from fastapi import FastAPI

from libs.common.identity.actor import Actor
from libs.common.identity.permissions import Viewer
from services.e_monitor.intake.sources import IntakeSettings
from tests.service.e_monitor.intake.system import (
    HOUSING,
    TOKENS,
    System,
    callers,
    digest,
    licence,
)
from tests.service.e_monitor.scene import post

COUNTY = "/990121/county-trading"
HOUSE = "housing-office"
POSTS: Mapping[str, Actor] = {
    "administrator": post("administrator"),
    "supervisor": post("supervisor"),
    "county": post("auditor", region="990121"),
    "other city": post("administrator", region="980100"),
    "developer": post("developer", office=HOUSE),
    "head": post("head", office=HOUSE),
    "neighbour": post("developer", office="land-office"),
    "namesake": post("developer", office=HOUSE, region="980100"),
    "nameless": post("developer", office=""),
    "viewer": Viewer("p", "o", "980100", frozenset({"source.read"})),
}


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """Three sources: one names its office; two do not, of the city and of a county."""
    grants = {
        HOUSING: {"tokens_sha256": [digest(TOKENS[HOUSING])], "office": HOUSE},
        "/990100/land": {"tokens_sha256": [digest("b")]},
        COUNTY: {"tokens_sha256": [digest("c")]},
    }
    app.state.intake = IntakeSettings.model_validate({"sources": grants}).callers()
    return app


async def shown(app: FastAPI, client: httpx.AsyncClient, who: str, source: str = HOUSING) -> str:
    async def identify(_: object) -> Actor:
        return POSTS[who]

    app.state.identify = identify
    answer = await client.get("/monitor/sources", params={"lang": "en", "source": source})
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("administrator", {HOUSING, "/990100/land", COUNTY}),
        ("supervisor", {HOUSING, "/990100/land", COUNTY}),
        ("viewer", {HOUSING, "/990100/land", COUNTY}),
        ("county", {COUNTY}),
        ("developer", {HOUSING}),
        ("head", {HOUSING}),
        ("other city", set()),
        ("neighbour", set()),
        ("namesake", set()),
    ],
)
async def test_the_page_lists_the_sources_that_the_scope_covers(
    app: FastAPI, client: httpx.AsyncClient, who: str, seen: set[str]
) -> None:
    page = await shown(app, client, who)
    assert set(re.findall(r'<span class="code">(/\d+/[^<]+)</span>', page)) == seen


@pytest.mark.parametrize(
    ("who", "told"), [("administrator", True), ("developer", True), ("neighbour", False)]
)
async def test_what_was_rejected_is_for_those_who_see_the_source(
    app: FastAPI, client: httpx.AsyncClient, housing: System, who: str, told: bool
) -> None:
    await housing.send(licence(id="wrong-1", data={}))
    assert ("wrong-1" in await shown(app, client, who)) is told


async def test_a_source_beyond_the_scope_is_as_one_that_does_not_exist(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    beyond = await shown(app, client, "county", HOUSING)
    nowhere = await shown(app, client, "county", "/990100/none")
    assert beyond.replace("990100%2Fhousing", "990100%2Fnone") == nowhere


async def test_the_demonstrations_source_is_of_the_office_that_the_settings_name(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    app.state.intake = callers(demo=True, demo_source_office=HOUSE)
    assert "/990100/demo-system" in await shown(app, client, "developer")
    assert "/990100/demo-system" not in await shown(app, client, "neighbour")


async def test_a_post_without_an_office_may_not_look(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    async def identify(_: object) -> Actor:
        return POSTS["nameless"]

    app.state.identify = identify
    assert (await client.get("/monitor/sources")).status_code == 403


async def test_who_sees_none_of_the_sources_is_not_told_that_none_is_set_up(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    page = await shown(app, client, "neighbour")
    assert "MONITOR_SOURCES" not in page
    assert "No source of your office or region" in page
