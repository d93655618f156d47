"""The real catalogue of one province goes in as an independent reading of the file counts it."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from libs.common.db.embedded import EmbeddedPostgres
from sunlight.main import run
from tests.databases import fresh_database, run_apart

CHECK = "0123456789ABCDEFGHJKLMNPQRTUWXY"
UNITS = {"工作日": "working_day", "自然日": "calendar_day"}


def sound(code: str) -> bool:
    """Whether a task code begins with a credit code whose check character fits (GB 32100)."""
    body, check = code[:17], code[17]
    if not set(code[:18]) <= set(CHECK) or not code[2:8].isdigit():
        return False
    total = sum(CHECK.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return CHECK[-total % 31] == check


@pytest.fixture(scope="module")
def file(shared: Path) -> Path:
    return shared / "data" / "items" / "guangdong_items.csv.gz"


@pytest.fixture(scope="module")
def rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def catalogue(
    postgres: EmbeddedPostgres, migrated: Callable[[str], str], file: Path
) -> Iterator[str]:
    """The DSN of a city that has taken the file over."""
    with fresh_database(postgres, migrated("approval")) as dsn, pytest.MonkeyPatch.context() as env:
        env.setenv("DATABASE_URL", dsn)
        assert run(["import", "items", str(file), "--json"]) == 0
        yield dsn


def fetched(dsn: str, sql: str) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(dsn, server_settings={"search_path": "approval, city"})
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return run_apart(fetch())


@pytest.mark.shared
def test_every_sound_code_stands_once_and_no_other(
    catalogue: str, rows: list[dict[str, str]]
) -> None:
    wanted = {row["task_code"] for row in rows if sound(row["task_code"])}

    stored = [code for (code,) in fetched(catalogue, "SELECT code FROM item_version")]
    assert sorted(stored) == sorted(wanted)
    assert len(rows) == 2262


@pytest.mark.shared
def test_types_limits_and_units_are_those_of_the_file(
    catalogue: str, rows: list[dict[str, str]]
) -> None:
    wanted = Counter(
        (
            row["task_type"],
            int(row["statutory_days"]) if row["statutory_days"] else None,
            UNITS.get(row["statutory_unit"]),
            int(row["promised_days"]) if row["promised_days"] else None,
            UNITS.get(row["promised_unit"]),
            row["area_code"] + "000000",
            int(row["materials"]),
        )
        for row in rows
        if sound(row["task_code"])
    )

    stored = fetched(
        catalogue,
        "SELECT item_type, statutory_limit, statutory_unit, promised_limit, promised_unit, region,"
        " (details ->> 'material_count')::int FROM item_version",
    )
    assert Counter(stored) == wanted


@pytest.mark.shared
def test_each_version_is_told_once(catalogue: str) -> None:
    (told,) = fetched(catalogue, "SELECT count(*), count(DISTINCT subject) FROM outbox")
    (stored,) = fetched(catalogue, "SELECT count(*), count(DISTINCT code) FROM item_version")
    assert told == stored


@pytest.mark.shared
def test_a_second_import_is_nothing_but_duplicates_and_the_same_rejects(
    catalogue: str,
    file: Path,
    rows: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", catalogue)
    unsound = [place for place, row in enumerate(rows, start=2) if not sound(row["task_code"])]

    assert run(["import", "items", str(file), "--json"]) == 0

    (told,) = orjson.loads(capsys.readouterr().out)["files"]
    assert told["read"] == len(rows)
    assert (told["accepted"], told["duplicates"]) == (0, len(rows) - len(unsound))
    assert [reject["line"] for reject in told["rejects"]] == unsound
    assert {reject["field"] for reject in told["rejects"]} == {"code"}
    assert fetched(catalogue, "SELECT count(*) FROM outbox") == [(len(rows) - len(unsound),)]
