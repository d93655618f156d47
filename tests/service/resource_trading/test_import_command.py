"""`sunlight import tenders` against a real database: what it declares, and what is wrong use."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from libs.common.events import TOPICS
from sunlight.main import run
from tests.databases import run_apart
from tests.service.desk import as_owner, events_of
from tests.service.e_monitor.test_imported_tenders import MAPPING, plan, silent

PLACE = ["--region", "990100", "--office", "demo-centre"]


@pytest.fixture
def notices(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of one notice, which does not say whether tendering was compulsory."""
    monkeypatch.setenv("DATABASE_URL", dsn)
    path = tmp_path / "notices.jsonl"
    path.write_text(json.dumps(silent(plan("P-1", "2025-06-22T09:00"))), "utf-8")
    return path


def mapping(folder: Path, name: str = "centre") -> list[str]:
    """The option that names a mapping of that name."""
    path = folder / "mapping.yaml"
    path.write_text(yaml.safe_dump({**MAPPING, "name": name}), "utf-8")
    return ["--mapping", str(path)]


def said(dsn: str) -> list[Any]:
    """What each event of the tender says of `mandatory`."""

    async def events() -> list[Any]:
        async with as_owner(dsn, "trading") as owner:
            return [event.data.get("mandatory") for event in await events_of(owner, "tender/P-1")]

    return run_apart(events())


@pytest.mark.parametrize(
    ("flags", "told"),
    [([], [None]), (["--mandatory"], [True]), (["--voluntary"], [False])],
    ids=["undeclared", "mandatory", "voluntary"],
)
def test_the_plan_says_what_was_declared(
    dsn: str, notices: Path, tmp_path: Path, flags: Sequence[str], told: list[Any]
) -> None:
    assert run(["import", "tenders", str(notices), *PLACE, *mapping(tmp_path), *flags]) == 0
    assert said(dsn) == told


@pytest.mark.parametrize("name", TOPICS)
def test_a_source_that_is_called_as_a_service_of_ours_is_wrong_use(
    notices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    asked = ["import", "tenders", str(notices), *PLACE, *mapping(tmp_path), "--source", name]
    assert run(["--lang", "en", *asked]) == 2
    assert f"{name} is a service of this platform" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "name", ["tenders-trading", "trading", "a/trading"], ids=["prefixed", "bare", "path"]
)
def test_a_mapping_whose_name_would_pass_for_a_service_of_ours_needs_a_source(
    dsn: str, notices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    asked = ["--lang", "en", "import", "tenders", str(notices), *PLACE, *mapping(tmp_path, name)]
    assert run(asked) == 3
    assert "--source" in capsys.readouterr().err
    assert said(dsn) == []
    assert run([*asked, "--source", "centre"]) == 0
