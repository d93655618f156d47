"""The shared recordings, read under the shipped mappings, against independent counts.

No database and no rule: only what becomes of each record, case by case.
"""

import csv
import gzip
import json
import re
import resource
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sunlight.recording import Recording, load_mapping

pytestmark = pytest.mark.shared

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Replayed:
    """What a recording gave."""

    recording: Recording
    events: list[dict[str, Any]]

    def of(self, verb: str) -> dict[str, list[datetime]]:
        """The times of the events of a type by subject, in the order of emission."""
        found: dict[str, list[datetime]] = defaultdict(list)
        for event in self.events:
            if event["type"].endswith(f".{verb}.v1"):
                found[event["subject"]].append(datetime.fromisoformat(event["time"]))
        return found


def replayed(mapping: str, workdir: Path, *files: Path) -> Replayed:
    """Read files under a shipped mapping; the sums are always true."""
    made = Recording(
        files,
        load_mapping(mapping),
        region=None,
        as_stored=False,
        workdir=workdir,
        progress=lambda stage, done, total: None,
        now=NOW,
    )
    events = [json.loads(event.value) for event in made.events()]
    counts = made.counts
    assert counts.read == counts.accepted + counts.rejected + counts.duplicates
    assert counts.rejected == len(made.rejects)
    return Replayed(made, events)


def oracle(path: Path) -> list[dict[str, str]]:
    """The rows of an oracle."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def logs(shared: Path) -> Path:
    """The folder of event logs."""
    return shared / "data" / "eventlogs"


@pytest.fixture(scope="module")
def receipt(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The receipt log."""
    return replayed("receipt", tmp_path_factory.mktemp("receipt"), logs / "receipt.xes.gz")


