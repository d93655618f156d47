"""Writes `contracts/` from the code, or checks that it is fresh and changed only by addition.

Everything in that folder is generated: it must never be edited by hand. `baseline.json` is what
later contracts are held against, so it is written only when asked for by name.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from libs.common.events import CONTRACTS, documents
from libs.common.events.additivity import breaking_changes, snapshot
from tools import contracts_openapi

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "contracts"
BASELINE = "baseline.json"

Producer = Callable[[], str]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Write or check; 0 done, 1 the check found something."""
    parser = argparse.ArgumentParser(prog="tools.contracts", description=__doc__)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--check", action="store_true", help="write nothing; 1 if stale or broken")
    which.add_argument("--baseline", action="store_true", help="take today's contracts as baseline")
    chosen = parser.parse_args(arguments)
    folder = root / FOLDER
    if chosen.check:
        return _report(stale(folder), broken(folder))
    if chosen.baseline:
        _write(folder / BASELINE, as_json(snapshot()))
    write(folder)
    return 0


def generated() -> list[tuple[str, Producer]]:
    """Every generated document: its path in `contracts/` and what produces its text."""
    services = [
        (name, partial(_json_of, produce))
        for name, produce in contracts_openapi.documents().items()
    ]
    return [*_event_documents(), *services]


def _event_documents() -> list[tuple[str, Producer]]:
    schemas: list[tuple[str, Producer]] = [
        (f"schemas/{name}.json", partial(_json_of, partial(documents.event_schema, model)))
        for name, model in CONTRACTS.items()
    ]
    return [*schemas, ("asyncapi.yaml", lambda: as_yaml(documents.asyncapi()))]


def _json_of(produce: Callable[[], Any]) -> str:
    return as_json(produce())


def as_json(document: Any) -> str:
    """The text of a document: UTF-8, two spaces, keys in the order they were made."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def as_yaml(document: Any) -> str:
    """The same as YAML."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def write(folder: Path) -> None:
    """Write every generated document and remove those that no longer are."""
    for name, produce in generated():
        _write(folder / name, produce())
    for path in _surplus(folder):
        path.unlink()


def stale(folder: Path) -> list[str]:
    """What is missing, out of date or no longer generated."""
    found = []
    for name, produce in generated():
        path = folder / name
        if not path.exists():
            found.append(f"{FOLDER}/{name}: missing")
        elif path.read_text("utf-8") != produce():
            found.append(f"{FOLDER}/{name}: stale")
    surplus = [path.relative_to(folder).as_posix() for path in _surplus(folder)]
    return [*found, *(f"{FOLDER}/{name}: no longer generated" for name in surplus)]


def broken(folder: Path) -> list[str]:
    """What changed since the baseline other than by addition."""
    path = folder / BASELINE
    if not path.exists():
        return [f"{FOLDER}/{BASELINE}: missing (write it with --baseline)"]
    return breaking_changes(json.loads(path.read_text("utf-8")), snapshot())


def _surplus(folder: Path) -> list[Path]:
    kept = {folder / name for name, _ in generated()}
    written = [*folder.glob("schemas/*.json"), *folder.glob("openapi/*.json")]
    return sorted(path for path in written if path not in kept)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _report(old: list[str], breaks: list[str]) -> int:
    for line in [*old, *(f"not an addition: {line}" for line in breaks)]:
        print(line, file=sys.stderr)
    if old:
        print("run `make contracts` to write them anew", file=sys.stderr)
    return 1 if old or breaks else 0


if __name__ == "__main__":
    sys.exit(main())
