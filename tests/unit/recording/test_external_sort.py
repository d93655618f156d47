"""Sorting on disk equals sorting in memory."""

import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunlight.recording import external_sort
from sunlight.recording.external_sort import ROW_BYTES, ExternalSort
from sunlight.recording.faults import KEPT_IN_MEMORY, Reject, RejectLog

KEYS = st.lists(st.tuples(st.integers(-5, 5), st.text(max_size=3)), max_size=120)


@given(keys=KEYS, run_bytes=st.integers(1, 30))
def test_external_sort_equals_sorted(keys: list[tuple[int, str]], run_bytes: int) -> None:
    rows = [(*key, place, ["between", None], b"x" * place) for place, key in enumerate(keys)]
    with tempfile.TemporaryDirectory() as folder:
        sort = ExternalSort(Path(folder), "t", run_bytes=run_bytes * ROW_BYTES)
        for row in rows:
            sort.add(row)
        assert list(sort.rows()) == sorted(rows, key=lambda row: row[:3])
        assert list(Path(folder).iterdir()) == []


def test_many_runs_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "MAX_RUNS", 3)
    sort = ExternalSort(tmp_path, "t", run_bytes=1)
    for number in reversed(range(50)):
        sort.add((number, b"x"))
        assert len(list(tmp_path.iterdir())) <= 3
    assert [row[0] for row in sort.rows()] == list(range(50))


def test_settled_sort_is_read_by_whoever_unpickles_it(tmp_path: Path) -> None:
    sort = ExternalSort(tmp_path, "t")
    for number in (3, 1, 2):
        sort.add((number, b"x"))
    sort.settle()
    copy = pickle.loads(pickle.dumps(sort))  # noqa: S301 - made one line above
    assert [row[0] for row in copy.rows()] == [1, 2, 3]


def test_many_rejects_go_to_a_file_and_keep_their_order(tmp_path: Path) -> None:
    log = RejectLog(tmp_path)
    for number in range(KEPT_IN_MEMORY * 2 + 5):
        log.append(Reject("f", f"line {number}", "code", "field", "message", "excerpt"))
    assert (tmp_path / "rejects.spill").stat().st_size > 0
    places = [reject.position for reject in log]
    assert places == [f"line {number}" for number in range(KEPT_IN_MEMORY * 2 + 5)]
    assert len(log) == len(places)
    log.close()