@pytest.fixture(scope="module")
def bpic15(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The building permits."""
    return replayed("bpic15", tmp_path_factory.mktemp("bpic15"), logs / "bpic15_1.xes.gz")


def test_receipt_reads_every_event_of_every_case(receipt: Replayed) -> None:
    counts = receipt.recording.counts
    assert (counts.read, counts.accepted) == (8577, 8577)
    assert receipt.recording.subjects == 1434
    assert receipt.recording.last == datetime.fromisoformat("2012-01-23 15:42:54.644000+01:00")


@pytest.mark.parametrize(
    ("column", "verb"),
    [("received", "received"), ("finished", "closed"), ("t05_first", "receipt-issued")],
)
def test_receipt_dates_are_those_of_the_oracle(
    receipt: Replayed, logs: Path, column: str, verb: str
) -> None:
    expected = {
        row["case_id"]: [datetime.fromisoformat(row[column])] if row[column] else []
        for row in oracle(logs / "receipt_oracle.csv.gz")
    }
    found = receipt.of(verb)
    assert len(expected) == 1434
    assert {case: found.get(case, []) for case in expected} == expected


def _days(times: list[datetime]) -> list[str]:
    zone = ZoneInfo("Europe/Amsterdam")
    return [moment.astimezone(zone).date().isoformat() for moment in times]


@pytest.mark.parametrize(
    ("column", "verb"),
    [("received", "received"), ("ack", "receipt-issued"), ("decision", "decided")],
)
def test_permit_days_are_those_of_the_oracle(
    bpic15: Replayed, logs: Path, column: str, verb: str
) -> None:
    found = bpic15.of(verb)
    rows = oracle(logs / "bpic15_1_oracle.csv.gz")
    expected = {row["case_id"]: [row[column]] if row[column] else [] for row in rows}
    assert len(expected) == 1199
    assert {case: _days(found.get(case, [])) for case in expected} == expected


def test_permit_requests_and_receipts_are_counted_as_by_the_oracle(
    bpic15: Replayed, logs: Path
) -> None:
    paused, resumed = bpic15.of("paused"), bpic15.of("resumed")
    for row in oracle(logs / "bpic15_1_oracle.csv.gz"):
        case = row["case_id"]
        assert len(paused.get(case, [])) == int(row["n_requests"]), case
        assert len(resumed.get(case, [])) == int(row["n_receipts"]), case


def test_permit_pauses_that_were_closed_are_those_of_the_oracle(
    bpic15: Replayed, logs: Path
) -> None:
    paused, resumed = bpic15.of("paused"), bpic15.of("resumed")
    checked = 0
    for row in oracle(logs / "bpic15_1_oracle.csv.gz"):
        case = row["case_id"]
        # Each case asked at most once; a pause never closed ends by another event.
        if row["n_requests"] != "1" or row["open_pauses"] != "0":
            continue
        (start,) = paused[case]
        end = min(moment for moment in resumed[case] if moment >= start)
        assert "/".join(_days([start, end])) == row["pauses"], case
        checked += 1
    assert checked == 243


def test_pause_is_recorded_with_the_ground_of_the_recording(bpic15: Replayed) -> None:
    grounds = {
        event["data"]["ground"] for event in bpic15.events if event["type"].endswith("paused.v1")
    }
    assert grounds == {"missing_data"}


def _traces(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Activity and time of each event by trace, by plain text search: no XML parser of ours."""
    value = re.compile(r'key="(concept:name|time:timestamp)" value="([^"]*)"')
    trace: list[tuple[str, str]] = []
    event: dict[str, str] = {}
    inside = False
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = line.strip()
            if text == "<trace>":
                trace = []
            elif text == "<event>":
                inside, event = True, {}
            elif text == "</event>":
                inside = False
                trace.append((event["concept:name"], event["time:timestamp"]))
            elif text == "</trace>":
                yield trace
            elif inside and (found := value.search(text)):
                event[found[1]] = found[2]


def test_traffic_has_every_event_and_the_first_of_each_kind(logs: Path, tmp_path: Path) -> None:
    path = logs / "traffic.xes.gz"
    expected: Counter[str] = Counter()
    for trace in _traces(path):
        expected.update({activity for activity, _ in trace})
        expected["events"] += len(trace)
        expected["cases"] += 1
    started = time.perf_counter()
    made = Recording(
        [path],
        load_mapping("traffic"),
        region=None,
        as_stored=False,
        workdir=tmp_path,
        progress=lambda stage, done, total: None,
        now=NOW,
    )
    types: Counter[str] = Counter()
    before = datetime.min.replace(tzinfo=UTC)
    for event in made.events():
        assert event.recorded >= before
        assert event.topic == "registry"
        before = event.recorded
        types[event.value.split(b'"type":"', 1)[1].split(b'"', 1)[0].decode().split(".")[4]] += 1
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\n{made.counts.read} events in {seconds:.1f} s, peak {peak} MB")  # noqa: T201
    assert (expected["events"], expected["cases"]) == (561_470, 150_370)
    assert (made.counts.read, made.counts.accepted, made.subjects) == (561_470, 561_470, 150_370)
    assert types["created"] == expected["Create Fine"]
    assert types["sent"] == expected["Send Fine"]
    assert types["notified"] == expected["Insert Fine Notification"]
    assert types["appealed"] == expected["Insert Date Appeal to Prefecture"]
    assert types.total() == 561_470


@pytest.fixture(scope="module")
def yichang(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The notices of candidates and awards."""
    folder = shared / "data" / "tenders"
    names = ("yichang_awards_2025.jsonl.gz", "yichang_candidates_2025.jsonl.gz")
    files = [folder / name for name in names]
    return replayed("yichang", tmp_path_factory.mktemp("yichang"), *files)


def test_every_publicity_period_comes_out_and_is_at_least_three_days(yichang: Replayed) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    spans = []
    for event in yichang.events:
        if event["type"].endswith(".candidates-publicised.v1"):
            start, end = (
                datetime.fromisoformat(event["data"][name])
                for name in ("publicity_from", "publicity_until")
            )
            days = (end.astimezone(zone).date() - start.astimezone(zone).date()).days
            spans.append((days, (end - start).total_seconds() / 3600))
    assert len(spans) == 1078
    assert min(days for days, _ in spans) == 3
    assert sum(hours == 72 for _, hours in spans) == 417


def test_awards_join_their_candidates_and_one_is_before_the_end(yichang: Replayed) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    ends = {
        event["subject"]: datetime.fromisoformat(event["data"]["publicity_until"])
        for event in yichang.events
        if event["type"].endswith(".candidates-publicised.v1")
    }
    awards = [
        (event["subject"], datetime.fromisoformat(event["time"]))
        for event in yichang.events
        if event["type"].endswith(".decided.v1")
    ]
    joined = [(at, ends[lot]) for lot, at in awards if lot in ends]
    early = [at.astimezone(zone).date().isoformat() for at, end in joined if at < end]
    same_day = [
        at for at, end in joined if at.astimezone(zone).date() == end.astimezone(zone).date()
    ]
    assert (len(awards), len(joined)) == (1181, 856)
    assert early == ["2025-12-18"]
    assert len(same_day) == 51


def test_candidates_with_three_prices_or_more(yichang: Replayed) -> None:
    priced = Counter(
        sum("price" in candidate for candidate in event["data"]["candidates"]) >= 3
        for event in yichang.events
        if event["type"].endswith(".candidates-publicised.v1")
    )
    # 863 have three plain numbers; six of them are percentages or coefficients, not yuan.
    assert priced[True] == 863 - 6


def test_real_publications_are_accepted_or_rejected_with_a_reason(
    shared: Path, tmp_path: Path
) -> None:
    with tarfile.open(shared / "data" / "ocds" / "real_examples.tar.gz") as archive:
        archive.extractall(tmp_path / "examples", filter="data")
    files = sorted((tmp_path / "examples").rglob("*.json"))
    made = replayed("ocds", tmp_path, *files)
    assert len(files) > 250
    assert made.recording.counts.accepted > 150
    assert all(reject.code and reject.message for reject in made.recording.rejects)
    assert all(event["subject"].startswith("ocds-") for event in made.events)
