"""A long recording is derived in two processes: with the same result, or with an error."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from sunlight.recording import Recording, RecordingError, load_mapping
from sunlight.recording import recording as recordings
from sunlight.recording.apart import Apart
from sunlight.recording.external_sort import ExternalSort
from sunlight.recording.kinds import Window
from sunlight.recording.terms import Terms
from tests.unit.recording.replaying import (
    NOW,
    assert_sums,
    silent,
    write,
    xes_event,
    xes_log,
    xes_trace,
)

PROGRAM = "sunlight.recording.share_process"
ACTIVITIES = ("Create Fine", "Payment", "x" * 101, "Send Fine", "")


@pytest.fixture
def long_from_the_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recording counts as long."""
    monkeypatch.setattr(recordings, "LONG", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def log(path: Path) -> Path:
    """A log whose subjects are accepted and rejected in turn, some standing in it twice."""
    times = ("2010-01-05T00:00:00Z", "2010-01-02T00:00:00Z", "1948-01-03T00:00:00Z", "never")
    events = [xes_event(activity, time) for activity in ACTIVITIES for time in times]
    traces = (xes_trace(f"A{n % 90}", *events[n % 7 :: 1 + n % 4]) for n in range(120))
    return write(path, xes_log(*traces))


def made(
    mapping: str, file: Path, workdir: Path, progress: Callable[..., None] = silent
) -> Recording:
    """A recording with its temporary files in `workdir`."""
    workdir.mkdir(exist_ok=True)
    return Recording(
        [file],
        load_mapping(mapping),
        region=None,
        as_stored=False,
        workdir=workdir,
        progress=progress,
        now=NOW,
    )


def result(recording: Recording) -> list[Any]:
    """Everything that can be seen of a recording."""
    events = list(recording.events())
    assert_sums(recording)
    told = (recording.counts, recording.subjects, recording.first, recording.last)
    return [events, list(recording.rejects), recording.marks, told]


def children() -> list[psutil.Process]:
    """The processes of this one that derive a share."""
    return [
        child for child in psutil.Process().children(recursive=True) if PROGRAM in child.cmdline()
    ]


def test_two_processes_make_what_one_makes(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = log(tmp_path / "a.xes")
    alone = result(made("traffic", file, tmp_path / "one"))
    request.getfixturevalue("long_from_the_first_byte")
    assert result(made("traffic", file, tmp_path / "two")) == alone
    assert len(alone[0]) > 100
    assert {reject.code for reject in alone[1]} == {"implausible", "time", "activity", "value"}
    assert list((tmp_path / "two").iterdir()) == []


@pytest.mark.shared
def test_two_processes_make_what_one_makes_of_the_receipt_log(
    shared: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = shared / "data/eventlogs/receipt.xes.gz"
    alone = result(made("receipt", file, tmp_path / "one"))
    request.getfixturevalue("long_from_the_first_byte")
    assert result(made("receipt", file, tmp_path / "two")) == alone
    assert alone[3][0].accepted == 8577


@pytest.mark.usefixtures("long_from_the_first_byte")
def test_process_that_is_killed_is_an_error(tmp_path: Path) -> None:
    def kill(_stage: str, _done: int, total: int | None) -> None:
        for child in children() if total is not None else ():
            child.kill()

    recording = made("traffic", log(tmp_path / "a.xes"), tmp_path / "work", kill)
    with pytest.raises(RecordingError, match="ended with status -9"):
        list(recording.events())


@pytest.mark.usefixtures("long_from_the_first_byte")
def test_process_ends_when_reading_is_broken_off(tmp_path: Path) -> None:
    found: list[int] = []

    def interrupt(_stage: str, _done: int, _total: int | None) -> None:
        found.append(len(children()))
        raise KeyboardInterrupt

    recording = made("traffic", log(tmp_path / "a.xes"), tmp_path / "work", interrupt)
    with pytest.raises(KeyboardInterrupt):
        recording.prepare()
    assert found == [1]
    assert children() == []


def test_what_the_process_raises_is_raised_here(tmp_path: Path) -> None:
    mapping = load_mapping("traffic")
    terms = Terms(
        files=(tmp_path / "a.xes",),
        suffixes=(".xes",),
        mapping=mapping,
        region=None,
        as_stored=False,
        workdir=tmp_path,
        window=Window.of(mapping, NOW),
    )
    share = ExternalSort(tmp_path, "subjects")
    share.add(("A1", 0, b""))
    share.settle()
    for run in tmp_path.glob("*.run"):
        run.unlink()
    with Apart() as apart:
        apart.give(terms, share)
        with pytest.raises(FileNotFoundError):
            apart.take()


def test_process_ends_with_its_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-m", PROGRAM],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
