"""OCDS publications under the shipped mapping, against what the publications say of themselves.

The standard's own worked example of a tender that was changed twice, and real releases of several
countries.
"""

import json
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sunlight.recording import Recording, load_mapping
from tests.oracles.replays import Replayed, replayed

pytestmark = pytest.mark.shared

STANDARD = "standard-1__1__5/docs/examples"
CHANGED = ("tender.json", "tenderUpdate.json", "tenderAmendment.json")


def read(path: Path) -> Any:
    """A document; a publication of none is none."""
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError:
        return {}


def releases(document: Any) -> Iterator[dict[str, Any]]:
    """Every release that a document holds in full, else what is compiled of them."""
    held = [one for one in document.get("releases", []) if "ocid" in one and "url" not in one]
    for record in document.get("records", []):
        yield from releases(record)
    if not held and "compiledRelease" in document:
        held = [document["compiledRelease"]]
    if not held and "records" not in document and "ocid" in document:
        held = [document]
    yield from held


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def events(folder: Path, *files: Path) -> list[dict[str, Any]]:
    """The events of some publications, as they are replayed."""
    recording = Recording(
        files,
        load_mapping("ocds"),
        region=None,
        as_stored=False,
        workdir=folder,
        progress=lambda *_: None,
        now=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return [json.loads(event.value) for event in recording.events()]


@pytest.fixture(scope="module")
def standard(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples of the standard."""
    folder = tmp_path_factory.mktemp("standard")
    with zipfile.ZipFile(shared / "data/ocds/ocds_standard_1__1__5.zip") as archive:
        for name in CHANGED:
            archive.extract(f"{STANDARD}/{name}", folder)
    return folder / STANDARD


@pytest.fixture(scope="module")
def publications(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Real publications of several countries."""
    folder = tmp_path_factory.mktemp("publications")
    with tarfile.open(shared / "data/ocds/real_examples.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return sorted(folder.rglob("*.json"))


@pytest.fixture(scope="module")
def run(publications: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """All of them, replayed."""
    return replayed(tmp_path_factory.mktemp("ocds"), "ocds", *publications)


def test_each_published_change_of_a_tender_is_a_clarification_with_the_deadline_after_it(
    standard: Path, tmp_path: Path
) -> None:
    told = [one for name in CHANGED for one in releases(read(standard / name))]
    expected = [
        (instant(one["date"]), instant(one["tender"]["tenderPeriod"]["endDate"]))
        for one in told
        if one["tag"][0] in {"tenderUpdate", "tenderAmendment"}
    ]
    found = [
        (instant(event["time"]), instant(event["data"]["bid_deadline"]))
        for event in events(tmp_path, *(standard / name for name in CHANGED))
        if event["type"] == "cn.sunlight.trading.tender.clarified.v1"
    ]
    assert len(expected) == 2
    assert found == expected


def test_a_tender_that_was_changed_is_published_once(standard: Path, tmp_path: Path) -> None:
    found = [event["type"] for event in events(tmp_path, *(standard / name for name in CHANGED))]
    assert found.count("cn.sunlight.trading.tender.published.v1") == 1


def test_every_real_tender_with_a_period_has_its_clock(
    publications: list[Path], run: Replayed
) -> None:
    periods = {
        one["ocid"]: one["tender"]["tenderPeriod"]
        for path in publications
        for one in releases(read(path))
        if (one.get("tender") or {}).get("tenderPeriod", {}).get("startDate")
        if one["tender"]["tenderPeriod"].get("endDate")
    }
    clocks = run.clocks("ocds.tender-period")
    assert len(periods) > 50
    assert set(clocks) == set(periods)


def test_no_real_tender_period_ends_before_it_starts(run: Replayed) -> None:
    assert run.summary["rules"]["ocds.tender-period"]["breached"] == 0
    assert run.rows("findings.csv") == []


def test_a_period_that_ends_before_it_starts_is_found(standard: Path, tmp_path: Path) -> None:
    package = read(standard / "tender.json")
    package["releases"][0]["tender"]["tenderPeriod"]["endDate"] = "2010-02-26T18:00:00Z"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(package), "utf-8")
    found = replayed(tmp_path / "out", "ocds", wrong).rows("findings.csv")
    assert [(row["rule"], row["subject"], row["severity"]) for row in found] == [
        ("ocds.tender-period", "ocds-213czf-000-00001", "info")
    ]
