"""The command line as a person runs it: a process with its own streams and exit status."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.system.installation import sunlight


@pytest.mark.parametrize(("language", "word"), [("zh_CN.UTF-8", "用法"), ("en_GB.UTF-8", "see")])
def test_wrong_use_is_told_in_the_language_of_the_locale(language: str, word: str) -> None:
    done = sunlight("replay", "--nonsense", env={"LANG": language})

    assert done.returncode == 2
    assert word in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "command",
    [
        ("up",),
        ("api",),
        ("worker",),
        ("migrate",),
        ("replay",),
        ("clock", "explain"),
        ("calendar", "show"),
        ("calendar", "load"),
        ("rules", "list"),
        ("rules", "show"),
        ("rules", "check"),
        ("parked", "list"),
        ("parked", "show"),
        ("parked", "replay"),
        ("parked", "drop"),
        ("parked", "skip"),
        ("outbox", "republish"),
        ("import", "items"),
        ("import", "organisation"),
    ],
    ids=" ".join,
)
def test_every_command_has_its_help(command: tuple[str, ...]) -> None:
    done = sunlight(*command, "--help")

    assert done.returncode == 0
    assert " ".join(command) in done.stdout


def test_an_unreachable_database_is_status_3_and_no_traceback() -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"

    done = sunlight("parked", "list", env={"DATABASE_URL": url})

    assert done.returncode == 3
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_database_at_all_names_the_setting() -> None:
    done = sunlight("migrate", "approval")

    assert done.returncode == 3
    assert "DATABASE_URL" in done.stderr


@pytest.mark.shared
def test_a_replay_prints_the_paragraph_that_the_oracle_agrees_with(
    shared: Path, tmp_path: Path
) -> None:
    logs = shared / "data" / "eventlogs"
    oracle = json.loads((logs / "receipt_oracle_summary.json").read_text())

    done = sunlight(
        *("replay", str(logs / "receipt.xes.gz"), "--mapping", "receipt"),
        *("--out", str(tmp_path), "--lang", "en"),
    )

    assert done.returncode == 0, done.stderr
    assert f"{oracle['cases']:,} cases, {oracle['log_rows']:,} events" in done.stdout
    assert f"{oracle['breach20_cn']} of {oracle['cases']:,} went over 20" in done.stdout
    assert f"Monday to Friday would say {oracle['breach20_mf']}" in done.stdout
    with (tmp_path / "clocks.csv").open(encoding="utf-8") as file:
        late = sum(
            row["rule"] == "receipt.decide" and row["state"] == "breached"
            for row in csv.DictReader(file)
        )
    assert late == oracle["breach20_cn"]
