"""What holds for every operation of the OpenAPI document, declared once: problems, and who may ask.

Must never change an operation's own answers, only add those the edge and the handlers give.
"""

from typing import Any, Final

from libs.common.web.problem import MEDIA_TYPE, TITLES, Problem

ALWAYS: Final = (400, 404, 405, 413, 422, 500, 503)
KNOWN_CALLER: Final = (401, 403)
COMMAND: Final = (409,)
CHANGE: Final = (409, 412, 428)
"""A command on a thing that has a version: `If-Match` may be missing or stale."""
METHODS: Final = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
SAFE: Final = {"get", "head", "options", "trace"}
ANYONE: Final[dict[str, Any]] = {"security": []}
"""`openapi_extra` of an operation that anyone may call without signing in."""
SCHEMES: Final[dict[str, dict[str, Any]]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Access token of the identity provider; a department's system: its own",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sunlight-session",
        "description": "A signed-in browser; commands also carry X-CSRF-Token",
    },
}
HEADERS: Final[dict[int, dict[str, Any]]] = {
    405: {"Allow": {"description": "Methods of this address", "schema": {"type": "string"}}},
    503: {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}},
}
REPLACED: Final = ("HTTPValidationError", "ValidationError")


def declare(document: dict[str, Any]) -> dict[str, Any]:
    """`document` with each operation's problems and the ways to sign in; changed in place."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(_problem_schemas())
    components["securitySchemes"] = SCHEMES
    document["security"] = [{name: []} for name in SCHEMES]
    named: set[int] = set()
    for item in document.get("paths", {}).values():
        for method, operation in item.items():
            if method in METHODS:
                named |= _declare(method, operation)
    responses = {f"Problem{status}": _response(status) for status in sorted(named)}
    components.setdefault("responses", {}).update(responses)
    for name in REPLACED:
        schemas.pop(name, None)
    return document


def problems(*statuses: int) -> dict[str, Any]:
    """`openapi_extra` of an operation that answers these problems beside those of its kind."""
    return {"responses": {str(status): _reference(status) for status in statuses}}


def _declare(method: str, operation: dict[str, Any]) -> set[int]:
    """The statuses of the shared problems that the operation now refers to."""
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status in _statuses(method, operation):
        responses.setdefault(str(status), _reference(status))
    return {int(status) for status, told in responses.items() if told == _reference(status)}


def _reference(status: int | str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/Problem{status}"}


def _statuses(method: str, operation: dict[str, Any]) -> list[int]:
    found = {*ALWAYS}
    if operation.get("security") != ANYONE["security"]:
        found |= {*KNOWN_CALLER}
    if method not in SAFE:
        headers = {one["name"].lower() for one in operation.get("parameters", [])}
        found |= {*(CHANGE if "if-match" in headers else COMMAND)}
    return sorted(found)


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
