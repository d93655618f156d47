"""An installation of one's own: organisation, items and accounts are imported, then people work.

Who sees what follows from where the organisation puts each post, not from what an account says.
"""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx
import pytest

from sunlight.city import organisation
from sunlight.city.items import ITEMS
from tests.service.identity.site import fields
from tests.system.installation import Installation, sunlight, until

ITEM: Final = ITEMS[0]
PASSWORD: Final = "correct horse battery"  # noqa: S105
ACCOUNTS: Final[Mapping[str, tuple[str, str]]] = {
    "clerk": ("permit-approver", "clerk"),
    "neighbour": ("market-head", "clerk"),
    "city": ("gov-990100-head", "supervisor"),
    "district": ("gov-990102-head", "supervisor"),
}
"""Account → its post in the made-up organisation, and its role."""


def own(installation: Installation, *arguments: str, stdin: str = "") -> str:
    """What a command on the installation's data prints; it must succeed."""
    done = asked(installation, *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(
    installation: Installation, *arguments: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return sunlight(*arguments, "--data", str(installation.data), stdin=stdin)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An empty installation, up."""
    folder = tmp_path_factory.mktemp("own")
    folder.chmod(0o711)
    made = Installation(folder / "data", ["--no-demo"])
    made.start()
    try:
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def usable(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The same with an organisation, one item and accounts."""
    folder = tmp_path_factory.mktemp("files")
    bodies, items = folder / "organisation.json", folder / "items.csv"
    bodies.write_text(json.dumps(organisation.records()), "utf-8")
    with items.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name", "item_type", "region", "body", "first_day"])
        rows.writerow(
            [ITEM.code, ITEM.title, ITEM.kind, "990100", ITEM.office.code, organisation.FIRST_DAY]
        )
    own(installation, "import", "organisation", str(bodies))
    own(installation, "import", "items", str(items))
    for login, (post, role) in ACCOUNTS.items():
        _account(installation, login, post, role)
    return installation


def _account(installation: Installation, login: str, post: str, role: str) -> None:
    """Make an account without office and region, once the post has been heard of."""
    command = ("admin", "create", "--login", login, "--post", post, "--role", role)

    def made() -> bool:
        done = asked(installation, *command, "--password-stdin", stdin=f"{PASSWORD}\n")
        assert done.returncode == 0 or post in done.stderr, done.stderr
        return done.returncode == 0

    until(made)


@contextmanager
def signed_in(installation: Installation, login: str) -> Iterator[httpx.Client]:
    """A browser that has signed in, its form token in every request."""
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
    with httpx.Client(
        base_url=installation.url, headers=headers, follow_redirects=True, timeout=30
    ) as browser:
        form = fields(browser.get("/auth/login", params={"next": "/window"}).text)
        handed_in = {**form, "login": login, "password": PASSWORD}
        page = browser.post("/issuer/authorize", data=handed_in).text
        browser.headers["X-CSRF-Token"] = fields(page).get("csrf_token", "")
        yield browser


def told(browser: httpx.Client, path: str) -> Any:
    return browser.get(path, headers={"accept": "application/json"}).raise_for_status().json()


def sees(browser: httpx.Client, number: str) -> bool:
    """Whether the monitor shows this account the clocks of a case."""
    answer = browser.get(f"/api/monitor/v1/clocks/case/{number}")
    assert answer.status_code in {200, 404}, answer.text
    return answer.is_success and bool(answer.json()["clocks"])


@pytest.mark.parametrize("page", ["/", "/overdue", "/cases"], ids=["home", "overdue", "progress"])
def test_the_public_pages_of_an_empty_installation_answer(
    installation: Installation, page: str
) -> None:
    assert installation.status(page) == 200


def test_nobody_gets_in_without_signing_in(installation: Installation) -> None:
    assert httpx.get(f"{installation.url}/api/approval/v1/cases").status_code == 401
    assert httpx.get(f"{installation.url}/api/monitor/v1/findings").status_code == 401


@pytest.mark.parametrize("login", ACCOUNTS)
def test_an_account_stands_where_the_organisation_has_its_post(
    usable: Installation, login: str
) -> None:
    post = next(one for one in organisation.records() if one.get("code") == ACCOUNTS[login][0])
    body = next(one for one in organisation.records() if one.get("code") == post["body"])
    with signed_in(usable, login) as browser:
        me = told(browser, "/auth/me")
    assert (me["office"], me["region"]) == (body["code"], body["region"])


def test_an_application_is_seen_by_its_office_and_its_region_and_by_nobody_else(
    usable: Installation,
) -> None:
    with signed_in(usable, "clerk") as clerk:
        body = {"item_code": ITEM.code, "channel": "window"}
        answer = clerk.post("/api/approval/v1/cases", json=body)
        assert answer.status_code == 201, answer.text
        number = answer.json()["case_no"]
        clerk.post(
            f"/api/approval/v1/cases/{number}/accept",
            json={},
            headers={"If-Match": answer.headers["etag"]},
        ).raise_for_status()
    with signed_in(usable, "city") as city:
        until(lambda: sees(city, number))
    found = {}
    for login in ACCOUNTS:
        with signed_in(usable, login) as browser:
            found[login] = sees(browser, number)
    assert found == {"clerk": True, "neighbour": False, "city": True, "district": False}


def test_the_pages_call_the_office_by_its_imported_name(usable: Installation) -> None:
    with signed_in(usable, "clerk") as clerk:
        until(lambda: ITEM.office.name in clerk.get("/window?lang=zh").text)
