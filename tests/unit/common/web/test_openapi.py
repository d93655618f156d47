"""The OpenAPI document declares what the edge and the handlers answer."""

from typing import Any

from fastapi import APIRouter

from libs.common.web import app as web
from libs.common.web.openapi import ANYONE
from tests.unit.common.web.client import client_of
from tests.unit.common.web.desk import desk_app

STATUSES = {"400", "401", "403", "404", "405", "409", "412", "413", "422", "428", "500", "503"}
OF_COMMANDS = {"409", "412", "428"}


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [pair for item in document["paths"].values() for pair in item.items()]


def test_every_operation_declares_what_the_edge_may_answer() -> None:
    document = desk_app().openapi()
    assert len(operations(document)) == 7
    for _, operation in operations(document):
        assert set(operation["responses"]) >= STATUSES - OF_COMMANDS


def test_only_commands_declare_a_conflict_and_only_changes_a_version() -> None:
    for method, operation in operations(desk_app().openapi()):
        headers = {one["name"].lower() for one in operation.get("parameters", [])}
        declared = set(operation["responses"]) & OF_COMMANDS
        if "if-match" in headers:
            assert declared == OF_COMMANDS
        else:
            assert declared == (set() if method == "get" else {"409"})


def test_whoever_calls_signs_in_unless_the_operation_is_for_anyone() -> None:
    app = web.create_app("desk", title="Desk", routers=[_open_and_closed()])
    paths = app.openapi()["paths"]
    closed, opened = (paths[f"/api/desk/v1/{name}"]["get"] for name in ("closed", "open"))
    assert app.openapi()["security"] == [{"token": []}, {"session": []}]
    assert {"401", "403"} <= set(closed["responses"])
    assert opened["security"] == []
    assert {"401", "403"}.isdisjoint(opened["responses"])


def _open_and_closed() -> APIRouter:
    router = APIRouter()

    @router.get("/open", openapi_extra=ANYONE)
    async def opened() -> None: ...

    @router.get("/closed")
    async def closed() -> None: ...

    return router


def test_problems_are_declared_once_as_problem_json() -> None:
    document = desk_app().openapi()
    for status in STATUSES:
        content = document["components"]["responses"][f"Problem{status}"]["content"]
        assert list(content) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(document)
    assert "Allow" in document["components"]["responses"]["Problem405"]["headers"]


def test_commands_declare_the_idempotency_key_and_queries_do_not() -> None:
    paths = desk_app().openapi()["paths"]
    names = {
        method: [p["name"] for p in operation.get("parameters", [])]
        for method, operation in paths["/api/approval/v1/cases"].items()
    }
    assert "Idempotency-Key" in names["post"]
    assert "Idempotency-Key" not in names["get"]


async def test_document_is_served_under_the_service() -> None:
    async with client_of(desk_app()) as client:
        answer = await client.get("/api/approval/openapi.json")
        docs = await client.get("/docs")
    assert "Problem" in answer.json()["components"]["schemas"]
    assert docs.status_code == 404
