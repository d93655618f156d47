"""The OpenAPI documents are valid, and say of every operation how it may fail."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from libs.common.db.engine import SERVICES
from libs.common.web.problem import Problem
from tests import needs
from tools.contracts import as_json
from tools.contracts_openapi import PACKAGES, openapi

METHODS = {"get", "put", "post", "delete", "patch", "options", "head", "trace"}
EDGE = {"400", "404", "405", "413", "422", "500", "503"}
"""What every operation may answer: its caller, its address, its values, our own faults."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def committed(service: str) -> Any:
    path = needs.ROOT / "contracts" / "openapi" / f"{service}.json"
    return json.loads(path.read_text("utf-8"))


def faults(document: Any) -> list[str]:
    return [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method} {path}", operation


def answer(document: Any, response: Any) -> Any:
    """A response, wherever it stands."""
    if "$ref" in response:
        name = response["$ref"].removeprefix("#/components/responses/")
        return document["components"]["responses"][name]
    return response


def test_every_service_has_a_document() -> None:
    assert sorted(PACKAGES) == sorted(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_documents_are_valid_openapi(service: str) -> None:
    document = committed(service)
    assert document["openapi"].startswith("3.1.")
    assert faults(document) == []


def test_a_planted_fault_is_named() -> None:
    document = committed("disclosure")
    path = next(iter(document["paths"]))
    del document["paths"][path]["get"]["responses"]["200"]["description"]
    assert any("description" in fault for fault in faults(document))


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_described_and_has_its_own_id(service: str) -> None:
    found = dict(operations(committed(service)))
    assert [name for name, operation in found.items() if not operation.get("description")] == []
    assert len({operation["operationId"] for operation in found.values()}) == len(found)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_says_how_it_may_fail_and_always_as_a_problem(service: str) -> None:
    document = committed(service)
    for name, operation in operations(document):
        # 410 is an answer of its own: what was withdrawn, when and why.
        failures = {status for status in operation["responses"] if status >= "4"} - {"410"}
        assert failures >= EDGE, name
        for status in failures:
            content = answer(document, operation["responses"][status])["content"]
            assert content == {"application/problem+json": {"schema": PROBLEM}}, (name, status)


@pytest.mark.parametrize("service", SERVICES)
def test_a_problem_is_described_by_what_is_answered(service: str) -> None:
    schema = committed(service)["components"]["schemas"]["Problem"]
    assert set(schema["properties"]) == set(Problem.model_fields)


@pytest.mark.parametrize("service", SERVICES)
def test_commands_take_a_key_and_changes_of_a_thing_its_version(service: str) -> None:
    for name, operation in operations(committed(service)):
        headers = {one["name"].lower() for one in operation.get("parameters", [])}
        if "if-match" in headers:
            assert "idempotency-key" in headers, name
            assert {"409", "412", "428"} <= set(operation["responses"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_documents_name_no_machine(service: str) -> None:
    document = committed(service)
    assert "servers" not in document
    assert all(path.startswith(f"/api/{service}/v1/") for path in document["paths"])


def test_documents_do_not_depend_on_the_order_of_hashes_nor_on_settings() -> None:
    code = "from tools.contracts_openapi import openapi\nfrom tools.contracts import as_json\n"
    printed = [
        subprocess.run(
            [sys.executable, "-c", f"{code}print(as_json(openapi('monitor')), end='')"],
            env={**os.environ, "PYTHONHASHSEED": seed, "MONITOR_POOL_SIZE": seed, "LANG": "C"},
            cwd=needs.ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed == [as_json(openapi("monitor"))] * 2
