"""Who applied stays in the one table that is for it, whatever becomes of the case.

A case with an applicant's name, number and telephone has gone the whole thread, and the same was
sent in requests that were refused. Then everything that the platform wrote or shows is searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from tests.databases import run_apart
from tests.system.public_site import crawled
from tests.system.secrets_sought import all_forms, found
from tests.system.thread import APPLICANT, APPROVAL, ITEM, MONITOR, NAME, NUMBER, PHONE, Thread

SOUGHT: Final = all_forms({"name": NAME, "number": NUMBER, "telephone": PHONE})
ITS_TABLE: Final = ("approval", "applicant")
_TABLES_SQL: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY 1, 2
"""
Table = tuple[str, str]
Rows = dict[Table, list[Any]]


@pytest.fixture(scope="module")
def told(thread: Thread) -> Thread:
    """The thread, after the same data were sent where they do not belong."""
    clerk, head = thread.city.client("clerk"), thread.city.client("head")
    cases = f"{APPROVAL}/cases"
    wrong = {**APPLICANT, "number": f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"}
    refused = [
        clerk.post(cases, json={"item_code": ITEM.code, "applicant": wrong}),
        clerk.post(cases, json={"item_code": ITEM.code, "applicant": APPLICANT, "x": NAME}),
        clerk.post(cases, json={"item_code": NUMBER, "applicant": APPLICANT}),
        clerk.post(cases, content=f'{{"applicant": {{"name": "{NAME}", "number": "{NUMBER}"'),
        clerk.get(f"{cases}/{NUMBER}"),
        clerk.get(f"/{NAME}/{NUMBER}"),
        thread.city.client("public").get(cases, params={"applicant": NAME}),
        answer_of_a_person(thread, head),
    ]
    assert all(answer.status_code >= 400 for answer in refused), refused
    searched = [
        clerk.get(cases, params={"applicant": NAME}),
        clerk.get(cases, params={"applicant": NUMBER}),
        clerk.get("/window", params={"q": NAME}),
        clerk.get(f"{cases}/{thread.case_no}/applicant"),
    ]
    assert all(answer.status_code == 200 for answer in searched), searched
    return thread


def answer_of_a_person(thread: Thread, head: httpx.Client) -> httpx.Response:
    """A public statement that names a telephone and a number is not taken."""
    finding = thread.answers["yellow"]["items"][0]["id"]
    said = {"cause": "applicant", "statement": f"申请人电话 {PHONE},证号 {NUMBER}"}
    address = f"{MONITOR}/findings/{finding}/answer"
    return head.post(address, json=said, headers={"If-Match": "*"})


@pytest.fixture(scope="module")
def tables(told: Thread) -> Rows:
    """Every row of every table of the installation."""
    return run_apart(_all_rows(told.city.dsn))


async def _all_rows(dsn: str) -> Rows:
    connection = await asyncpg.connect(dsn)
    try:
        names = [tuple(row) for row in await connection.fetch(_TABLES_SQL)]
        return {
            (schema, name): await connection.fetch(f'SELECT * FROM "{schema}"."{name}"')  # noqa: S608
            for schema, name in names
        }
    finally:
        await connection.close()


def held(rows: list[Any]) -> set[str]:
    """The forms that any value of the rows holds, bytes as they are."""
    return {name for row in rows for value in row.values() for name in _in_value(value)}


def _in_value(value: Any) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _in_value(one)
    elif value is not None:
        yield from found(value if isinstance(value, bytes) else str(value), SOUGHT)


def test_the_applicants_own_table_has_name_and_telephone_and_no_number(tables: Rows) -> None:
    held_there = held(tables[ITS_TABLE])

    assert {"name (plain)", "telephone (plain)"} <= held_there
    assert not [name for name in held_there if name.startswith("number")]


def test_no_other_table_has_any_of_it(tables: Rows) -> None:
    others = {table: held(rows) for table, rows in tables.items() if table != ITS_TABLE}

    assert {table: names for table, names in others.items() if names} == {}


@pytest.mark.parametrize("schema", ["approval", "trading", "monitor", "disclosure", "bus", "city"])
def test_the_search_saw_the_tables_of(schema: str, tables: Rows) -> None:
    assert any(rows for (of, _name), rows in tables.items() if of == schema)


def test_the_bus_carried_the_case_and_nothing_of_who_applied(told: Thread, tables: Rows) -> None:
    log = tables["bus", "log"]

    assert sum(told.case_no.encode() in row["value"] for row in log) > 6
    assert held(log) == set()


def test_no_log_has_any_of_it(told: Thread, postgres: EmbeddedPostgres) -> None:
    logs = [*(told.city.folder / "log").iterdir(), Path(postgres.folder) / "server.log"]
    texts = {path.name: path.read_bytes() for path in logs}

    assert {"api.log", "worker.log", "server.log"} <= set(texts)
    assert all(texts.values())
    assert {name: found(text, SOUGHT) for name, text in texts.items()} == {
        name: set() for name in texts
    }


def test_no_file_of_the_installation_has_any_of_it(told: Thread) -> None:
    files = [path for path in told.city.folder.rglob("*") if path.is_file()]

    assert files
    assert [path.name for path in files if found(path.read_bytes(), SOUGHT)] == []


def test_no_metric_of_any_process_has_any_of_it(told: Thread) -> None:
    for address in (told.city.url, told.city.worker):
        text = httpx.get(f"{address}/metrics", timeout=20).raise_for_status().text
        assert "sunlight_" in text
        assert found(text, SOUGHT) == set()


def test_nothing_that_the_public_can_reach_has_any_of_it(told: Thread) -> None:
    client = told.city.client("public")
    reached = dict(crawled(client))

    kinds = {
        answer.headers.get("content-type", "").partition(";")[0] for answer in reached.values()
    }
    assert {"text/html", "text/csv", "application/json", "application/atom+xml"} <= kinds
    assert any("/records/" in path for path in reached)
    held_in = {path: found(answer.content, SOUGHT) for path, answer in reached.items()}
    assert {path: names for path, names in held_in.items() if names} == {}
    code = all_forms({"query code": told.code})
    assert [path for path, answer in reached.items() if found(answer.content, code)] == []


def test_the_progress_page_says_nothing_of_who_asked(told: Thread) -> None:
    with httpx.Client(base_url=told.city.url, timeout=20, follow_redirects=True) as applicant:
        form = {"case_no": told.case_no, "query_code": told.code}
        page = applicant.post("/cases", data=form)

    assert told.case_no in page.text
    assert found(page.content, SOUGHT) == set()


def test_what_monitoring_and_disclosure_answer_has_none_of_it(told: Thread) -> None:
    steps = ("yellow", "red", "why", "inbox", "facts", "records", "history", "count-3")

    assert {step: found(str(told.answers[step]), SOUGHT) for step in steps} == {
        step: set() for step in steps
    }


def test_a_refusal_never_repeats_what_was_wrong_with_a_number(told: Thread) -> None:
    wrong = {**APPLICANT, "number": f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"}
    body = {"item_code": ITEM.code, "applicant": wrong}
    answer = told.city.client("clerk").post(f"{APPROVAL}/cases", json=body)

    assert answer.status_code == 422
    assert wrong["number"] not in answer.text
    assert found(answer.text, SOUGHT) == set()
