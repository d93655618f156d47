"""`sunlight files orphans` on a real folder and a real database."""

import os
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from libs.common.files.disk import DiskStore
from libs.common.law.fold import Fold
from sunlight.main import run
from tests.databases import run_apart
from tests.service.approval.conftest import Desk
from tests.service.approval.hall import BASE, Hall
from tests.service.desk import calling
from tests.unit.common.files.samples import pdf

DAY = 86_400
LOST = b"lost content"


@pytest.fixture
def folder(dsn: str, law: Fold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file that a case names, and one that none does, both ten days old."""
    made = tmp_path / "files"
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("APPROVAL_FILES", str(made))

    async def fill() -> None:
        hall = Hall(dsn, law, made)
        async with calling(hall.app, BASE) as hall.client:
            await hall.given(await Desk(hall.client).receive(), pdf())
        store = DiskStore(made)
        async with store.draft(limit=100) as draft:
            await draft.write(LOST)
            await draft.seal()
            await store.keep(draft)

    run_apart(fill())
    for path in stored(made):
        age(path, 10)
    return made


def stored(folder: Path) -> list[Path]:
    """Every file in the folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def age(path: Path, days: float) -> None:
    """Make a file look as if it had been kept days ago."""
    then = time.time() - days * DAY
    os.utime(path, (then, then))


def contents(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in stored(folder)}


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return found


def test_orphans_are_counted_and_nothing_is_deleted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "en", "files", "orphans", "--json"]) == 0

    told = printed(capsys)
    assert (told["files"], told["bytes"], told["deleted"]) == (1, len(LOST), 0)
    assert contents(folder) == {pdf(), LOST}


def test_old_orphans_are_deleted_and_what_a_case_names_stays(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["files", "orphans", "--delete-older-than", "7", "--json"]) == 0

    told = printed(capsys)
    assert (told["files"], told["deleted"]) == (1, 1)
    assert contents(folder) == {pdf()}


def test_an_orphan_younger_than_the_days_named_is_only_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["files", "orphans", "--delete-older-than", "30", "--json"]) == 0

    told = printed(capsys)
    assert (told["files"], told["deleted"]) == (1, 0)
    assert contents(folder) == {pdf(), LOST}


def test_what_was_kept_today_is_no_orphan_yet(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in stored(folder):
        age(path, 0.5)

    assert run(["files", "orphans", "--json"]) == 0
    assert printed(capsys)["files"] == 0


def test_uploads_that_broke_off_are_counted_and_deleted_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "drafts" / "0123456789abcdef").write_bytes(b"half")
    age(folder / "drafts" / "0123456789abcdef", 10)

    assert run(["files", "orphans", "--delete-older-than", "7", "--json"]) == 0
    assert (printed(capsys)["files"], contents(folder)) == (2, {pdf()})


@pytest.mark.parametrize("days", ["0", "-1", "x"])
def test_less_than_a_day_is_wrong_use(folder: Path, days: str) -> None:
    assert run(["files", "orphans", "--delete-older-than", days]) == 2
    assert contents(folder) == {pdf(), LOST}


def test_without_a_folder_the_command_says_how_to_name_one(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.delenv("APPROVAL_FILES", raising=False)

    assert run(["--lang", "en", "files", "orphans"]) == 3
    assert "APPROVAL_FILES" in capsys.readouterr().err


def test_a_person_reads_how_many_and_how_much(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--lang", "en", "files", "orphans"]) == 0
    assert f"1 file, {len(LOST)} bytes" in capsys.readouterr().out
