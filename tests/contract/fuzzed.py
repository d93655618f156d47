"""Services for a fuzzer: each on real rows behind a real socket, as a known caller and as nobody.

Schemathesis (https://schemathesis.io) is the judge: it makes requests from the OpenAPI document
and holds every answer against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeAlias

import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, GenerationMode
from schemathesis import Case as AnyCase
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from libs.common.identity.actor import Identify, loopback_only, nobody
from libs.common.identity.permissions import installed_matrix
from libs.common.identity.principal import Principal
from sunlight.importing.tenders import read_records
from tests.browser.pages import served
from tools.contracts_openapi import PACKAGES

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Case: TypeAlias = AnyCase[Any]
Cases: TypeAlias = st.SearchStrategy[Case]
Rows: TypeAlias = Mapping[str, Sequence[str]]
"""A path's parameter → values whose rows exist; the nth of each belong together."""
EXAMPLES: Final = 8
"""Requests an operation, of each kind."""
OFFICE: Final = "office-1"
REGION: Final = "990100"
ENDLESS: Final = frozenset({"/api/monitor/v1/stream"})
"""Event streams: their answers never end, and a schema says nothing of them."""
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


Judge: TypeAlias = Callable[[Case, Response], None]


@dataclass(frozen=True)
class Fuzzed:
    """A served service: its address and its OpenAPI document."""

    address: str
    document: dict[str, Any]

    def operations(self) -> Iterator[Operation]:
        """Every operation whose answers end, in the document's order."""
        config = SchemathesisConfig.from_dict({"generation": {"deterministic": True}})
        schema = schemathesis.openapi.from_dict(self.document, config=config)
        for found in schema.get_all_operations():
            operation = found.ok()  # type: ignore[union-attr] # a document with an error raises here
            if operation.path not in ENDLESS:
                yield operation

    def complaints(self, kinds: Callable[[Operation], Sequence[Cases]], judge: Judge) -> list[str]:
        """What is wrong, by operation: requests of `kinds` are made, and `judge` sees answers."""
        with requests.Session() as session:

            def ask(case: Case) -> None:
                judge(case, case.call(base_url=self.address, session=session))

            told = []
            for operation in self.operations():
                found = [fuzz(cases, ask) for cases in kinds(operation)]
                told += [f"{operation.label}\n{failure}" for failure in found if failure]
        return told


def as_documented(case: Case, response: Response) -> None:
    """Judge of answers: no fault of ours, and status, headers and content as documented."""
    case.validate_response(response, checks=CHECKS)


def fuzz(cases: Cases, ask: Callable[[Case], None]) -> str:
    """Why a request of `cases` failed; empty where none did."""
    bounded = settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        # A failure is told with its request as it is; making it smaller takes minutes.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        bounded(given(cases)(ask))()
    except Unsatisfiable:
        return ""  # Without parameters there is no invalid request.
    except (Failure, FailureGroup, AssertionError) as failure:
        return str(failure)
    return ""


def valid(operation: Operation) -> Cases:
    """Requests as the document wants them."""
    return operation.as_strategy(generation_mode=GenerationMode.POSITIVE)


def invalid(operation: Operation) -> Cases:
    """Requests that break what the document says."""
    return operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def of_rows(operation: Operation, rows: Rows) -> list[Cases]:
    """Valid requests for rows that exist; none where the path names nothing that is there."""
    names = re.findall(r"{(.+?)}", operation.path)
    if not names or not all(name in rows for name in names):
        return []
    values = zip(*(rows[name] for name in names), strict=True)
    named = [dict(zip(names, row, strict=True)) for row in values]
    return [st.one_of([operation.as_strategy(path_parameters=row) for row in named])]


@contextmanager
def fuzzed(
    service: str, dsn: str, files: Path, *, known: bool, office: str = OFFICE
) -> Iterator[Fuzzed]:
    """`service` while the block runs, for a post of `office`; for nobody unless `known`."""
    app = application(service, dsn, files, everyone(service, office) if known else nobody)
    with served(app) as address:
        yield Fuzzed(address, app.openapi())


def everyone(service: str, office: str = OFFICE) -> Identify:
    """A post of `office` with every duty of a service in the whole city."""
    matrix = installed_matrix()
    holder = Principal("test", "p", "post-1", office, REGION, frozenset(matrix.roles))
    return loopback_only(matrix.actor(holder, service), "127.0.0.1")


def application(service: str, dsn: str, files: Path, identify: Identify) -> FastAPI:
    """The service as it is installed, with everything it can be given."""
    package = PACKAGES[service]
    more: dict[str, Any] = {}
    if service == "approval":
        more = {"applicant_key": "a key of these tests, 32 signs long", "files": files}
    settings = import_module(f"{package}.settings").Settings(dsn=dsn, pool_size=2, **more)
    given: dict[str, Any] = {"reader": read_records} if service == "trading" else {}
    app: FastAPI = import_module(f"{package}.app").create_app(settings, identify=identify, **given)
    return app
