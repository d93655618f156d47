"""What Lighthouse says of pages of a demonstration: `python -m tests.browser.lighthouse`.

Prints a Markdown table of all of them. Performance is told and never judged: it depends on what
else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from tests import needs
from tests.browser.catalogue import PAGES, Sight
from tests.browser.tour import Tour
from tests.system.installation import lived_in

PROGRAM: Final = needs.ROOT / ".cache/lighthouse/node_modules/lighthouse/cli/index.js"
CATEGORIES: Final = ("accessibility", "best-practices", "seo", "performance")
LEAST: Final = 95
CHOSEN: Final = (
    "home",
    "record",
    "find-case",
    "window-case",
    "tender",
    "monitor",
    "why",
    "roles",
    "tombstone",
)
"""A page of each kind: lists, forms, a table of many, a chart, a calendar."""
TOMBSTONE: Final = Sight("tombstone", "/records/{record_id}", public=True, listed=False)
"""Of a record withdrawn to be looked at: no link leads there, and it answers 410."""
WITHDRAWN: Final = {"ground": "政府信息公开条例 15", "reason": "published_in_error"}
FLAGS: Final = "--headless=new --no-sandbox"


@dataclass(frozen=True)
class Verdict:
    """Scores of 0 to 100 by category, and the audits that cost points."""

    sight: Sight
    scores: dict[str, int]
    lost: tuple[str, ...]

    def faults(self) -> list[str]:
        """Which scores are too low. A page that no search engine may list needs no SEO score."""
        judged = CATEGORIES[:3] if self.sight.public and self.sight.listed else CATEGORIES[:2]
        low = [f"{name} {self.scores[name]}" for name in judged if self.scores[name] < LEAST]
        return [*low, *self.lost] if low else []


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge every page of a demonstration started for it, or of a running one.

    In a running one nothing is withdrawn: the tombstone is left out.
    """
    parser = argparse.ArgumentParser(description="Lighthouse on every page.")
    parser.add_argument("--url", help="of a running demonstration")
    options = parser.parse_args(arguments)
    _say(f"| page | {' | '.join(CATEGORIES)} | audits that cost points |")
    _say(f"|---|{'---:|' * len(CATEGORIES)}---|")
    if options.url:
        _table(judged(Tour.of(options.url), [sight.name for sight in PAGES]))
    else:
        with lived_in() as installation:
            _table(judged(Tour.of(installation.url)))


def _table(verdicts: Iterator[Verdict]) -> None:
    for verdict in verdicts:
        scores = " | ".join(str(verdict.scores[name]) for name in CATEGORIES)
        row = f"| {verdict.sight.name} `{verdict.sight.route}` | {scores}"
        _say(f"{row} | {', '.join(verdict.lost)} |")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def judged(tour: Tour, names: Sequence[str] | None = None) -> Iterator[Verdict]:
    """The verdict on each page, or on those of `names`; withdraws a record for the tombstone."""
    if not PROGRAM.is_file():
        needs.require("needs Lighthouse 12.8.2 in .cache/lighthouse: see .ci/run")
    browser = needs.program("chromium", "google-chrome")
    for sight in (*PAGES, TOMBSTONE):
        if names is None or sight.name in names:
            yield _verdict(sight, _report(tour, sight, browser))


def _address(tour: Tour, sight: Sight) -> str:
    return tour.addresses[sight.name] if sight is not TOMBSTONE else _withdrawn(tour.base)


def _withdrawn(base: str) -> str:
    """The page of a record that is withdrawn now; an old one, that nobody else looks at."""
    records = f"{base}/api/disclosure/v1/records"
    found = httpx.get(records, params={"kind": "decision", "limit": 200}, timeout=60).json()
    number = found["items"][-1]["id"]
    officer = {"cookie": "sunlight-role=publisher"}
    address = f"{records}/{number}/withdraw"
    httpx.post(address, json=WITHDRAWN, headers=officer, timeout=60).raise_for_status()
    return f"/records/{number}"


def _report(tour: Tour, sight: Sight, browser: Path) -> dict[str, Any]:
    cookies = {"lang": "zh"}
    if sight.role:
        cookies["sunlight-role"] = sight.role
    if sight.name == "progress":
        cookies["sunlight-case"] = tour.query_code
    sent = json.dumps({"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        command = [
            *("node", str(PROGRAM), tour.base + _address(tour, sight), "--quiet"),
            "--ignore-status-code",
            *("--output=json", f"--output-path={out}", f"--chrome-flags={FLAGS}"),
            *("--preset=desktop", f"--extra-headers={sent}"),
            f"--only-categories={','.join(CATEGORIES)}",
        ]
        _run(command, {**os.environ, "CHROME_PATH": str(browser)})
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return report


def _run(command: Sequence[str], env: Mapping[str, str]) -> None:
    """Run it; once more where the browser did not answer in time, as on a busy machine."""
    for left in (1, 0):
        done = subprocess.run(
            command, env=env, check=False, timeout=180, capture_output=True, text=True
        )
        if done.returncode == 0:
            return
        assert left, done.stderr[-2000:]


def _verdict(sight: Sight, report: dict[str, Any]) -> Verdict:
    categories, audits = report["categories"], report["audits"]
    lost = [
        one["id"]
        for name in CATEGORIES[:3]
        for one in categories[name]["auditRefs"]
        if one["weight"] and (audits[one["id"]]["score"] or 0) < 1
        if audits[one["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual", "informative"}
    ]
    scores = {name: round(100 * (categories[name]["score"] or 0)) for name in CATEGORIES}
    return Verdict(sight, scores, tuple(lost))


if __name__ == "__main__":
    main()
