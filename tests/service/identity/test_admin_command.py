"""`sunlight admin`: the first account of an installation, made without anyone reading along."""

import asyncio
import io
import json
import re
import sys
from typing import Any

import pytest
import typer
from typer.main import get_command

from libs.common.directory.handler import Listener
from libs.common.directory.places import HeardPlaces
from sunlight.commands import admin
from sunlight.commands.failures import CouldNotRun
from sunlight.commands.wrong_use import WrongUse
from tests.databases import run_apart
from tests.service.consuming import consume
from tests.service.identity.organised import DISTRICT, body, ended, post
from tests.service.identity.site import PASSWORD, Site, sign_in

CREATE = ["admin", "create", "--login", "Root", "--region", "990100", "--password-stdin"]


@pytest.fixture
def installation(identity_database: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", identity_database)
    return monkeypatch


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    app = typer.Typer()
    admin.register(app)
    command: Any = get_command(app)

    async def apart() -> None:
        # The command has an event loop of its own, as at the command line.
        await asyncio.to_thread(command.main, list(arguments), standalone_mode=False)

    run_apart(apart())


async def test_the_first_administrator_can_sign_in(
    site: Site, installation: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(installation, *CREATE, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["login"], told["roles"]) == ("root", ["administrator"])
    async with site.browser() as browser:
        await sign_in(browser, "root")
        shown = (await browser.get("/auth/me")).json()
    assert shown["post"] == "administrator-1"
    assert shown["permissions"]["identity"] == ["account.manage"]


def test_a_second_account_of_the_same_name_is_refused(installation: pytest.MonkeyPatch) -> None:
    run(installation, *CREATE)
    with pytest.raises(CouldNotRun, match="root"):
        run(installation, *CREATE)


def test_a_weak_password_is_wrong_use_and_not_repeated(installation: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongUse) as refused:
        run(installation, *CREATE, password="tooshort")  # noqa: S106
    assert "tooshort" not in str(refused.value)


@pytest.mark.parametrize("more", [["--role", "root"], ["--region", "99"], ["--login", ""]])
def test_unknown_roles_regions_and_empty_names_are_wrong_use(
    installation: pytest.MonkeyPatch, more: list[str]
) -> None:
    with pytest.raises(WrongUse):
        run(installation, *CREATE, *more)


async def test_a_disabled_account_is_signed_out(
    site: Site, installation: pytest.MonkeyPatch
) -> None:
    run(installation, *CREATE)
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser, "root")
        run(installation, "admin", "disable", "--login", "root")
        assert (await browser.get("/auth/me")).status_code == 401
    with pytest.raises(CouldNotRun):
        run(installation, "admin", "disable", "--login", "root")


@pytest.fixture
async def organised(site: Site, installation: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An installation whose organisation has the post W-1 in a district, and W-0 no more."""
    events = (body(DISTRICT, "990102000000"), post("W-1", DISTRICT), ended("W-0", DISTRICT))
    await consume(site.dsn, "identity", Listener(HeardPlaces), events)
    return installation


ACCOUNT = ("admin", "create", "--login", "zhang", "--role", "clerk", "--password-stdin")


async def test_the_organisation_says_where_the_post_of_an_account_stands(
    site: Site, organised: pytest.MonkeyPatch
) -> None:
    run(organised, *ACCOUNT, "--post", "W-1")
    rows = await site.fetch("SELECT office, region FROM account_post WHERE post = 'W-1'")
    assert [tuple(row) for row in rows] == [(DISTRICT, "990102")]


async def test_the_region_may_be_said_as_well_in_its_short_form(
    site: Site, organised: pytest.MonkeyPatch
) -> None:
    run(organised, *ACCOUNT, "--post", "W-1", "--region", "990102")
    assert len(await site.fetch("SELECT 1 FROM account_post WHERE post = 'W-1'")) == 1


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--post", "W-9"], "--region"),
        (["--post", "W-0"], "W-0"),
        (["--post", "W-1", "--region", "990103"], "990102"),
        (["--post", "W-1", "--office", "elsewhere"], DISTRICT),
    ],
)
async def test_a_post_that_is_not_so_in_the_organisation_is_wrong_use(
    site: Site, organised: pytest.MonkeyPatch, more: list[str], named: str
) -> None:
    with pytest.raises(WrongUse, match=re.escape(named)):
        run(organised, *ACCOUNT, *more)
    assert await site.fetch("SELECT 1 FROM account WHERE login = 'zhang'") == []
