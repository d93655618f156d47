"""Every role at every address of the services, held against a table written by hand.

An address that the table does not name fails the suite: nobody adds one without saying for whom.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest
import yaml
from fastapi.routing import iter_route_contexts

from libs.common.db import migrations
from libs.common.db.city_clock import create_city_clock
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import SERVICES
from libs.common.identity.permissions import installed_matrix
from libs.common.law.fold import Fold
from services.e_monitor.settings import Settings
from tests.databases import fresh_database, run_apart
from tests.service.city import START
from tests.service.identity.platform import Platform, running

ROLES: Final = tuple(installed_matrix().roles)
REFUSED: Final = frozenset({401, 403})
UNDONE: Final = frozenset({403, 404, 409, 412, 422, 503})


@dataclass(frozen=True)
class Line:
    """A line of the table. `status`: what whoever may is answered, where it is not the usual: 404,
    there is no such row; 409, it is not time yet.

    `partial`: a command without its body, of which only so much can be said: whoever has nothing
    to do with the service is refused at once, and nobody gets it through. `alike`: a page that says
    of a row beyond the scope what it says of one that is nowhere.
    """

    service: str
    method: str
    path: str
    query: str
    roles: frozenset[str]
    anyone: bool = False
    body: Any = None
    form: Mapping[str, str] | None = None
    status: int | None = None
    partial: bool = False
    alike: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}{self.query}"

    def address(self, named: Mapping[str, str]) -> str:
        """The address with the parameters that `named` gives."""
        return re.sub(r"\{([^}]+)\}", lambda found: named[found[1]], self.path) + self.query


def _line(service: str, key: str, told: Any) -> Line:
    method, address = key.split(" ", 1)
    path, mark, query = address.partition("?")
    if isinstance(told, str):
        assert told in {"anyone", "systems"}, key
        public = told == "anyone"
        return Line(service, method, path, mark + query, frozenset(), anyone=public)
    more = dict(told) if isinstance(told, dict) else {"roles": told}
    roles = frozenset(more.pop("roles"))
    assert roles <= set(ROLES), key
    form = more.pop("form", None)
    shown = None if form is None else {name: str(value) for name, value in form.items()}
    return Line(service, method, path, mark + query, roles, form=shown, **more)


def _table() -> Iterator[Line]:
    written = yaml.safe_load(Path(__file__).with_name("matrix.yaml").read_text("utf-8"))
    for service in SERVICES:
        for key, told in written.get(service, {}).items():
            yield _line(service, key, told)


TABLE: Final = tuple(_table())
READING: Final = tuple(line for line in TABLE if line.method == "GET" and line.roles)


async def _migrated(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await create_city_clock(connection, START)
    await connection.close()
    await migrations.upgrade_all(dsn)


@pytest.fixture(scope="module")
def whole_database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with every service's schema, and the city's clock."""
    with fresh_database(postgres) as dsn:
        run_apart(_migrated(dsn))
        yield dsn


@pytest.fixture(scope="module")
async def platform(whole_database: str) -> AsyncIterator[Platform]:
    """The platform; commands are sent with a version that no row has, so none takes effect."""
    law: Fold = Settings(dsn="unused").law()
    async with running(whole_database, law) as found:
        yield found


def test_the_table_names_every_address_of_every_service_and_no_other(platform: Platform) -> None:
    served = {
        (service, method, context.path)
        for service, app in platform.app.apps.items()
        if service in SERVICES
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or ())
        if method != "HEAD"
    }
    assert served == {(line.service, line.method, line.path) for line in TABLE}


async def asked(platform: Platform, role: str | None, line: Line, **more: Any) -> httpx.Response:
    return await platform.ask(
        role, line.method, line.address(platform.own), body=line.body, form=line.form, **more
    )


@pytest.mark.parametrize("line", TABLE, ids=str)
async def test_an_address_is_for_the_roles_that_the_table_names(
    platform: Platform, line: Line
) -> None:
    statuses = {role: (await asked(platform, role, line)).status_code for role in ROLES}
    if line.partial:
        assert set(statuses.values()) <= UNDONE, statuses
        assert not {role for role in line.roles if statuses[role] == 403}, statuses
        assert statuses["public"] == 403, statuses
        return
    let_in = {role for role, status in statuses.items() if status not in REFUSED}
    assert let_in == (set(ROLES) if line.anyone else line.roles), statuses
    met = {status for role, status in statuses.items() if role in line.roles}
    usual = {200} if line.method == "GET" else {201, 204, 303, 412}
    assert met <= ({line.status} if line.status else usual), statuses


@pytest.mark.parametrize("line", TABLE, ids=str)
async def test_from_another_machine_only_the_public_addresses_answer(
    platform: Platform, line: Line
) -> None:
    status = (await asked(platform, "supervisor", line, at_home=False)).status_code
    assert (status != 401) is line.anyone


@pytest.mark.parametrize("line", READING, ids=str)
async def test_no_role_reads_a_row_of_another_region(platform: Platform, line: Line) -> None:
    address = line.address(platform.foreign)
    of_a_row = address != line.address(platform.own)
    for role in sorted(line.roles):
        answer = await platform.ask(role, "GET", address)
        if line.alike:
            nowhere = await platform.ask(role, "GET", address.replace("FOREIGN", "NOWHERE"))
            assert answer.text == nowhere.text.replace("NOWHERE", "FOREIGN"), role
            continue
        assert answer.status_code == (404 if of_a_row else line.status or 200), role
        assert "FOREIGN" not in answer.text.replace(address, ""), role


@pytest.mark.parametrize(
    "line", [line for line in TABLE if line.method == "POST" and "{" in line.path], ids=str
)
async def test_no_command_reaches_a_row_of_another_region(platform: Platform, line: Line) -> None:
    address = line.address(platform.foreign)
    for role in ROLES:
        answer = await platform.ask(role, "POST", address, body=line.body, form=line.form)
        refused = UNDONE if line.partial else {401, 403, 404}
        assert answer.status_code in refused, (role, answer.text)
