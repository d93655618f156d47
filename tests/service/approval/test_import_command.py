"""`sunlight import` against a real database: what it prints, writes and returns."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from sunlight.main import run
from tests.databases import run_apart
from tests.service.approval.registry import BUREAU, item

HEADER = "code,name,item_type,region,statutory_limit,statutory_unit"
GOOD = f"{item()['code']},小餐饮登记,行政许可,990100,20,工作日"
BAD = f"{item(2)['code']},=1+1,行政许可,990100,20,工作日"
LATE = f"{item(3)['code']},公章刻制,行政许可,990100,二十,工作日"
BODIES = f"kind,code,name,region\n机构,{BUREAU},阳光市审批局,990100\n"


@pytest.fixture(autouse=True)
def _database(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)


@pytest.fixture
def items(tmp_path: Path) -> Path:
    """A file with one good item and two bad ones."""
    path = tmp_path / "items.csv"
    path.write_text("\n".join([HEADER, GOOD, BAD, LATE]), "utf-8")
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What `--json` printed of the one file."""
    (told,) = orjson.loads(capsys.readouterr().out)["files"]
    found: dict[str, Any] = told
    return found


def stored(dsn: str, table: str) -> int:
    """How many rows a table has."""

    async def count() -> int:
        connection = await asyncpg.connect(dsn)
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM approval.{table}"))  # noqa: S608
        finally:
            await connection.close()

    return run_apart(count())


def test_rejects_are_told_with_file_line_field_value_and_reason(
    items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "en", "import", "items", str(items), "--json"]) == 0

    told = printed(capsys)
    assert (told["read"], told["accepted"], told["duplicates"], told["rejected"]) == (3, 1, 0, 2)
    formula, limit = told["rejects"]
    assert (formula["file"], formula["line"], formula["field"]) == ("items.csv", 3, "name")
    assert (formula["value"], "formula" in formula["reason"]) == ("=1+1", True)
    assert (limit["line"], limit["field"], limit["value"]) == (4, "statutory_limit", "二十")


def test_a_person_is_told_the_counts_and_the_rejects(
    items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "zh", "import", "items", str(items)]) == 0

    told = capsys.readouterr()
    assert "拒绝" in told.out
    assert "items.csv:4: statutory_limit '二十': 应为整数" in told.err
    assert "1 个实施主体尚未录入" in told.err


def test_rejects_go_to_a_file_that_runs_nothing(items: Path, tmp_path: Path) -> None:
    out = tmp_path / "rejects.csv"

    assert run(["import", "items", str(items), "--rejects", str(out)]) == 0

    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["value"]) for row in rows] == [("3", "'=1+1"), ("4", "二十")]


def test_a_dry_run_writes_nothing(
    items: Path, dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "items", str(items), "--dry-run", "--json"]) == 0
    assert printed(capsys)["accepted"] == 1
    assert stored(dsn, "item_version") == 0


def test_a_file_that_can_not_be_used_stops_all_of_them(
    items: Path, tmp_path: Path, dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"\x1f\x8b no gzip")

    assert run(["import", "items", str(items), str(broken)]) == 3

    assert str(broken) in capsys.readouterr().err
    assert stored(dsn, "item_version") == 0


def test_nothing_beyond_a_region_is_changed(
    items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["import", "items", str(items), "--region", "990200", "--json"]) == 0
    told = printed(capsys)
    assert told["accepted"] == 0
    assert told["rejects"][0]["field"] == "region"


def test_a_first_day_may_be_given_for_all(items: Path, dsn: str) -> None:
    async def first_day() -> str:
        connection = await asyncpg.connect(dsn)
        try:
            return str(await connection.fetchval("SELECT first_day FROM approval.item_version"))
        finally:
            await connection.close()

    assert run(["import", "items", str(items), "--from", "2025-01-01"]) == 0
    assert run_apart(first_day()) == "2025-01-01"


def test_an_organisation_goes_in_and_a_second_time_changes_nothing(
    tmp_path: Path, dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "organisation.csv"
    path.write_text(BODIES, "utf-8")

    assert run(["import", "organisation", str(path)]) == 0
    capsys.readouterr()
    assert run(["import", "organisation", str(path), "--json"]) == 0

    told = printed(capsys)
    assert (told["read"], told["accepted"], told["duplicates"]) == (1, 0, 1)
    assert stored(dsn, "outbox") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["import"],
        ["import", "items"],
        ["import", "castles", "a.csv"],
        ["import", "items", "a.csv", "--from", "soon"],
        ["import", "items", "a.csv", "--encoding", "klingon"],
        ["import", "organisation", "a.csv", "--region", "16"],
    ],
)
def test_wrong_use_is_status_2(arguments: Sequence[str]) -> None:
    assert run(arguments) == 2


def test_a_database_that_is_not_migrated_is_told(
    items: Path,
    empty_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    assert run(["import", "items", str(items)]) == 3
    assert "sunlight migrate approval" in capsys.readouterr().err


def test_an_unreachable_database_is_told(
    items: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert run(["import", "items", str(items)]) == 3
    assert "Traceback" not in capsys.readouterr().err
