"""The walls between packages hold what they claim, and the documents name what is there."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.events import CONTRACTS

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"
PACKAGES = ("libs", "services", "sunlight", "tests", "benchmarks")
DOCUMENTS = [
    *(ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
]
PURE = re.compile(r"\bPure[.:,]")
TAKE_TYPES = {
    "services.disclosure.record.open_data",
    "services.e_monitor.pages.marks",
    "services.e_monitor.pages.overview",
}
"""Pure themselves, but the types of their rows stand beside queries."""
READERS = {"libs.common.worktime", "services.e_monitor.intake.reading"}
"""`worktime` is behind the wall whole; the reader of requests knows their headers' type."""


def _contract(name: str, field: str) -> set[str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return set(parser[f"importlinter:contract:{name}"][field].split())


def _calling_themselves_pure() -> Iterator[str]:
    for folder in ("libs", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            if PURE.search(text):
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts).removesuffix(".__init__")


def _behind(module: str, walls: set[str]) -> bool:
    if module.endswith(".policy"):
        return "services.**.policy" in walls
    return any(module == wall or module.startswith(f"{wall}.") for wall in walls)


def test_every_service_is_kept_apart_from_the_others() -> None:
    folders = {f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/__init__.py")}
    assert _contract("services", "modules") == folders


def test_every_module_that_calls_itself_pure_is_behind_the_wall() -> None:
    walls = _contract("pure", "source_modules")
    loose = {module for module in _calling_themselves_pure() if not _behind(module, walls)}
    assert loose - TAKE_TYPES - READERS == set()


def test_every_module_of_the_law_but_its_loaders_is_kept_from_files() -> None:
    modules = {f"libs.common.law.{path.stem}" for path in (ROOT / "libs/common/law").glob("*.py")}
    loaders = {"libs.common.law.pack", "libs.common.law.installed", "libs.common.law.__init__"}
    assert modules - loaders <= _contract("files", "source_modules")


def test_nothing_that_decides_asks_what_time_it_is() -> None:
    places = [
        *(ROOT / "libs/common/law").glob("*.py"),
        *(ROOT / "libs/common/worktime").glob("*.py"),
        *(ROOT / "services").glob("**/policy.py"),
        *(ROOT / "services/e_monitor/check").glob("*.py"),
        *(ROOT / "services/e_monitor/clock").glob("*.py"),
    ]
    asking = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in places
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
        if isinstance(node.value, ast.Name) and node.value.id in {"date", "datetime"}
    }
    assert asking == set()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source tree and its walls, to be broken."""
    folder = tmp_path_factory.mktemp("walls")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            folder / package,
            ignore=lambda where, names: [
                name
                for name in names
                if name == "__pycache__" or not (name.endswith(".py") or Path(where, name).is_dir())
            ],
        )
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("services.approval.case.service", "services.disclosure.record.model"),
        ("libs.common.law.fold", "services.approval.settings"),
        ("services.approval.case.policy", "asyncpg"),
        ("services.e_monitor.check.pause_misuse", "libs.common.db.engine"),
        ("libs.common.worktime.counting", "pathlib"),
        ("libs.common.law.clock", "time"),
        ("sunlight.worker", "tests.needs"),
        ("libs.common.bus.consumer", "libs.common.law.fold"),
    ],
)
def test_an_import_through_a_wall_is_refused(copy: Path, module: str, imported: str) -> None:
    path = copy / f"{module.replace('.', '/')}.py"
    before = path.read_text("utf-8")
    line = before.count("\n") + 1
    path.write_text(f"{before}import {imported}\n", "utf-8")
    try:
        told = subprocess.run(
            [LINTER, "--no-cache"],
            cwd=copy,
            env={**os.environ, "COLUMNS": "300", "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        path.write_text(before, "utf-8")
    assert told.returncode == 1, told.stdout + told.stderr
    named = rf"{re.escape(module)}\s+->\s+{re.escape(imported)}\s+\(.*l\.{line}\b"
    assert re.search(named, told.stdout), told.stdout


def _named_paths(document: Path) -> set[str]:
    text = document.read_text("utf-8")
    quoted = re.findall(r"`((?:libs|services|sunlight|tests|rules|docs|tools)/[^`{*]*)`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    places = [os.path.relpath(document.parent / link, ROOT) for link in linked]
    return {*quoted, *places}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    assert {name for name in _named_paths(document) if not (ROOT / name).exists()} == set()


def _glossary_words(pattern: str) -> set[str]:
    text = (ROOT / "docs/glossary.md").read_text("utf-8")
    return set(re.findall(pattern, text))


def test_every_event_of_the_glossary_has_a_contract() -> None:
    named = _glossary_words(
        r"`((?:approval|trading|registry|monitor|disclosure)\.[a-z-]+\.[a-z-]+)`"
    )
    assert {name for name in named if f"cn.sunlight.{name}.v1" not in CONTRACTS} == set()
    assert len(named) > 20


def test_every_table_of_the_glossary_is_made_by_a_migration() -> None:
    schemas = "approval|trading|monitor|disclosure|identity|bus|city"
    named = _glossary_words(rf"`(?:{schemas})\.([a-z_]+)`")
    sources = [
        *(ROOT / "services").glob("*/migrations/versions/*.py"),
        *(ROOT / "libs/common/identity/migrations/versions").glob("*.py"),
        *(ROOT / "libs/common/bus").glob("tables.py"),
        *(ROOT / "libs/common/directory").glob("*.py"),
        *(ROOT / "libs/common/db").glob("*.py"),
    ]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    made = set(re.findall(r'CREATE TABLE (?:IF NOT EXISTS )?(?:city\.)?"?([a-z_]+)"?', text))
    assert named - made == set()
    assert len(named) > 10
