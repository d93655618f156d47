"""Sorting on disk equals sorting in memory."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunlight.recording import external_sort
from sunlight.recording.external_sort import ExternalSort
from sunlight.recording.faults import KEPT_IN_MEMORY, Reject, RejectLog

KEYS = st.lists(st.tuples(st.integers(-5, 5), st.text(max_size=3)), max_size=120)


@given(keys=KEYS, run_bytes=st.integers(1, 400))
def test_external_sort_equals_sorted(keys: list[tuple[int, str]], run_bytes: int) -> None:
    rows = [(*key, place, {"data": [place, None, b"x"]}) for place, key in enumerate(keys)]
    with tempfile.TemporaryDirectory() as folder:
        sort = ExternalSort(Path(folder), "t", 3, run_bytes=run_bytes)
        for row in rows:
            sort.add(row, 20)
        assert list(sort.rows()) == sorted(rows, key=lambda row: row[:3])
        assert list(Path(folder).iterdir()) == []


def test_many_runs_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "MAX_RUNS", 3)
    sort = ExternalSort(tmp_path, "t", 1, run_bytes=1)
    for number in reversed(range(50)):
        sort.add((number, "x"), 1)
        assert len(list(tmp_path.iterdir())) <= 3
    assert [row[0] for row in sort.rows()] == list(range(50))


def test_many_rejects_go_to_a_file_and_keep_their_order(tmp_path: Path) -> None:
    log = RejectLog(tmp_path)
    for number in range(KEPT_IN_MEMORY * 2 + 5):
        log.append(Reject("f", f"line {number}", "code", "field", "message", "excerpt"))
    assert (tmp_path / "rejects.spill").stat().st_size > 0
    places = [reject.position for reject in log]
    assert places == [f"line {number}" for number in range(KEPT_IN_MEMORY * 2 + 5)]
    assert len(log) == len(places)
    log.close()
