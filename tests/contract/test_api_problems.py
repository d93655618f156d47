"""Every operation documents, as problems, how it may refuse: by its method, headers and callers."""

from typing import Any

import pytest

from libs.common.db.engine import SERVICES
from tests.contract.test_contracts_openapi import PROBLEM, answer, operations
from tools.contracts_openapi import openapi

ALWAYS = {"400", "404", "405", "413", "422", "500", "503"}
OF_CALLERS = {"401", "403"}
OF_CHANGES = {"409", "412", "428"}


def headers(operation: Any) -> set[str]:
    return {one["name"].lower() for one in operation.get("parameters", [])}


@pytest.mark.parametrize("service", SERVICES)
def test_an_operation_documents_the_refusals_of_its_kind(service: str) -> None:
    for name, operation in operations(openapi(service)):
        expected = set(ALWAYS)
        if operation.get("security") != []:
            expected |= OF_CALLERS
        if not name.startswith("get "):
            expected |= {"409"}
        if "if-match" in headers(operation):
            expected |= OF_CHANGES
        assert expected <= set(operation["responses"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_an_operation_documents_no_refusal_that_its_kind_never_gives(service: str) -> None:
    for name, operation in operations(openapi(service)):
        if operation.get("security") == []:
            assert OF_CALLERS.isdisjoint(operation["responses"]), name
        if "if-match" not in headers(operation):
            assert {"412", "428"}.isdisjoint(operation["responses"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_every_refusal_is_a_problem(service: str) -> None:
    document = openapi(service)
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            # 410 is an answer of its own: what was withdrawn, when and why.
            if status >= "4" and status != "410":
                content = answer(document, response)["content"]
                assert content == {"application/problem+json": {"schema": PROBLEM}}, (name, status)


@pytest.mark.parametrize("service", SERVICES)
def test_whoever_calls_signs_in_except_for_what_is_public(service: str) -> None:
    document = openapi(service)
    public = {name for name, operation in operations(document) if operation.get("security") == []}
    assert document["security"] == [{"token": []}, {"session": []}]
    if service == "disclosure":
        assert public == {name for name, _ in operations(document) if name.startswith("get ")}
    else:
        assert all(name.endswith("/progress") for name in public)
