"""The OpenAPI document declares what the edge and the handlers answer."""

from typing import Any

from tests.unit.common.web.client import client_of
from tests.unit.common.web.desk import desk_app

STATUSES = {"400", "404", "405", "409", "412", "413", "422", "428", "500", "503"}


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def test_every_operation_declares_every_problem() -> None:
    document = desk_app().openapi()
    assert len(operations(document)) == 7
    for operation in operations(document):
        assert set(operation["responses"]) >= STATUSES


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
