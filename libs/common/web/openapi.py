"""The problems that any operation may answer, declared once in the OpenAPI document.

Must never change an operation's own answers, only add those the edge and the handlers give.
"""

from typing import Any, Final

from libs.common.web.problem import MEDIA_TYPE, TITLES, Problem

STATUSES: Final = (400, 404, 405, 409, 412, 413, 422, 428, 500, 503)
METHODS: Final = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
HEADERS: Final[dict[int, dict[str, Any]]] = {
    405: {"Allow": {"description": "Methods of this address", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}},
}
REPLACED: Final = ("HTTPValidationError", "ValidationError")


def declare_problems(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with a reference to each shared problem in every operation; changed in place."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(_problem_schemas())
    components.setdefault("responses", {}).update({f"Problem{s}": _response(s) for s in STATUSES})
    for item in document.get("paths", {}).values():
        for method, operation in item.items():
            if method in METHODS:
                _declare(operation)
    for name in REPLACED:
        schemas.pop(name, None)
    return document


def _declare(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status in STATUSES:
        reference = {"$ref": f"#/components/responses/Problem{status}"}
        responses.setdefault(str(status), reference)


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    answer: dict[str, Any] = {
        "description": TITLES[status][2],
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in HEADERS:
        answer["headers"] = HEADERS[status]
    return answer


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    nested: dict[str, Any] = schema.pop("$defs", {})
    return {"Problem": schema, **nested}
