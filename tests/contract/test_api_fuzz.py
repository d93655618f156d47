"""Schemathesis against every operation: no fault of ours, and every answer as it is documented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from schemathesis.core.transport import Response

from libs.common.db.embedded import EmbeddedPostgres
from libs.common.db.engine import SERVICES
from libs.common.web import app as web
from tests.browser.pages import served
from tests.contract.fuzzed import Case, Fuzzed, as_documented, fuzzed, invalid, of_rows, valid
from tests.contract.planted import PLANTED, migrated
from tests.databases import fresh_database, run_apart


@pytest.fixture(scope="module")
def city(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database with every schema; each service plants its rows in it."""
    with fresh_database(postgres) as dsn:
        run_apart(migrated(dsn))
        yield dsn


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_to_a_known_caller_is_as_documented(
    city: str, tmp_path: Path, service: str
) -> None:
    rows = run_apart(PLANTED[service](city, tmp_path))
    with fuzzed(service, city, tmp_path, known=True) as site:
        told = site.complaints(
            lambda operation: [valid(operation), invalid(operation), *of_rows(operation, rows)],
            as_documented,
        )
    assert not told, "\n\n".join(told)


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_refused_wherever_the_document_wants_a_sign_in(
    city: str, tmp_path: Path, service: str
) -> None:
    asked = set()

    def judge(case: Case, response: Response) -> None:
        if case.operation.definition.raw.get("security") == []:
            assert response.status_code != 401
            return
        if "%0A" in (response.request.url or ""):
            return  # No route takes a line break: what is sent reaches no operation.
        assert response.status_code == 401, case.as_curl_command()
        as_documented(case, response)
        asked.add(case.operation.label)

    with fuzzed(service, city, tmp_path, known=False) as site:
        told = site.complaints(lambda operation: [valid(operation), invalid(operation)], judge)
    assert not told, "\n\n".join(told)
    assert asked


class _Told(BaseModel):
    number: int


def _faulty() -> APIRouter:
    router = APIRouter()

    @router.get("/crash")
    async def crash() -> _Told:
        raise RuntimeError

    @router.get("/other", response_model=None)
    async def other() -> None: ...

    @router.get("/shape", responses={200: {"model": _Told}}, response_model=None)
    async def shape() -> dict[str, str]:
        return {"number": "seven"}

    @router.get("/right")
    async def right() -> _Told:
        return _Told(number=7)

    return router


def test_the_judge_names_planted_faults_and_nothing_else() -> None:
    app = web.create_app("desk", title="Desk", routers=[_faulty()])
    del app.openapi()["paths"]["/api/desk/v1/other"]["get"]["responses"]["200"]
    with served(app) as address:
        told = Fuzzed(address, app.openapi()).complaints(lambda o: [valid(o)], as_documented)
    assert [failure.partition("\n")[0] for failure in told] == [
        "GET /api/desk/v1/crash",
        "GET /api/desk/v1/other",
        "GET /api/desk/v1/shape",
    ]
