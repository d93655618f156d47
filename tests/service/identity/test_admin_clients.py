"""`sunlight admin`'s programs, passwords and keys, against the running issuer over HTTP."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from sunlight.commands.failures import CouldNotRun
from sunlight.commands.wrong_use import WrongUse
from sunlight.issuer import folder
from sunlight.issuer.minting import ACCESS_TOKEN
from tests.service.identity.site import CLERK, Site, begin, running, sign_in, submit
from tests.service.identity.test_admin_command import run

CREATE = ["admin", "client", "create", "crm"]
POST = ["--role", "auditor", "--office", "office-7", "--region", "990102"]
NEW = "another good password"


@pytest.fixture
async def site(
    identity_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """A platform with the account `li`, which the commands work on too."""
    monkeypatch.setenv("DATABASE_URL", identity_database)
    monkeypatch.setenv("SUNLIGHT_IDENTITY_FOLDER", str(tmp_path / "identity"))
    async with running(identity_database, tmp_path / "identity") as site:
        await site.add("li", CLERK)
        yield site


def created(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The client `crm`, as the command tells it."""
    capsys.readouterr()
    run(monkeypatch, *CREATE, *POST, "--json")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


async def token(program: httpx.AsyncClient, secret: str) -> httpx.Response:
    form = {"grant_type": "client_credentials"}
    return await program.post("/issuer/token", data=form, auth=("crm", secret))


async def whoami(program: httpx.AsyncClient, access: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {access}"}
    return await program.get("/api/approval/v1/whoami", headers=headers)


async def test_a_client_gets_a_token_that_acts_from_its_own_post(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = created(monkeypatch, capsys)["secret"]
    async with site.browser(accept="application/json") as program:
        access = (await token(program, secret)).json()["access_token"]
        keys = KeySet.import_key_set((await program.get("/issuer/keys")).json())
        shown = (await whoami(program, access)).json()
    claims = jwt.decode(access, keys, algorithms=["RS256"]).claims
    assert (claims["post"], claims["client_id"]) == ("crm", "crm")
    assert (claims["office"], claims["region"]) == ("office-7", "990102")
    assert (shown["post"], shown["office"]) == ("crm", "office-7")


async def test_only_the_hash_of_its_secret_is_kept(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = created(monkeypatch, capsys)["secret"]
    (row,) = await site.fetch("SELECT secret FROM client")
    assert row["secret"].startswith("$argon2id$")
    run(monkeypatch, "admin", "client", "list", "--json")
    assert secret not in capsys.readouterr().out


async def test_the_list_names_clients_and_since_when_one_is_revoked(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    created(monkeypatch, capsys)
    run(monkeypatch, "admin", "client", "revoke", "crm")
    capsys.readouterr()
    run(monkeypatch, "admin", "client", "list", "--json")
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["client"], listed["roles"]) == ("crm", ["auditor"])
    assert listed["revoked"]


async def test_a_revoked_client_gets_no_token(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = created(monkeypatch, capsys)["secret"]
    run(monkeypatch, "admin", "client", "revoke", "crm")
    async with site.browser() as program:
        assert (await token(program, secret)).status_code == 401
    with pytest.raises(CouldNotRun, match="crm"):
        run(monkeypatch, "admin", "client", "revoke", "crm")


async def test_the_tokens_of_a_revoked_client_are_refused_at_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = created(monkeypatch, capsys)["secret"]
    async with site.browser(accept="application/json") as program:
        access = (await token(program, secret)).json()["access_token"]
        assert (await whoami(program, access)).status_code == 200
        run(monkeypatch, "admin", "client", "revoke", "crm")
        assert (await whoami(program, access)).status_code == 401


async def test_two_clients_of_one_name_are_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    created(monkeypatch, capsys)
    with pytest.raises(CouldNotRun, match="crm"):
        run(monkeypatch, *CREATE, *POST)


@pytest.mark.parametrize("wrong", [["--role", "root"], ["--region", "99"], ["--office", ""]])
async def test_a_client_of_no_role_or_region_is_wrong_use(
    site: Site, monkeypatch: pytest.MonkeyPatch, wrong: list[str]
) -> None:
    with pytest.raises(WrongUse):
        run(monkeypatch, *CREATE, *POST, *wrong)


async def test_with_a_new_password_the_old_one_and_the_sessions_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site.browser(accept="application/json") as browser:
        await sign_in(browser)
        assert (await browser.get("/auth/me")).status_code == 200
        change = ["admin", "password", "--login", "li", "--password-stdin"]
        run(monkeypatch, *change, password=NEW)
        assert (await browser.get("/auth/me")).status_code == 401
    async with site.browser() as browser:
        form = await begin(browser)
        assert (await submit(browser, form)).status_code == 401
        assert (await submit(browser, form, password=NEW)).status_code == 303


async def test_the_password_of_nobody_can_not_be_changed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = ["admin", "password", "--login", "nobody", "--password-stdin"]
    with pytest.raises(CouldNotRun, match="nobody"):
        run(monkeypatch, *change, password=NEW)


async def test_what_was_done_is_on_record(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    created(monkeypatch, capsys)
    run(monkeypatch, "admin", "client", "revoke", "crm")
    change = ["admin", "password", "--login", "li", "--password-stdin"]
    run(monkeypatch, *change, password=NEW)
    rows = await site.fetch("SELECT what FROM account_audit ORDER BY id")
    expected = ["created", "client created", "client revoked", "password changed"]
    assert [row["what"] for row in rows] == expected


async def test_after_a_rotation_the_running_issuer_signs_anew_and_old_tokens_stay_good(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = created(monkeypatch, capsys)["secret"]
    async with site.browser(accept="application/json") as program:
        old = (await token(program, secret)).json()["access_token"]
        run(monkeypatch, "admin", "keys", "rotate")
        new = (await token(program, secret)).json()["access_token"]
        assert kid_of(old) != kid_of(new)
        assert (await whoami(program, old)).status_code == 200
        # The service had asked for keys a moment ago: it asks anew after half a minute.
        site.clock.ahead = timedelta(seconds=31)
        assert (await whoami(program, new)).status_code == 200


async def test_the_old_key_is_published_until_its_last_token_has_ended(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def published() -> int:
        return len((await browser.get("/issuer/keys")).json()["keys"])

    async with site.browser() as browser:
        run(monkeypatch, "admin", "keys", "rotate")
        site.clock.ahead = ACCESS_TOKEN + timedelta(minutes=1)
        assert await published() == 2
        site.clock.ahead = folder.TOKENS_END + timedelta(minutes=1)
        assert await published() == 1


async def test_without_a_folder_of_keys_nothing_is_made(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(CouldNotRun, match="nowhere"):
        run(monkeypatch, "admin", "keys", "rotate", "--folder", str(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


def kid_of(access: str) -> str:
    """The id of the key that a token says it was signed with."""
    return str(extract_compact(access.encode()).headers()["kid"])
