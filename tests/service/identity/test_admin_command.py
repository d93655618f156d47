"""`sunlight admin`: the first account of an installation, made without anyone reading along."""

import asyncio
import io
import json
import sys
from typing import Any

import pytest
import typer
from typer.main import get_command

from sunlight.commands import admin
from sunlight.commands.failures import CouldNotRun
from sunlight.commands.wrong_use import WrongUse
from tests.databases import run_apart
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
