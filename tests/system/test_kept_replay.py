"""`sunlight replay --keep`, then `sunlight up` on what was kept: shown as it was judged."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.e_monitor import addresses
from tests.system.installation import Installation, sunlight

LOG = """case,activity,time
case-late,received,2024-03-04T09:00:00+08:00
case-late,closed,2024-04-30T09:00:00+08:00
case-open,received,2024-04-29T09:00:00+08:00
case-prompt,received,2024-03-04T10:00:00+08:00
case-prompt,closed,2024-03-06T10:00:00+08:00
"""
MAPPING = """
format: csv
zone: Asia/Shanghai
records:
  - name: step
    subject: case
    time: {field: time, as: instant}
    activity: activity
    events:
      - type: cn.sunlight.approval.case.received.v1
        pick: first
        activity: received
        data: {case_no: {of: subject}}
      - {type: cn.sunlight.approval.case.closed.v1, pick: last, activity: closed}
rules: [{id: receipt.decide}]
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording, how it is replayed into a folder, and the platform that shows it."""

    folder: Path
    installation: Installation

    def replay(self, keep: Path) -> subprocess.CompletedProcess[str]:
        """Replay the recording into the folder `keep`."""
        return sunlight(
            *("replay", str(self.folder / "log.csv"), "--mapping", str(self.folder / "hall.yaml")),
            *("--out", str(self.folder / "out"), "--keep", str(keep)),
        )

    def written(self) -> set[tuple[str, str, str]]:
        """Standing findings in `findings.csv`: subject, rule, due."""
        with (self.folder / "out" / "findings.csv").open() as file:
            return {
                (row["subject"], row["rule"], json.loads(row["evidence"])["due"])
                for row in csv.DictReader(file)
            }

    def shown(self) -> set[tuple[str, str, str]]:
        """The same of what the API shows."""
        address = f"{self.installation.url}/api/monitor/v1/findings?limit=100"
        items: list[dict[str, Any]] = (
            httpx.get(address, timeout=10).raise_for_status().json()["items"]
        )
        return {(one["subject"], one["rule"], one["evidence"]["due"]) for one in items}


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """A replay kept, and shown."""
    with tempfile.TemporaryDirectory(prefix="sunlight-kept-") as name:
        folder = Path(name)
        # Open to the database's account, so that it keeps its data here and not elsewhere.
        folder.chmod(0o711)
        (folder / "log.csv").write_text(LOG)
        (folder / "hall.yaml").write_text(MAPPING)
        made = Kept(folder, Installation(folder / "data"))
        done = made.replay(folder / "data")
        assert done.returncode == 0, done.stderr
        made.installation.start()
        yield made
        made.installation.end()


def test_the_findings_shown_are_those_of_the_replay(kept: Kept) -> None:
    # Twenty working days after Monday 4 March 2024 are over on Monday 1 April.
    assert kept.shown() == {("case-late", "receipt.decide", "2024-04-01")} == kept.written()


def test_a_clock_that_was_running_at_the_end_is_still_running(kept: Kept) -> None:
    address = f"{kept.installation.url}/api/monitor/v1/clocks/case-open"

    (clock,) = httpx.get(address, timeout=10).raise_for_status().json()["clocks"]

    assert clock["state"] == "running"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/monitor",
        addresses.subject("case-late"),
        addresses.why("case-late", "receipt.decide"),
        addresses.why("case-open", "receipt.decide"),
    ],
)
def test_pages_of_a_kept_recording_answer(kept: Kept, path: str) -> None:
    assert kept.installation.status(path) == 200


def test_it_says_that_its_time_stands(kept: Kept) -> None:
    kept.installation.wait_until_told("kept recording")


def test_a_second_replay_into_the_same_folder_is_refused(kept: Kept) -> None:
    done = kept.replay(kept.folder / "data")

    assert done.returncode == 3
    assert str(kept.folder / "data") in done.stderr
